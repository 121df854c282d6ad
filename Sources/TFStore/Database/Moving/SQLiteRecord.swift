import Foundation
import GRDB
import Glibc
import TFSystem

/// A record in SQLite's file, which this process alone has open.
struct SQLiteRecord: MovedRecord, RecordTarget {
    /// The file while it is filled; it gets its name when it is whole.
    private static let unfinished = "store.db.moving"
    /// Of a connection that fills a file, in KiB: what is bigger goes to the file.
    private static let cacheSize = 32 << 10

    private let db: Database
    private let attachments: MovedAttachments
    private let keys: MovedKeys

    private init(_ db: Database, _ attachments: MovedAttachments, _ keys: MovedKeys) {
        (self.db, self.attachments, self.keys) = (db, attachments, keys)
    }

    // MARK: From here

    /// Opens the record of a data directory for this process alone: nobody reads or writes it meanwhile. It stays as it
    /// is but for what the body does.
    /// - Throws: `MoveError.inUse` if somebody else has it open; `StoreOpenError` if it is of another version.
    static func held<Value>(_ directory: String, _ body: (SQLiteRecord) throws -> Value) throws -> Value {
        try DataDirectory.check(directory)
        let lock = try FileLock(directory + "/store.lock")
        defer { lock.release() }
        let path = directory + "/store.db"
        var configuration = SQLite.configuration(LockPatience())
        configuration.busyMode = .immediateError
        // Before the first access, so that SQLite asks for the whole file: sqlite.org/wal.html, "Use of WAL Without
        // Shared-Memory". Every other connection that there is holds a part of it.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        do {
            let queue = try SQLite.translated { try DatabaseQueue(path: path, configuration: configuration) }
            let value = try queue.inDatabase { db in
                try SQLite.translated { try db.beginTransaction(.exclusive) }
                do {
                    let number = try SQLite.translated { try SQLite.schema(of: db, path: path) }
                    guard number == Migration.newest else { throw StoreOpenError.olderSchema(path, number: number) }
                    let value = try body(
                        SQLiteRecord(
                            db, MovedAttachments(directory + "/attachments", isReadOnly: true),
                            MovedKeys(directory, isUnfinished: false)))
                    CrashPoint.reach(.commit)
                    try SQLite.translated { try db.commit() }
                    CrashPoint.reach(.committed)
                    return value
                } catch {
                    // Closing the file would do the same.
                    try? db.rollback()
                    throw error
                }
            }
            try SQLite.translated { try queue.close() }
            return value
        } catch let failure as DatabaseFailure where failure.refusal == .locked {
            throw MoveError.inUse(directory)
        } catch let failure as DatabaseFailure {
            guard let refusal = failure.refusal else { throw failure }
            throw StoreOpenError.refused(directory, refusal)
        }
    }

    /// Notes that work goes on elsewhere: no program opens it any more.
    func close(movedTo place: String) throws {
        try SQLite.translated {
            try db.execute(
                sql: "INSERT INTO migration (number, sha256) VALUES (?, ?)",
                arguments: [Migration.newest + 1, MigrationStep.movedMark + place])
        }
    }

    func count(_ table: RecordTable) throws -> Int {
        if table.name == MovedAttachments.table { return try attachments.count(db) }
        if table.name == MovedKeys.table { return try keys.read().count }
        return try SQLite.translated { try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \(table.name)") ?? 0 }
    }

    func rows(of table: RecordTable, _ row: ([SQLValue]) throws -> Void) throws {
        if table.name == MovedAttachments.table { return try attachments.rows(db, row) }
        if table.name == MovedKeys.table { return try MovedKeys.rows(keys.read(), row) }
        try SQLite.translated { try SQLiteStatement(db.makeStatement(sql: table.select)).each(row) }
    }

    func lastNumbers(of tables: [RecordTable]) throws -> [String: Int64] {
        try SQLite.translated {
            try GRDB.Row.fetchAll(db, sql: "SELECT name, seq FROM sqlite_sequence").reduce(into: [:]) {
                $0[$1["name"] as String] = $1["seq"] as Int64
            }
        }
    }

    // MARK: To here

    /// Makes sure that a record can be made in a data directory, and makes nothing, not even that directory.
    /// - Parameter bytes: how many it will need, about.
    /// - Throws: `MoveError.notEmpty` or `.noRoom`; `StoreOpenError` for a directory that this account cannot use.
    static func demandPlace(in directory: String, bytes: Int64) throws {
        var place = directory
        if try PrivateFile.isThere(directory) {
            try DataDirectory.check(directory, isFile: false)
        } else {
            // Its disk is that of the directory in which it will be made.
            while try !PrivateFile.isThere(place), place != place.parentPath { place = place.parentPath }
        }
        let (name, uploads) = (directory + "/store.db", directory + "/attachments")
        guard try !PrivateFile.isThere(name) else {
            throw MoveError.notEmpty(
                name, remedy: "move it away with store.db-wal and store.db-shm, or name another data directory")
        }
        guard try !PrivateFile.isThere(uploads) || PrivateFile.names(in: uploads).isEmpty else {
            throw MoveError.notEmpty(uploads, remedy: "move it away, or name another data directory")
        }
        if let free = DiskSpace(at: place)?.free, free < bytes {
            throw MoveError.noRoom(directory, needed: bytes, free: free)
        }
    }

    /// Makes a record in a data directory that has none, and gives it its name when the body is done. What an interrupted
    /// move has left there is removed first.
    /// - Parameter bytes: how many it will need, about.
    /// - Throws: what `demandPlace` does, also if somebody else was faster, or what the body does.
    static func made<Value>(
        in directory: String, bytes: Int64, _ body: (SQLiteRecord) throws -> Value
    ) throws -> Value {
        // A refusal leaves nothing behind.
        try demandPlace(in: directory, bytes: bytes)
        try DataDirectory.prepare(directory, isFile: false)
        let lock = try FileLock(directory + "/store.lock")
        defer { lock.release() }
        try demandPlace(in: directory, bytes: bytes)
        let (path, name) = (directory + "/" + unfinished, directory + "/store.db")
        let (uploads, unfinishedUploads) = (directory + "/attachments", directory + "/" + MovedAttachments.unfinished)
        for suffix in ["", "-journal", "-wal", "-shm"] { try PrivateFile.removeAll(path + suffix) }
        try PrivateFile.removeAll(unfinishedUploads)
        try MovedKeys.clean(directory)
        Glibc.close(try PrivateFile.open(path, O_RDWR | O_EXCL))
        do {
            let attachments = try MovedAttachments(unfinishedUploads, isReadOnly: false)
            let keys = MovedKeys(directory, isUnfinished: true)
            let value = try StoreOpenError.explained(directory) { try filled(path, attachments, keys, body) }
            try keys.finish()
            CrashPoint.reach(.rename)
            let isSaved = try OpenFile(private: path, O_RDWR).use { fsync($0) == 0 }
            // The files first: with the store's file the record is there.
            guard isSaved == true, rename(unfinishedUploads, uploads) == 0, rename(path, name) == 0 else {
                throw FileFailure.refused(step: "save", path: path, errno: errno)
            }
            try OpenDirectory(directory)?.sync()
            CrashPoint.reach(.renamed)
            return value
        } catch {
            try? PrivateFile.removeAll(path)  // else the next move removes both
            try? PrivateFile.removeAll(unfinishedUploads)
            try? MovedKeys.clean(directory)
            throw error
        }
    }

    private static func filled<Value>(
        _ path: String, _ attachments: MovedAttachments, _ keys: MovedKeys, _ body: (SQLiteRecord) throws -> Value
    ) throws -> Value {
        var configuration = Configuration()
        // They are held against each other at the end.
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // A file that is thrown away when anything fails needs no journal.
            try db.execute(
                sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -\(cacheSize)")
        }
        let queue = try SQLite.translated { try DatabaseQueue(path: path, configuration: configuration) }
        let value = try queue.inDatabase { db in
            try SQLite.translated {
                try db.beginTransaction()
                for (place, step) in MigrationStep.all(.sqlite).enumerated() {
                    try SQLite.make(step, isFirst: place == 0, db)
                }
            }
            let value: Value
            do { value = try body(SQLiteRecord(db, attachments, keys)) } catch {
                // The file is thrown away, whatever is in it.
                try? db.rollback()
                throw error
            }
            try SQLite.translated {
                // Behind the comparison: PostgreSQL leaves the mark where it is.
                try db.execute(
                    sql: "UPDATE search_mark SET upto = (SELECT COALESCE(MAX(id), upto) FROM search_text)")
            }
            CrashPoint.reach(.commit)
            try SQLite.translated { try db.commit() }
            CrashPoint.reach(.committed)
            let faults = try SQLite.translated { try SQLite.faults(db) }
            guard faults.isEmpty else {
                throw DatabaseFailure(kind: .other, description: faults.joined(separator: "; "))
            }
            return value
        }
        try SQLite.translated { try queue.close() }
        return value
    }

    func add(to table: RecordTable, _ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws {
        if table.name == MovedAttachments.table { return try attachments.add(give) }
        if table.name == MovedKeys.table { return try keys.add(give) }
        try SQLite.translated {
            // What the schema begins with.
            try db.execute(sql: "DELETE FROM \(table.name)")
            let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
            let statement = SQLiteStatement(
                try db.makeStatement(sql: "INSERT INTO \(table.name) (\(table.list)) VALUES (\(marks))"))
            try give { row in try statement.run(row) }
        }
    }

    func complete(after numbers: [String: Int64]) throws {
        try SQLite.translated {
            try db.execute(
                sql: """
                    INSERT INTO search_index (rowid, words)
                    SELECT id, words FROM search_text WHERE id <= (SELECT upto FROM search_mark)
                    """)
            for (table, number) in numbers {
                try db.execute(sql: "DELETE FROM sqlite_sequence WHERE name = ?", arguments: [table])
                try db.execute(
                    sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", arguments: [table, number])
            }
        }
    }
}
