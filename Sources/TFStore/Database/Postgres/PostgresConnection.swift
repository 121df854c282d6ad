import CPQ
import TFSystem

/// A connection to PostgreSQL; all it does blocks its thread. Statements are prepared once by their text.
final class PostgresConnection {
    /// A statement with more values than this is not kept: its length depends on its values, so it is hardly used
    /// again.
    private static let mostKeptParameters = 60
    /// With more statements, all are forgotten: texts that depend on filters would fill the server's memory.
    private static let mostKept = 1_000

    private struct Prepared {
        let name: String
        let parameters: [Oid]
        let columns: [String]
        let types: [Oid]
    }

    /// How long a lock is waited for.
    static let lockTimeout = "30s"
    /// A session that was cut off in a transaction keeps its locks for so long; no change that works rests as long.
    private static let idleTimeout = "10s"
    /// Of a snapshot, which locks nothing.
    private static let readersIdleTimeout = "60s"

    /// Names this connection among all that ever were, in its transactions' marks.
    let name = Random.token()
    /// The number of its last transaction that writes.
    var transactions: Int64 = 0
    let handle: OpaquePointer
    private let answers: PostgresAnswers
    /// The server was given up: it does not answer any more.
    private var isGivenUp = false
    private var kept: [String: Prepared] = [:]
    private var made = 0

    /// - Parameters:
    ///   - url: as libpq takes it: postgresql.org/docs/15/libpq-connect.html.
    ///   - isReadOnly: whether the server is to refuse every change.
    /// - Throws: `PostgresFailure`.
    init(_ url: String, isReadOnly: Bool = false) throws {
        // What stands before the address is a default, which the address may replace; what stands behind it is not.
        let settings = [
            ("connect_timeout", "3"), ("tcp_user_timeout", "10000"), ("keepalives_idle", "5"),
            ("keepalives_interval", "2"), ("keepalives_count", "3"), ("application_name", "ticketflower"),
            ("dbname", url), ("client_encoding", "UTF8"),
        ]
        handle = try Self.connected(settings, to: PostgresServer.all(in: url))
        answers = PostgresAnswers(handle, url: url)
        tf_pq_silence(handle)
        try command(
            """
            SET statement_timeout = '60s'; SET lock_timeout = '\(Self.lockTimeout)';
            SET idle_in_transaction_session_timeout = '\(isReadOnly ? Self.readersIdleTimeout : Self.idleTimeout)';
            SET default_transaction_read_only = \(isReadOnly ? "on" : "off")
            """)
    }

    deinit { PQfinish(handle) }

    private static func connected(
        _ settings: [(name: String, value: String)], to servers: [PostgresServer]
    ) throws -> OpaquePointer {
        var refusals: [String] = []
        for server in servers {
            guard let connection = open(settings + server.settings) else {
                throw PostgresFailure(code: nil, message: "no memory for a connection")
            }
            if PQstatus(connection) == CONNECTION_OK { return connection }
            defer { PQfinish(connection) }
            let refusal = PostgresFailure(connecting: connection).message
            if !refusals.contains(refusal) { refusals.append(refusal) }
        }
        throw PostgresFailure(code: nil, message: refusals.joined(separator: "; "))
    }

    /// Tries to connect; `PQstatus` tells whether it is done.
    /// - Returns: nil: there is no memory for it.
    static func open(_ settings: [(name: String, value: String)]) -> OpaquePointer? {
        let texts = settings.flatMap { [$0.name, $0.value] }.map { Array($0.utf8CString) }
        var memory = texts.flatMap(\.self)
        return memory.withUnsafeMutableBufferPointer { memory -> OpaquePointer? in
            var (names, values): ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) = ([], [])
            var start = 0
            for (index, text) in texts.enumerated() {
                let address = memory.baseAddress.map { UnsafePointer($0 + start) }
                if index.isMultiple(of: 2) { names.append(address) } else { values.append(address) }
                start += text.count
            }
            return PQconnectdbParams(names + [nil], values + [nil], 1)
        }
    }

    /// Such as 150018 for 15.18.
    var version: Int { Int(PQserverVersion(handle)) }
    var isOpen: Bool { !isGivenUp && PQstatus(handle) == CONNECTION_OK }
    /// Whether a transaction is open in which no statement has failed.
    var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }
    /// Whether there is no transaction, neither a good one nor one that has failed.
    var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// Runs several statements without values.
    /// - Returns: what the last one says that it did, such as `COMMIT`.
    @discardableResult
    func command(_ sql: String) throws -> String {
        let result = try answer(PQsendQuery(handle, sql))
        defer { PQclear(result) }
        try check(result)
        return String(cString: PQcmdStatus(result))
    }

    /// Runs one statement, with `?` for each value.
    /// - Parameter limit: the number of rows to return at most; nil: all.
    /// - Returns: its rows, and how many rows it has changed or found.
    func run(_ sql: String, _ values: [SQLValue], limit: Int? = nil) throws -> (rows: [Row], count: Int) {
        let statement = try prepared(sql, values.count)
        let parameters = try PostgresParameters(values, types: statement.parameters)
        let result = try answer(
            parameters.with { count, addresses, lengths, formats in
                PQsendQueryPrepared(handle, statement.name, count, addresses, lengths, formats, 1)
            })
        defer { PQclear(result) }
        try check(result)
        let rows = min(limit ?? .max, Int(PQntuples(result)))
        return (
            try (0..<rows).map { try row(Int32($0), of: result, statement) },
            Int(String(cString: PQcmdTuples(result))) ?? 0
        )
    }

    private func row(_ row: Int32, of result: OpaquePointer?, _ statement: Prepared) throws -> Row {
        let values = try statement.types.enumerated().map { index, type -> SQLValue in
            let column = Int32(index)
            guard PQgetisnull(result, row, column) == 0, let first = PQgetvalue(result, row, column) else {
                return .null
            }
            guard let known = PostgresType(rawValue: type) else {
                throw PostgresFailure(
                    code: "42804",
                    message:
                        "the column \(statement.columns[index]) is of the type \(type), which the store does not use")
            }
            return known.value(
                UnsafeRawBufferPointer(start: first, count: Int(PQgetlength(result, row, column))))
        }
        return Row(columns: statement.columns, values: values)
    }

    // MARK: Statements

    private func prepared(_ sql: String, _ values: Int) throws -> Prepared {
        if let known = kept[sql] { return known }
        let isKept = values <= Self.mostKeptParameters
        if isKept, kept.count >= Self.mostKept {
            try command("DEALLOCATE ALL")
            kept = [:]
        }
        made += 1
        let name = isKept ? "s\(made)" : ""
        let statement = try prepare(PostgresStatement(sql).sql, as: name)
        if isKept { kept[sql] = statement }
        return statement
    }

    private func prepare(_ sql: String, as name: String) throws -> Prepared {
        let result = try answer(PQsendPrepare(handle, name, sql, 0, nil))
        defer { PQclear(result) }
        try check(result)
        let described = try answer(PQsendDescribePrepared(handle, name))
        defer { PQclear(described) }
        try check(described)
        let columns = 0..<PQnfields(described)
        return Prepared(
            name: name, parameters: (0..<PQnparams(described)).map { PQparamtype(described, $0) },
            columns: columns.map { PQfname(described, $0).map { String(cString: $0) } ?? "" },
            types: columns.map { PQftype(described, $0) })
    }

    private func answer(_ isSent: Int32) throws -> OpaquePointer? {
        do { return try answers.next(isSent) } catch {
            isGivenUp = true
            throw error
        }
    }

    func check(_ result: OpaquePointer?) throws {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
        default: throw PostgresFailure(result, handle)
        }
    }
}
