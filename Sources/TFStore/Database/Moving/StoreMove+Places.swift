import Foundation
import GRDB
import TFSystem

/// Where a record is, or goes.
package enum MovePlace: Sendable, Hashable {
    /// A data directory: SQLite's file is in it.
    case directory(String)
    /// A database of PostgreSQL.
    case server(url: String)

    /// - Parameter location: of the store of a data directory.
    package init(_ location: StoreLocation, data: String) {
        switch location {
        case .file: self = .directory(data)
        case .server(let url): self = .server(url: url)
        }
    }
}

extension MovePlace: CustomStringConvertible {
    package var description: String {
        switch self {
        case .directory(let path): "sqlite:\(path)"
        case .server(let url): DatabaseAddress.withoutPassword(url)
        }
    }
}

extension StoreMove {
    /// Copies a record, compares both, and then closes the one that was moved: no program opens it any more, and it is kept
    /// as it is. Whatever goes wrong before leaves it as it was, and the other place without a record.
    /// - Parameter masterKey: the path of the file of the key that seals the site's keys on PostgreSQL.
    /// - Throws: `MoveError`, `StoreOpenError`, `MasterKeyError`, `FileFailure` or `DatabaseFailure`.
    package static func run(
        from source: MovePlace, to target: MovePlace, masterKey: String, _ step: (Step) throws -> Void
    ) throws {
        try open(from: source, to: target, masterKey) { source, target, tables in
            try copy(from: source, to: target, tables, step)
        }
    }

    /// Checks whether a record could be moved, and changes nothing.
    /// - Returns: how many rows each table has.
    package static func look(
        from source: MovePlace, to target: MovePlace, masterKey: String
    ) throws -> [(table: String, rows: Int)] {
        if case .server(let url) = source, case .directory(let directory) = target {
            // To open that place would make it, with a lock in it.
            return try PostgresRecord.held(url, masterKey: masterKey) { record in
                try SQLiteRecord.demandPlace(in: directory, bytes: record.bytes())
                try MovedKeys.check(directory, mayTake: record.keys())
                return try RecordTable.all().map { ($0.name, try record.count($0)) }
            }
        }
        var counts: [(table: String, rows: Int)] = []
        do {
            try open(from: source, to: target, masterKey) { source, _, tables in
                counts = try tables.map { ($0.name, try source.count($0)) }
                throw OnlyLooking()
            }
        } catch is OnlyLooking {}
        return counts
    }

    private struct OnlyLooking: Error {}

    private static func open(
        from source: MovePlace, to target: MovePlace, _ masterKey: String,
        _ copy: (any MovedRecord, any RecordTarget, [RecordTable]) throws -> Void
    ) throws {
        let tables = try RecordTable.all()
        switch (source, target) {
        case (.directory(let directory), .server(let url)):
            try SQLiteRecord.held(directory) { record in
                try PostgresRecord.made(in: url, masterKey: masterKey) { try copy(record, $0, tables) }
                try record.close(movedTo: target.description)
            }
        case (.server(let url), .directory(let directory)):
            try PostgresRecord.held(url, masterKey: masterKey) { record in
                try SQLiteRecord.made(in: directory, bytes: record.bytes()) {
                    try MovedKeys.check(directory, mayTake: record.keys())
                    try copy(record, $0, tables)
                }
                try record.close(movedTo: target.description)
            }
        case (.directory, .directory):
            throw MoveError.sameEngine("`tf-daemon backup` and `tf-daemon restore` move a data directory")
        case (.server, .server): throw MoveError.sameEngine("pg_dump and pg_restore move a database")
        }
    }

    /// Lets programs open a record again that was moved away: what was done in its new place since is not in it.
    /// - Returns: where it was moved to; nil: it was not.
    package static func reopen(_ place: MovePlace) throws -> String? {
        let mark = MigrationStep.movedMark
        let sql = "DELETE FROM migration WHERE substr(sha256, 1, \(mark.count)) = '\(mark)' RETURNING sha256"
        let gone: String?
        switch place {
        case .directory(let directory):
            try DataDirectory.check(directory)
            gone = try StoreOpenError.explained(directory) {
                try SQLite.translated {
                    let queue = try DatabaseQueue(
                        path: directory + "/store.db", configuration: SQLite.configuration(LockPatience()))
                    return try queue.write { db in try String.fetchOne(db, sql: sql) }
                }
            }
        case .server(let url):
            gone = try Postgres(url: url).opened { connection in
                try connection.run(sql, []).rows.first?[0]
            }
        }
        return gone.map { String($0.dropFirst(mark.count)) }
    }
}
