import GRDB
import TFSystem

/// A table of the record as the schema makes it. The list comes from the schema, so that no table and no column can be
/// forgotten when a record is moved.
struct RecordTable: Sendable, Hashable {
    struct Column: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case integer, text, bytes
        }

        let name: String
        let kind: Kind
    }

    let name: String
    let columns: [Column]
    /// The columns of the primary key: both engines give the rows in the same order by them.
    let key: [String]
    /// Whether the engine numbers its rows, and remembers the last number that it gave.
    let isNumbered: Bool

    /// All columns, for a statement.
    var list: String { columns.map(\.name).joined(separator: ", ") }

    /// All rows, in the order of the key; of content that is no attachment's yet, none.
    var select: String {
        let condition =
            name == MovedAttachments.table
            ? " WHERE EXISTS (SELECT 1 FROM attachment a WHERE a.company_id = \(name).company_id AND a.id = \(name).attachment_id)"
            : ""
        return "SELECT \(list) FROM \(name)\(condition) ORDER BY \(key.joined(separator: ", "))"
    }

    /// Every table that holds a part of the record, in the order of their names.
    static func all() throws -> [RecordTable] {
        try SQLite.translated {
            let schema = try DatabaseQueue()
            return try schema.write { db in
                for step in MigrationStep.all(.sqlite) { try db.execute(sql: step.sql) }
                // What begins so belongs to SQLite, or is the index of words.
                let names = try String.fetchAll(
                    db,
                    sql: """
                        SELECT name FROM sqlite_master
                        WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 12) <> 'search_index'
                        ORDER BY name
                        """)
                return try names.map { try RecordTable($0, db) }
            }
        }
    }

    private init(_ name: String, _ db: Database) throws {
        self.name = name
        let rows = try GRDB.Row.fetchAll(db, sql: "SELECT name, type, pk FROM pragma_table_info(?)", arguments: [name])
        columns = rows.map { row in
            let kind: Column.Kind =
                switch row["type"] as String {
                case "BIGINT", "INTEGER": .integer
                case "TEXT": .text
                case "BLOB": .bytes
                case let other: preconditionFailure("\(name) has a column of the type \(other)")
                }
            return Column(name: row["name"], kind: kind)
        }
        let parts = rows.filter { ($0["pk"] as Int) > 0 }.sorted { ($0["pk"] as Int) < ($1["pk"] as Int) }
        precondition(!parts.isEmpty, "\(name) has no primary key")
        key = parts.map { $0["name"] }
        isNumbered = parts.count == 1 && parts[0]["type"] == "INTEGER"
    }
}

/// What is compared of a table: how many rows it has, and a SHA-256 of all their values in the order of its key.
package struct TableProof: Sendable, Hashable {
    package let table: String
    package let rows: Int
    package let sha256: String
}

/// Makes the proof of a table row by row.
struct TableSum {
    private let digest = RunningDigest()
    private var bytes: [UInt8] = []
    private(set) var rows = 0

    mutating func add(_ row: [SQLValue]) {
        for value in row { add(value) }
        rows += 1
        if bytes.count > 1 << 16 { flush() }
    }

    mutating func end(_ table: RecordTable) -> TableProof {
        flush()
        return TableProof(table: table.name, rows: rows, sha256: digest.end())
    }

    /// The kind of a value, and its length if that may vary, so that no two rows are the same bytes.
    private mutating func add(_ value: SQLValue) {
        switch value {
        case .null: bytes.append(0)
        case .integer(let number): add(1, UInt64(bitPattern: number))
        case .real(let number): add(2, number.bitPattern)
        case .text(let text):
            add(3, UInt64(text.utf8.count))
            bytes += text.utf8
        case .blob(let blob):
            add(4, UInt64(blob.count))
            bytes += blob
        }
    }

    private mutating func add(_ kind: UInt8, _ number: UInt64) {
        bytes.append(kind)
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    private mutating func flush() {
        digest.add(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}
