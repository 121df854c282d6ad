import CSQLite
import GRDB

/// A prepared statement, run by SQLite's own functions: every value of every row passes through here, and to pass it
/// through the library's rows and cursors costs several times as much as SQLite needs to find it.
struct SQLiteStatement {
    /// Lets SQLite copy a value that is bound.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let statement: Statement
    private let handle: OpaquePointer

    init(_ statement: Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
    }

    /// - Parameter limit: the number of rows to read at most; nil: all.
    func rows(_ values: [SQLValue], limit: Int?) throws -> [Row] {
        try bind(values)
        defer { reset() }
        let columns = statement.columnNames
        var rows: [Row] = []
        while rows.count < limit ?? .max, try step() {
            rows.append(Row(columns: columns, values: columns.indices.map { value(Int32($0)) }))
        }
        return rows
    }

    /// Gives each row, one at a time.
    func each(_ row: ([SQLValue]) throws -> Void) throws {
        let columns = statement.columnNames.indices.map(Int32.init)
        defer { reset() }
        while try step() { try row(columns.map(value)) }
    }

    /// Runs it to its end.
    func run(_ values: [SQLValue]) throws {
        try bind(values)
        defer { reset() }
        while try step() {}
    }

    /// - Returns: whether there is a further row.
    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    /// Ends what it does: a statement that is not at its end keeps its snapshot.
    private func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func failure(_ code: Int32) -> any Error {
        // The library interrupts what runs for a task that was cancelled.
        guard code & 0xFF != SQLITE_INTERRUPT else { return CancellationError() }
        return DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))),
            sql: statement.sql)
    }

    // MARK: Values

    private func bind(_ values: [SQLValue]) throws {
        let wanted = Int(sqlite3_bind_parameter_count(handle))
        guard values.count == wanted else {
            throw DatabaseError(
                resultCode: .SQLITE_MISUSE, message: "\(values.count) values for a statement of \(wanted)",
                sql: statement.sql)
        }
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else {
                defer { reset() }
                throw failure(code)
            }
        }
    }

    private func bind(_ value: SQLValue, at place: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, place)
        case .integer(let number): return sqlite3_bind_int64(handle, place, number)
        case .real(let number): return sqlite3_bind_double(handle, place, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                // An empty buffer may have no address, which would be NULL.
                guard let first = utf8.baseAddress else { return sqlite3_bind_text(handle, place, "", 0, Self.copied) }
                return first.withMemoryRebound(to: CChar.self, capacity: utf8.count) { first in
                    sqlite3_bind_text(handle, place, first, Int32(utf8.count), Self.copied)
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, place, 0) }
            return sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), Self.copied)
        }
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            .text(
                String(
                    decoding: UnsafeBufferPointer(
                        start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column))),
                    as: UTF8.self))
        case SQLITE_BLOB:
            .blob(
                Array(
                    UnsafeRawBufferPointer(
                        start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))))
        default: .null
        }
    }
}
