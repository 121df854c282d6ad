import Foundation
import TFDefinition
import TFExpression
import TFSystem

/// The record: everything that was acknowledged is in this SQLite file.
///
/// `read` gives one snapshot and `write` one transaction. What checks before it changes, or takes several transactions
/// on purpose, is a method of the store itself. Times in rows are milliseconds since 1970, UTC, given by the caller.
package struct Store: Sendable {
    let database: SQLite
    private let commits: GroupCommit
    let revisions = RevisionCache()
    private let bell: StoreBell
    let mark: HandlingMark
    #if DEBUG
        let tally = StatementTally()
    #endif
    /// The bytes of what people sent.
    package let files: AttachmentFiles
    /// The public address, without a slash at its end, for the links in tickets and jobs.
    package let baseURL: String
    /// For whom this copy works; nil: for the program itself.
    var caller: Caller?

    /// Opens the store in `directory` and brings its schema up to date.
    ///
    /// Both programs open it at any moment, so opening and migrating happen under a lock on `store.lock`: two
    /// processes that create the same file would race on its journal mode.
    /// - Parameters:
    ///   - directory: made with mode 0700 where it is missing.
    ///   - baseURL: for links.
    /// - Throws: `StoreOpenError`, `FileFailure` or `DatabaseFailure`.
    package init(directory: String, baseURL: String) throws {
        try DataDirectory.prepare(directory)
        let lock = try FileLock(directory + "/store.lock")
        defer { lock.release() }
        database = try SQLite(path: directory + "/store.db")
        try database.migrate()
        commits = GroupCommit(database.pool)
        self.baseURL = baseURL
        files = try AttachmentFiles(directory: directory + "/attachments")
        bell = try StoreBell(path: directory + "/" + Self.bellName)
        mark = try HandlingMark(path: directory + "/engine.mark")
    }

    /// The file in the data directory whose time changes after every commit, for inotify's IN_ATTRIB.
    package static let bellName = "store.wake"

    /// Closes the connections.
    package func close() throws {
        try database.close()
        bell.close()
        mark.close()
    }

    /// One snapshot.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (ReadSession) throws -> Value
    ) async throws -> Value {
        try await database.read { connection in try body(ReadSession(connection, of: self)) }
    }

    /// One transaction; when it is committed, whoever waits for work is woken.
    ///
    /// A request that was sent before changes nothing and gets what the first one got.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        let value = try await commits.write { connection in
            let session = WriteSession(connection, of: self)
            if let earlier: Value = try session.earlierResult() { return earlier }
            let value = try body(session)
            try session.remember(value)
            return value
        }
        bell.ring()
        return value
    }

    /// How often what a change was checked against may have changed before the change was made.
    private static let checkLimit = 5

    /// A change that is checked first, and then made in one transaction.
    ///
    /// Whatever takes long is done by `check`, which only reads, so that nobody else's change waits for it. The
    /// transaction looks again at the little that the check rested on, and throws `CheckIsStale` where that is another
    /// by now: then all is done again.
    /// - Throws: what `check` and `body` throw; `StoreError.conflict` where it had to be done again too often.
    @discardableResult
    func write<Checked: Sendable, Value: Sendable>(
        checking check: @escaping @Sendable (ReadSession) throws -> Checked,
        _ body: @escaping @Sendable (WriteSession, Checked) throws -> Value
    ) async throws -> Value {
        for _ in 0..<Self.checkLimit {
            let (earlier, checked): (Value?, Checked?) = try await read { session in
                // What was done already is not checked again: it has changed what it would be checked against.
                if let earlier: Value = try session.earlierResult() { return (earlier, nil) }
                return (nil, try check(session))
            }
            if let earlier { return earlier }
            guard let checked else { continue }
            do { return try await write { session in try body(session, checked) } } catch is CheckIsStale { continue }
        }
        throw StoreError.conflict("what this depends on was changed again and again meanwhile; send it once more")
    }

    /// One transaction that is no part of what the caller asked for, such as counting a failed sign-in.
    @discardableResult
    package func writeAside<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await commits.write { connection in try body(WriteSession(connection, of: self)) }
    }

    /// How many writes wait for the writer of this process.
    var waitingWrites: Int { commits.waiting }

    /// Moves what is in the write-ahead log into the database file.
    package func checkpoint() async throws { try await database.checkpoint() }
}

/// Why a store did not open.
package enum StoreOpenError: Error, CustomStringConvertible {
    case notSynchronous
    case foreignDirectory(String, owner: String)
    /// What stands in the data directory, or in its place, is nothing to write into.
    case unsafe(String, problem: String, remedy: String)
    case unprotected(String, errno: Int32)
    /// - number: its last migration; nil: it is no store of ours, or of a version before the first release.
    case otherSchema(String, number: Int?)

    package var description: String {
        switch self {
        case .foreignDirectory(let path, let owner):
            "the data directory \(path) belongs to \(owner); run this as \(owner), or name a directory of your own"
        case .unsafe(let path, let problem, let remedy): "\(path) \(problem); \(remedy)"
        case .unprotected(let path, let code):
            "cannot keep others from \(path): \(String(cString: strerror(code))); the data directory must be writable, on a "
                + "disk that knows owners and modes"
        case .otherSchema(let path, let number?):
            "\(path) was made by a newer version (schema \(number)); run that one, or restore a backup from before"
        case .otherSchema(let path, nil):
            "\(path) was made by another program or by a version before the first release; name another data directory"
        case .notSynchronous: "SQLite does not take synchronous = FULL; acknowledged work would not survive a power cut"
        }
    }
}
