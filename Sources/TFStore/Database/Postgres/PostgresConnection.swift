import CPQ
import TFSystem

/// A connection to PostgreSQL; all it does blocks its thread. Statements are prepared once by their text.
final class PostgresConnection {
    /// A statement with more values than this is not kept: its length depends on its values, so it is hardly used
    /// again.
    private static let limitKeptParameters = 60
    /// With more statements, all are forgotten: texts that depend on filters would fill the server's memory.
    private static let limitKept = 1_000

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
    /// How many statements were handed to libpq whose answers were not read. While there are some, it is in its pipeline
    /// mode: postgresql.org/docs/15/libpq-pipeline-mode.html.
    private var unread = 0
    /// Whether those are on their way, and end their transaction; otherwise they wait for the next one.
    private var isEnding = false
    /// Which of them tells the last migration, and of which statement it is; nil: none does.
    private var asked: (answer: Int, statement: Prepared)?

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
    /// Whether a transaction is open in which no statement is known to have failed.
    var isInTransaction: Bool { unread > 0 ? !isEnding : PQtransactionStatus(handle) == PQTRANS_INTRANS }
    /// Whether there is no transaction, neither a good one nor one that has failed.
    var isIdle: Bool { unread > 0 ? isEnding : PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// Runs several statements without values.
    /// - Returns: what the last one says that it did, such as `COMMIT`.
    @discardableResult
    func command(_ sql: String) throws -> String {
        try catchUp()
        let result = try next(PQsendQuery(handle, sql))
        defer { PQclear(result) }
        try check(result)
        return String(cString: PQcmdStatus(result))
    }

    /// Runs one statement, with `?` for each value.
    /// - Parameter limit: the number of rows to return at most; nil: all.
    /// - Returns: its rows, and how many rows it has changed or found.
    func run(_ sql: String, _ values: [SQLValue], limit: Int? = nil) throws -> (rows: [Row], count: Int) {
        let (statement, parameters) = try bound(sql, values)
        let result = try answer { send(statement, parameters) }
        defer { PQclear(result) }
        let rows = min(limit ?? .max, Int(PQntuples(result)))
        return (
            try (0..<rows).map { try row(Int32($0), of: result, statement) },
            Int(String(cString: PQcmdTuples(result))) ?? 0
        )
    }

    /// Runs one statement of a transaction without waiting for its answer: it is sent with the next one that somebody waits
    /// for. Its error is thrown there, and nothing behind it was run.
    func runLater(_ sql: String, _ values: [SQLValue] = []) throws {
        let (statement, parameters) = try bound(sql, values)
        try hand { send(statement, parameters) }
    }

    /// Begins a transaction that reads from one snapshot, without waiting for it.
    /// - Parameter isFenced: whether the first answer that is waited for is the refusal of a schema that this program does
    ///   not know.
    func beginReading(isFenced: Bool) throws -> PostgresTransaction {
        try runLater("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if isFenced { try askForSchema() }
        return PostgresTransaction(self)
    }

    private func askForSchema() throws {
        // A migration keeps this table to itself. Whoever waits for it here has no snapshot yet, and sees what it has made.
        try runLater("LOCK TABLE migration IN ACCESS SHARE MODE")
        let (statement, parameters) = try bound(SchemaFence.question, [])
        try hand { send(statement, parameters) }
        asked = (unread - 1, statement)
    }

    /// Ends a transaction that has only read, without waiting for it.
    func endReading() throws {
        try runLater("COMMIT")
        guard PQpipelineSync(handle) == 1 else { throw PostgresFailure(nil, handle) }
        isEnding = true
    }

    private func bound(_ sql: String, _ values: [SQLValue]) throws -> (Prepared, PostgresParameters) {
        let statement = try prepared(sql, values.count)
        return (statement, try PostgresParameters(values, types: statement.parameters))
    }

    private func send(_ statement: Prepared, _ parameters: PostgresParameters) -> Int32 {
        parameters.with { count, addresses, lengths, formats in
            PQsendQueryPrepared(handle, statement.name, count, addresses, lengths, formats, 1)
        }
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
        let isKept = values <= Self.limitKeptParameters
        if isKept, kept.count >= Self.limitKept {
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
        try hand { PQsendPrepare(handle, name, sql, 0, nil) }
        let described = try answer { PQsendDescribePrepared(handle, name) }
        defer { PQclear(described) }
        let columns = 0..<PQnfields(described)
        return Prepared(
            name: name, parameters: (0..<PQnparams(described)).map { PQparamtype(described, $0) },
            columns: columns.map { PQfname(described, $0).map { String(cString: $0) } ?? "" },
            types: columns.map { PQftype(described, $0) })
    }

    // MARK: Answers

    /// Hands a statement to libpq, which keeps it until `answer` or `catchUp` is called.
    private func hand(_ send: () -> Int32) throws {
        if isEnding { try catchUp() }
        if unread == 0, PQenterPipelineMode(handle) == 0 { throw PostgresFailure(nil, handle) }
        guard send() == 1 else {
            isGivenUp = true
            throw PostgresFailure(nil, handle)
        }
        unread += 1
    }

    /// The answer to a statement, after those to what waited to be sent with it.
    /// - Throws: the first error of them.
    private func answer(_ send: () -> Int32) throws -> OpaquePointer? {
        if isEnding { try catchUp() }
        if unread > 0 {
            try hand(send)
            return try lastAnswer()
        }
        let result = try next(send())
        do { try check(result) } catch {
            PQclear(result)
            throw error
        }
        return result
    }

    /// Sends what waits, and reads all answers.
    /// - Throws: the first error of them.
    func catchUp() throws { if unread > 0 { PQclear(try lastAnswer()) } }

    private func lastAnswer() throws -> OpaquePointer? {
        if !isEnding, PQpipelineSync(handle) == 0 { isGivenUp = true }
        var last: OpaquePointer?
        var failure: (any Error)?
        for answer in 0..<unread where isOpen {
            PQclear(last)
            last = try next(1)
            do {
                try check(last)
                if asked?.answer == answer { try checkSchema(last) }
            } catch { failure = failure ?? error }
        }
        (unread, isEnding, asked) = (0, false, nil)
        guard isOpen, leavesPipeline() else {
            PQclear(last)
            isGivenUp = true
            if let lost = failure as? PostgresFailure, lost.isLoss { throw lost }
            throw PostgresFailure(nil, handle)
        }
        if let failure {
            PQclear(last)
            throw failure
        }
        return last
    }

    /// - Throws: `DatabaseFailure` with the refusal `.upgraded` or `.moved` if this program does not know the last migration.
    private func checkSchema(_ result: OpaquePointer?) throws {
        guard let asked, PQntuples(result) > 0 else { return }
        try SchemaFence.check(row(0, of: result, asked.statement)[0] as String?)
    }

    /// Reads the mark behind the last answer.
    private func leavesPipeline() -> Bool {
        guard let mark = try? next(1) else { return false }
        defer { PQclear(mark) }
        return PQresultStatus(mark) == PGRES_PIPELINE_SYNC && PQexitPipelineMode(handle) == 1
    }

    private func next(_ isSent: Int32) throws -> OpaquePointer? {
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
