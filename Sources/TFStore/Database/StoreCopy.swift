import Foundation
import GRDB
import TFSystem

/// A copy of the store's file that no program has open, as in a backup.
package struct StoreCopy: Sendable {
    /// An uploaded file that the copied store knows.
    package struct File: Sendable, Hashable {
        package let id: String
        /// Whether a ticket uses it; the others are deleted a day after they were sent.
        package let isUsed: Bool
    }

    /// How many pages are copied between two calls of `progress`: 4 MiB.
    private static let pagesPerStep: CInt = 1_024

    package let path: String
    /// The number of its last migration.
    package let schema: Int
    package let files: [File]

    /// Copies the store of a data directory as it is at this moment, while programs read and write it.
    ///
    /// All pages are read in one read transaction, so that the copy is one snapshot however long it takes. Writers go
    /// on, and the log grows meanwhile (`LogBound`). Source: sqlite.org/backup.html, and sqlite.org/isolation.html for the snapshot.
    /// - Parameters:
    ///   - path: the copy's path; nothing may be there.
    ///   - progress: called with the number of pages that were copied, and of all.
    /// - Throws: `StoreOpenError`, `FileFailure` or `DatabaseFailure`.
    package init(
        of directory: String, to path: String, progress: @escaping @Sendable (Int, Int) -> Void
    ) throws {
        try DataDirectory.check(directory)
        // SQLite would make it with another mode.
        close(try PrivateFile.open(path, O_RDWR | O_EXCL))
        try StoreOpenError.explained(directory) {
            try SQLite.translated {
                let store = try DatabaseQueue(
                    path: directory + "/store.db", configuration: SQLite.readingConfiguration)
                let copy = try DatabaseQueue(path: path)
                try store.read { from in
                    _ = try SQLite.schema(of: from, path: directory + "/store.db")  // this begins the snapshot
                    try copy.inDatabase { to in
                        try from.backup(to: to, pagesPerStep: Self.pagesPerStep) {
                            progress($0.completedPageCount, $0.totalPageCount)
                        }
                        // Whoever leads the site does not lead the copy.
                        if try to.tableExists("leader") { try to.execute(sql: "UPDATE leader SET holder = ''") }
                        // One file without a log beside it.
                        _ = try String.fetchOne(to, sql: "PRAGMA journal_mode = DELETE")
                    }
                }
                try copy.close()
                try store.close()
            }
        }
        try self.init(at: path)
    }

    /// Reads a copy.
    /// - Throws: `StoreOpenError` if it is no store, or one of a newer version.
    package init(at path: String) throws {
        self.path = path
        (schema, files) = try Self.reading(path) { db in
            let schema = try SQLite.schema(of: db, path: path)
            let files = try GRDB.Row.fetchAll(db, sql: "SELECT id, ticket_id FROM attachment ORDER BY id")
            return (schema, files.map { File(id: $0["id"], isUsed: $0["ticket_id"] as Int64? != nil) })
        }
    }

    /// What is wrong with it; empty: it is in order.
    package func faults() throws -> [String] { try Self.reading(path) { try SQLite.faults($0) } }

    private static func reading<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
        try StoreOpenError.explained(path.parentPath) {
            try SQLite.translated {
                var configuration = Configuration()
                configuration.readonly = true
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                let value = try queue.read(body)
                try queue.close()
                return value
            }
        }
    }
}
