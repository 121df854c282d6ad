import Foundation
import TFDefinition
import TFExpression
import TFSystem

/// The system of record: every change that was acknowledged is in this SQLite file.
///
/// `read` reads from one snapshot and `write` changes in one transaction. Methods of the store itself check before they
/// change, or take several transactions on purpose. Times in rows are milliseconds since 1970, UTC, given by the
/// caller.
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
    /// The files that people uploaded.
    package let files: AttachmentFiles
    /// The site's public URL, without a slash at its end, for links to tickets and jobs.
    package let baseURL: String
    /// On whose behalf this copy acts, for the audit log; nil: the program itself.
    var caller: Caller?

    /// Opens the store in `directory` and brings its schema up to date.
    ///
    /// Both programs may open it at any moment, so opening and migrating happen under a lock on `store.lock`: two
    /// processes that create the same file would race on its journal mode.
    /// - Parameters:
    ///   - directory: the data directory; made with mode 0700 if it is missing.
    ///   - baseURL: the site's public URL, for links.
    ///   - upgradeBackups: how many copies from before an upgrade are kept; 0: none is made.
    /// - Throws: `StoreOpenError`, `FileFailure` or `DatabaseFailure`.
    package init(directory: String, baseURL: String, upgradeBackups: Int = 2) throws {
        try DataDirectory.prepare(directory)
        let lock = try FileLock(directory + "/store.lock")
        defer { lock.release() }
        database = try StoreOpenError.explained(directory) {
            let database = try SQLite(path: directory + "/store.db")
            let schema = try database.schema()
            if schema > 0, schema < Migration.newest {
                try UpgradeBackup(directory: directory, count: upgradeBackups).make(of: database, schema: schema)
            }
            try database.migrate()
            return database
        }
        commits = GroupCommit(database) { [revisions] in revisions.transactionEnded() }
        self.baseURL = baseURL
        files = try AttachmentFiles(directory: directory + "/attachments")
        bell = try StoreBell(path: directory + "/" + Self.bellName)
        mark = try HandlingMark(path: directory + "/engine.mark")
    }

    /// Opens a store that exists to read it, and changes nothing in it: its schema stays as it is.
    /// - Throws: `StoreOpenError`, also if the store was made by a newer version, or has yet to be brought up to date;
    ///   `FileFailure` or `DatabaseFailure`.
    package init(reading directory: String, baseURL: String) throws {
        try DataDirectory.check(directory)
        database = try StoreOpenError.explained(directory) { try SQLite(reading: directory + "/store.db") }
        commits = GroupCommit(database)
        self.baseURL = baseURL
        files = try AttachmentFiles(directory: directory + "/attachments", isReadOnly: true)
        bell = StoreBell()
        mark = HandlingMark()
    }

    /// Whether a data directory has a store.
    package static func exists(in directory: String) -> Bool {
        FileManager.default.fileExists(atPath: directory + "/store.db")
    }

    /// The file that `tf-daemon restore` keeps in a data directory until it is filled.
    package static let unfinishedName = "restore.unfinished"

    /// The file in the data directory whose modification time changes after every commit; watched with inotify
    /// (IN_ATTRIB).
    package static let bellName = "store.wake"

    /// Closes the connections and files.
    package func close() throws {
        try database.close()
        bell.close()
        mark.close()
    }

    /// Reads from one snapshot.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (ReadSession) throws -> Value
    ) async throws -> Value {
        try await database.read { connection in try body(ReadSession(connection, of: self)) }
    }

    /// Writes in one transaction. After the commit, the processes that wait for work are woken.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        let value = try await writeAside(body)
        bell.ring()
        return value
    }

    /// Writes in one transaction without waking anybody, such as to count a failed sign-in.
    @discardableResult
    package func writeAside<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await commits.write { connection in try body(WriteSession(connection, of: self)) }
    }

    /// How many changes wait for this process's writer.
    package var waitingWrites: Int { commits.waiting }

    /// Moves what is in the write-ahead log into the database file.
    package func checkpoint() async throws { try await database.checkpoint() }
}
