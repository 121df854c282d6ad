import Glibc
import TFSystem

/// Why a store could not be opened, with what to do.
package enum StoreOpenError: Error, CustomStringConvertible {
    /// There is no store to read.
    case missing(String)
    /// SQLite did not accept `synchronous = FULL`.
    case notSynchronous
    /// The data directory belongs to another account.
    case foreignDirectory(String, owner: String)
    /// The data directory or an entry of it is not safe to write to.
    case unsafe(String, problem: String, remedy: String)
    /// The owner or mode of a path could not be read or set.
    case unprotected(String, errno: Int32)
    /// The file has another schema.
    /// - number: its last migration, made by a newer version; nil: it is not a store, or one from before the first
    ///   release.
    case otherSchema(String, number: Int?)
    /// The file is to be read only, and its schema is not up to date.
    case olderSchema(String, number: Int)
    /// `tf-daemon move` has copied the record to another place, where work goes on.
    case moved(String, to: String)
    /// There is no room for a copy from before an upgrade, in bytes.
    case noRoom(String, needed: Int64, free: Int64)
    /// No server of PostgreSQL answers, in libpq's words.
    case noServer(String)
    /// The server is of an older major version than the programs need.
    case olderServer(Int)
    /// The database compares texts otherwise than by their bytes, or is not in UTF-8.
    case otherCollation(String, String)
    /// Another process keeps everybody from reading.
    /// - holder: nil: it cannot be told which one.
    case locked(String, holder: RunningProcess?)
    /// The database refused to open the file.
    case refused(String, DatabaseFailure.Refusal)

    package var description: String {
        switch self {
        case .missing(let path): "there is no store in \(path); start tf-daemon or tf-web first, or name its directory"
        case .foreignDirectory(let path, let owner):
            "the data directory \(path) belongs to \(owner); run this as \(owner), or name a directory of your own"
        case .unsafe(let path, let problem, let remedy): "\(path) \(problem); \(remedy)"
        case .unprotected(let path, let code):
            "cannot restrict access to \(path): \(String(cString: strerror(code))); the data directory must be writable, "
                + "on a file system with owners and modes"
        case .otherSchema(let path, let number?):
            "\(path) was made by a newer version (schema \(number)); run that one, or restore a backup from before"
        case .otherSchema(let path, nil):
            "\(path) was made by another program or by a version before the first release; name another data directory"
        case .olderSchema(let path, let number):
            "\(path) has schema \(number), and this version needs \(Migration.newest); starting tf-daemon or tf-web "
                + "brings it up to date"
        case .moved(let path, let place):
            "the record in \(path) was moved to \(place) by `tf-daemon move`, and is kept as it was then; see store.url"
        case .noRoom(let path, let needed, let free):
            "the store was not upgraded, since there is no room in \(path) for a copy from before: "
                + "\(ByteCount.text(needed)) are needed and \(ByteCount.text(free)) are free; make room, or set "
                + "upgrade.backups to 0 after a backup of your own"
        case .notSynchronous: "SQLite refuses synchronous = FULL; acknowledged work would not survive a power cut"
        case .noServer(let words): "the store's PostgreSQL cannot be reached: \(words); see store.url"
        case .olderServer(let version): "the store's PostgreSQL is version \(version); version 15 or newer is needed"
        case .otherCollation(let address, let collation):
            "the database of \(address) is of the kind \(collation), and would sort texts in another order; make one with "
                + "`createdb -T template0 -E UTF8 --locale=C NAME`, and name it in store.url"
        case .locked(let path, let holder):
            "the store in \(path) is locked by "
                + (holder.map { "process \($0.id) (\($0.name ?? "?")); end it" }
                    ?? "another process; find it with `fuser \(path)/store.db` and end it")
        case .refused(let path, let refusal): refusal.sentence(in: path)
        }
    }

    /// Opens the store of a directory, and explains why the database refuses.
    static func explained<Value>(_ directory: String, _ open: () throws -> Value) throws -> Value {
        do { return try open() } catch let failure as DatabaseFailure {
            // A server's own words say where it was looked for.
            guard let refusal = failure.refusal, refusal != .away else { throw failure }
            throw StoreOpenError.refused(directory, refusal)
        }
    }
}
