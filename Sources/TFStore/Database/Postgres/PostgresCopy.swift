import CPQ

/// Rows in and out by COPY in its binary format: many times as fast as statements, and a row at a time in memory.
/// Source: postgresql.org/docs/15/sql-copy.html, "Binary Format"; libpq-copy.html.
extension PostgresConnection {
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
    /// No flags, and no extension.
    private static let header = signature + [UInt8](repeating: 0, count: 8)
    /// Sent in pieces of about so many bytes.
    private static let pieceBytes = 1 << 16

    /// Adds rows to a table.
    /// - Parameter give: calls its argument for each row, with values in the order of the types.
    /// - Throws: `UnfitValue` for a value of another kind than its column, or a text with a zero character.
    func copyIn(
        _ table: String, types: [PostgresType], columns: String, _ give: ((([SQLValue]) throws -> Void)) throws -> Void
    ) throws {
        let begun = PQexec(handle, "COPY \(table) (\(columns)) FROM STDIN (FORMAT binary)")
        defer { PQclear(begun) }
        guard PQresultStatus(begun) == PGRES_COPY_IN else { throw PostgresFailure(begun, handle) }
        var piece = Self.header
        do {
            try give { row in
                try Self.append(row, types, to: &piece)
                if piece.count > Self.pieceBytes { try self.send(&piece) }
            }
            piece += [0xFF, 0xFF]
            try send(&piece)
        } catch {
            PQputCopyEnd(handle, "the rows ended early")
            _ = try? ended()  // that it was refused is what we asked for
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw PostgresFailure(connecting: handle) }
        try ended()
    }

    /// Gives the rows of a query.
    func copyOut(_ query: String, types: [PostgresType], _ row: ([SQLValue]) throws -> Void) throws {
        let begun = PQexec(handle, "COPY (\(query)) TO STDOUT (FORMAT binary)")
        defer { PQclear(begun) }
        guard PQresultStatus(begun) == PGRES_COPY_OUT else { throw PostgresFailure(begun, handle) }
        var isFirst = true
        while true {
            var memory: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle, &memory, 0)
            guard length >= 0, let memory else {
                guard length == -1 else { throw PostgresFailure(connecting: handle) }
                return try ended()
            }
            defer { PQfreemem(memory) }
            var bytes = CopiedBytes(rest: UnsafeRawBufferPointer(start: memory, count: Int(length)))
            if isFirst { try bytes.skip(Self.header.count) }
            isFirst = false
            // Each piece is one row; the last has no row, only the mark of the end.
            while !bytes.isEmpty, let values = try bytes.row(types) { try row(values) }
        }
    }

    private func send(_ piece: inout [UInt8]) throws {
        let isSent = piece.withUnsafeBytes {
            PQputCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        guard isSent == 1 else { throw PostgresFailure(connecting: handle) }
        piece.removeAll(keepingCapacity: true)
    }

    /// Takes the answers behind the rows.
    private func ended() throws {
        var failure: (any Error)?
        while let result = PQgetResult(handle) {
            defer { PQclear(result) }
            do { try check(result) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    private static func append(_ row: [SQLValue], _ types: [PostgresType], to piece: inout [UInt8]) throws {
        append(Int16(row.count), to: &piece)
        for (value, type) in zip(row, types) {
            if value == .null {
                append(Int32(-1), to: &piece)
                continue
            }
            guard let bytes = type.bytes(of: value) else {
                throw UnfitValue(reason: "\(value) is not of the type \(type)")
            }
            if case .text = value, bytes.contains(0) { throw UnfitValue(reason: "a text has a zero character") }
            append(Int32(bytes.count), to: &piece)
            piece += bytes
        }
    }

    private static func append(_ number: some FixedWidthInteger, to piece: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { piece += $0 }
    }
}

/// What is left of a piece of COPY's answer.
private struct CopiedBytes {
    var rest: UnsafeRawBufferPointer

    var isEmpty: Bool { rest.isEmpty }

    mutating func skip(_ count: Int) throws { _ = try take(count) }

    /// nil: the rows are at their end.
    mutating func row(_ types: [PostgresType]) throws -> [SQLValue]? {
        let count = try number(Int16.self)
        guard count >= 0 else { return nil }
        return try types.map { type in
            let length = try number(Int32.self)
            return length < 0 ? .null : type.value(try take(Int(length)))
        }
    }

    private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        Number(bigEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: type))
    }

    private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count <= rest.count else {
            throw PostgresFailure(code: "XX000", message: "COPY gave less than it said")
        }
        let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return taken
    }
}
