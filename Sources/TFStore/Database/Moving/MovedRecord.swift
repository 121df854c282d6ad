import TFSystem

/// One side of a move: a whole record, of which nobody else changes anything meanwhile.
protocol MovedRecord {
    /// Gives each row of a table, in the order of its key, with its columns in the order of the schema.
    func rows(of table: RecordTable, _ row: ([SQLValue]) throws -> Void) throws

    /// How many rows a table has.
    func count(_ table: RecordTable) throws -> Int

    /// For each numbered table the last number that a row was given, be it that the row is gone; of those that never had
    /// one, nothing.
    func lastNumbers(of tables: [RecordTable]) throws -> [String: Int64]
}

/// The side that is moved to: empty tables of this version's schema.
protocol RecordTarget: MovedRecord {
    /// Adds rows to a table.
    /// - Parameter give: called once; calls its argument for each row.
    func add(to table: RecordTable, _ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws

    /// Makes what is best made at the end, and continues the numbers behind the last ones.
    func complete(after numbers: [String: Int64]) throws
}

/// Why a record was not moved, with what to do.
package enum MoveError: Error, CustomStringConvertible {
    /// Programs have the record open.
    case inUse(String)
    /// There is something already where it is to go.
    case notEmpty(String, remedy: String)
    /// Both are in the same kind of place: the database's own tools do that.
    case sameEngine(String)
    case noRoom(String, needed: Int64, free: Int64)
    /// A value that the other engine cannot hold.
    case unfit(table: String, row: Int, reason: String)
    /// What arrived is not what was sent.
    case differs(from: TableProof, to: TableProof)

    package var description: String {
        switch self {
        case .inUse(let place):
            "the record in \(place) is in use; stop tf-daemon and tf-web on every machine, and whatever else has it open, "
                + "and begin again"
        case .notEmpty(let place, let remedy): "\(place) is not empty, and a move mixes with nothing; \(remedy)"
        case .sameEngine(let remedy): "nothing is to be moved from one kind of place to the same kind; \(remedy)"
        case .noRoom(let path, let needed, let free):
            "there is no room in \(path): about \(ByteCount.text(needed)) are needed and \(ByteCount.text(free)) are free; "
                + "make room there, or name another disk"
        case .unfit(let table, let row, let reason):
            "row \(row) of \(table) cannot be kept there: \(reason); nothing was moved"
        case .differs(let from, let to):
            "\(from.table) has \(to.rows) rows with the hash \(to.sha256.prefix(16)) there, and \(from.rows) with "
                + "\(from.sha256.prefix(16)) here; nothing was moved, and the record stays where it is"
        }
    }
}

/// Moves a record from one engine to the other.
package enum StoreMove {
    /// How far it is.
    package struct Step: Sendable {
        package let table: String
        /// Rows of the table that were copied, or compared.
        package let rows: Int
        package let isComparing: Bool
        /// What was compared is equal, and this is the end of the table.
        package let proof: TableProof?
    }

    /// The rows between two steps.
    private static let rowsAStep = 2_000

    /// Copies all tables, then reads each again and compares.
    /// - Throws: `MoveError`, or what one of the engines says.
    static func copy(
        from source: some MovedRecord, to target: some RecordTarget, _ tables: [RecordTable],
        _ step: (Step) throws -> Void
    ) throws {
        var sent: [TableProof] = []
        for table in tables {
            try target.add(to: table) { add in
                sent.append(
                    try proof(of: table, in: source, step: { try step(Step($0, of: table)) }) { row, number in
                        do { try add(row) } catch let unfit as UnfitValue {
                            throw MoveError.unfit(table: table.name, row: number, reason: unfit.reason)
                        }
                    })
            }
        }
        try target.complete(after: source.lastNumbers(of: tables))
        for (table, sent) in zip(tables, sent) {
            let arrived = try proof(of: table, in: target, step: { try step(Step($0, of: table, isComparing: true)) })
            guard arrived == sent else { throw MoveError.differs(from: sent, to: arrived) }
            try step(Step(arrived.rows, of: table, isComparing: true, proof: arrived))
        }
    }

    /// The proof of a table as it is in a record.
    static func proof(
        of table: RecordTable, in record: some MovedRecord, step: (Int) throws -> Void = { _ in },
        _ row: ([SQLValue], Int) throws -> Void = { _, _ in }
    ) throws -> TableProof {
        var sum = TableSum()
        try record.rows(of: table) { values in
            sum.add(values)
            try row(values, sum.rows)
            if sum.rows.isMultiple(of: rowsAStep) { try step(sum.rows) }
        }
        return sum.end(table)
    }
}

extension StoreMove.Step {
    fileprivate init(_ rows: Int, of table: RecordTable, isComparing: Bool = false, proof: TableProof? = nil) {
        self.init(table: table.name, rows: rows, isComparing: isComparing, proof: proof)
    }
}

/// A value that an engine cannot hold.
struct UnfitValue: Error {
    let reason: String
}
