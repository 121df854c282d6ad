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
    let diagrams = DiagramCache()
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
        commits = GroupCommit(database.pool) { [revisions] in revisions.transactionEnded() }
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
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        let value = try await writeAside(body)
        bell.ring()
        return value
    }

    /// One transaction that makes no work for anybody, such as counting a failed sign-in.
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
