import TFSystem

/// Why a backup was not made, is not whole, or was not restored; with what to do.
enum BackupError: Error, CustomStringConvertible {
    /// Another process makes one in the same place.
    case underWay(String)
    case noRoom(String, needed: Int64, free: Int64)
    /// The store itself is damaged, so that a copy of it is no backup.
    case damagedStore([String])
    /// The directory of definitions is not there: a backup would lack them.
    case noDefinitions(String)
    /// There is no backup at the path.
    case none(String)
    case unreadable(String, because: String)
    /// Files that are not as the manifest says.
    case damaged(String, faults: [String])
    /// A restore would mix with what is there.
    case notEmpty(String, remedy: String)
    /// One directory would lie in the other.
    case nested(data: String, definitions: String)
    /// The directory lies in the backup that is to be restored.
    case insideBackup(String)
    case archiver(String)

    var description: String {
        switch self {
        case .underWay(let path): "another backup into \(path) is under way; wait for its end"
        case .noRoom(let path, let needed, let free):
            "there is no room in \(path): \(ByteCount.text(needed)) are needed and \(ByteCount.text(free)) are free; make "
                + "room there, or name another disk"
        case .damagedStore(let faults):
            "no backup was made, since the store is damaged; keep the older ones, and restore one into an empty "
                + "directory:\n  " + faults.joined(separator: "\n  ")
        case .noDefinitions(let path):
            "no backup was made, since there is no directory of definitions at \(path); name it by --definitions, or by "
                + "TF_DEFINITIONS"
        case .none(let path):
            "there is no backup at \(path); name a directory or an archive that `tf-daemon backup` has made"
        case .unreadable(let path, let reason): "\(path) is no backup that can be read: \(reason)"
        case .damaged(let path, let faults):
            "the backup \(path) is damaged; take another one:\n  " + faults.joined(separator: "\n  ")
        case .notEmpty(let path, let remedy): "\(path) is not empty, and a restore mixes with nothing; \(remedy)"
        case .nested(let data, let definitions):
            "nothing was restored, since of \(data) and \(definitions) one lies in the other; name a directory of its own "
                + "with --data or --definitions"
        case .insideBackup(let path):
            "nothing was restored, since \(path) lies in the backup itself; name a directory elsewhere"
        case .archiver(let reason): reason
        }
    }
}
