import Glibc

/// Why an entry in the tree of definitions is not read.
enum Obstacle: Error, Hashable, CustomStringConvertible {
    case hardLink
    /// A symbolic link, wherever it leads.
    case link
    case fifo
    case device
    /// There is a directory where a definition's file was.
    case directory
    case tooDeep
    /// The company's directory is missing.
    case missing
    /// A directory that held definitions is empty: most often, a file system is not mounted.
    case emptied
    /// Somebody is writing the file.
    case beingWritten
    /// The store has a newer text, and the file cannot be changed.
    case older
    case failed(errno: Int32)

    /// The obstacle of a file's kind; nil for files that are read.
    init?(kindOf status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: if status.st_nlink < 2 { return nil } else { self = .hardLink }
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .link
        case S_IFIFO: self = .fifo
        default: self = .device
        }
    }

    /// What an error says about an entry.
    static func of(_ error: any Error) -> Obstacle { error as? Obstacle ?? .failed(errno: EIO) }

    var description: String { noun }

    /// What the entry is, in a few words.
    var noun: String {
        switch self {
        case .hardLink: "a hard link"
        case .link: "a symbolic link"
        case .fifo: "a FIFO"
        case .device: "not a file"
        case .directory: "a directory"
        case .tooDeep: "deeper than \(DefinitionTree.limitDepth) directories"
        case .missing: "missing"
        case .emptied: "empty"
        case .beingWritten: "being written"
        case .older: "older than the store"
        case .failed(let code): String(cString: strerror(code))
        }
    }

    /// Whether it is told even if no definition in force depends on the entry.
    var isTold: Bool {
        switch self {
        case .missing, .emptied, .beingWritten, .directory: false
        case .hardLink, .link, .fifo, .device, .tooDeep, .older, .failed: true
        }
    }

    /// Why a published file is not read any more, and what to do.
    var reason: String {
        switch self {
        case .hardLink:
            "it is a hard link now (the file has a second name somewhere); remove the other name, or save the file anew"
        case .link: "it is \(noun) now, and none is followed; put the file or directory itself there, or remove it"
        case .fifo, .device, .directory: "it is \(noun) now; put a file there, or remove it"
        case .tooDeep: "it is \(noun) now"
        case .missing: "the directory is not there; put it back, or retire the definitions on their page"
        case .emptied:
            "the directory is empty, as one is whose file system is not mounted; mount it, or put any file into it"
        case .beingWritten: "it is being written"
        case .older: "it is \(noun), and cannot be changed"
        case .failed: "\(noun); see to its permissions and its disk"
        }
    }
}
