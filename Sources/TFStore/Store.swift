import Foundation
import TFDefinition
import TFExpression
import TFSystem

/// The system of record: every change that was acknowledged is in it, in a SQLite file or in a PostgreSQL database.
///
/// `read` reads from one snapshot and `write` changes in one transaction. Methods of the store itself check before they
/// change, or take several transactions on purpose. Times in rows are milliseconds since 1970, UTC, given by the
/// caller.
package struct Store: Sendable {
    let engine: DatabaseEngine
    let revisions = RevisionCache()
    let diagrams = DiagramCache()
    private let bell: StoreBell
    /// What processes on other machines are told.
    package let changes = ChangedCompanies()
    let mark: HandlingMark
    #if DEBUG
        let tally = StatementTally()
    #endif
    /// The content of the files that people uploaded.
    package let attachments: AttachmentHome
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
    ///   - location: where the record itself is.
    ///   - baseURL: the site's public URL, for links.
    ///   - upgradeBackups: how many copies from before an upgrade are kept; 0: none is made.
    ///   - waiting: told now and then whom the opening waits for.
    /// - Throws: `StoreOpenError`, `FileFailure` or `DatabaseFailure`.
    package init(
        directory: String, at location: StoreLocation = .file, baseURL: String, upgradeBackups: Int = 2,
        waiting: (@Sendable (String) -> Void)? = nil
    ) throws {
        try DataDirectory.prepare(directory, isFile: location == .file)
        let notice = location == .file ? waiting.map { StoreWait(directory, tell: $0) } : nil
        defer { notice?.end() }
        let lock = try FileLock(directory + "/store.lock")
        defer { lock.release() }
        switch location {
        case .file:
            let database = try StoreOpenError.explained(directory) {
                let database = try SQLite(path: directory + "/store.db", isFenced: true)
                let schema = try database.schema()
                if schema > 0, schema < Migration.newest {
                    try UpgradeBackup(directory: directory, count: upgradeBackups).make(of: database, schema: schema)
                }
                try database.migrate()
                return database
            }
            engine = .sqlite(database, GroupCommit(database) { [revisions] in revisions.transactionEnded() })
        case .server(let url):
            let server = Postgres(url: url)
            try server.migrate()
            engine = .postgres(server)
        }
        self.baseURL = baseURL
        attachments = try AttachmentHome(directory: directory, at: location)
        bell = try StoreBell(directory: directory + "/" + Self.bellName)
        mark = try HandlingMark(path: directory + "/engine.mark")
    }

    /// Opens a store that exists to read it, and changes nothing in it: its schema stays as it is.
    /// - Throws: `StoreOpenError`, also if the store was made by a newer version, or has yet to be brought up to date;
    ///   `FileFailure` or `DatabaseFailure`.
    package init(reading directory: String, at location: StoreLocation = .file, baseURL: String) throws {
        try DataDirectory.check(directory, isFile: location == .file)
        switch location {
        case .file:
            let database = try StoreOpenError.explained(directory) { try SQLite(reading: directory + "/store.db") }
            engine = .sqlite(database, GroupCommit(database))
        case .server(let url):
            let server = Postgres(url: url)
            try server.demandNewestSchema()
            engine = .postgres(server)
        }
        self.baseURL = baseURL
        attachments = try AttachmentHome(directory: directory, at: location, isReadOnly: true)
        bell = StoreBell()
        mark = HandlingMark()
    }

    /// Whether there is a store: in the data directory, or on a server, which says more when it is opened.
    /// - Throws: `FileFailure.refused` if this account cannot look there.
    package static func exists(in directory: String, at location: StoreLocation = .file) throws(FileFailure) -> Bool {
        if location != .file { return true }
        return try DataDirectory.hasStore(directory)
    }

    /// Makes sure that there is a store, for a command that makes none: in a mistyped directory it would be a second site.
    /// - Throws: `StoreOpenError`, also if what is there is not safe to write to, or of another program; `FileFailure` or
    ///   `DatabaseFailure`.
    package static func demand(in directory: String, at location: StoreLocation = .file) throws {
        switch location {
        case .file: try DataDirectory.check(directory)
        case .server(let url):
            let server = Postgres(url: url)
            guard try server.opened({ try server.schema($0) }) > 0 else {
                throw StoreOpenError.missing(DatabaseAddress.withoutPassword(url))
            }
        }
    }

    /// The file that `tf-daemon restore` keeps in a data directory until it is filled.
    package static let unfinishedName = "restore.unfinished"

    /// The directory in the data directory with a file for each `CommitListener`, whose modification time changes after a
    /// commit that concerns it; watched with inotify (IN_ATTRIB).
    package static let bellName = "wake"

    /// How much room the record takes.
    package func room() async throws -> StoreRoom { try await engine.room() }

    /// Closes the connections and files.
    package func close() throws {
        try engine.close()
        bell.close()
        mark.close()
    }

    /// Reads from one snapshot.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (ReadSession) throws -> Value
    ) async throws -> Value {
        try await engine.read { connection in try body(ReadSession(connection, of: self)) }
    }

    /// Writes in one transaction. After the commit, the loops that have something to do then are woken.
    /// - Parameter body: on PostgreSQL it may run several times, if transactions collide or the server is lost; it
    ///   changes nothing but what the session writes.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await write(locking: .site, body)
    }

    /// The same for a change in the company of a slug, which waits only for others in that company.
    /// - Parameter slug: nil, or of no company: it is a change of the whole site.
    @discardableResult
    package func write<Value: Sendable>(
        inCompanyNamed slug: String?, _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await write(locking: slug.map { .slug($0) } ?? .site, body)
    }

    /// - Parameter lock: what is locked first, where there are several writers.
    func write<Value: Sendable>(
        locking lock: WriteLock, _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        let (value, companies, listeners) = try await engine.write(lock) { connection in
            let session = WriteSession(connection, of: self)
            let value = try body(session)
            return (value, connection.changedCompanies, session.listeners)
        }
        bell.ring(listeners)
        changes.note(companies, for: listeners)
        return value
    }

    /// Names the processes of this data directory, who hear of a commit by its bell, among those of all machines.
    package var origin: String { bell.name }

    /// Writes in one transaction without waking anybody, such as to count a failed sign-in.
    @discardableResult
    package func writeAside<Value: Sendable>(
        _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await engine.write(.site) { connection in try body(WriteSession(connection, of: self)) }
    }

    /// How many changes wait for this process's writers.
    package var waitingWrites: Int { engine.waitingWrites }

    /// Moves what is in SQLite's write-ahead log into its file.
    package func checkpoint() async throws { try await engine.checkpoint() }
}
