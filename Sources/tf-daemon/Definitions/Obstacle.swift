import Glibc

/// Why something in the tree of definitions is not read.
enum Obstacle: Error, Hashable {
    enum LinkFault: Hashable {
        /// It is absolute, or leads out of the company's directory.
        case outside
        case loop
        case nowhere
        /// To something that is read under its own name.
        case double
    }

    case hardLink
    case link(LinkFault)
    case fifo
    case device
    /// A directory where a definition's file was.
    case directory
    case tooDeep
    /// The company's directory is not there.
    case missing
    /// An empty directory that held definitions: most often a file system that is not mounted.
    case emptied
    /// Somebody has it open and writes.
    case beingWritten
    case failed(errno: Int32)

    /// What a file of this kind is; nil for those that are read.
    init?(kindOf status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: if status.st_nlink < 2 { return nil } else { self = .hardLink }
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .link(.outside)
        case S_IFIFO: self = .fifo
        default: self = .device
        }
    }

    /// What it is, in a few words.
    var noun: String {
        switch self {
        case .hardLink: "a hard link"
        case .link(.outside): "a symbolic link that is absolute or leads out of the company's directory"
        case .link(.loop): "a symbolic link that leads to itself"
        case .link(.nowhere): "a symbolic link that leads nowhere"
        case .link(.double): "a symbolic link to what is read under its own name"
        case .fifo: "a FIFO"
        case .device: "not a file"
        case .directory: "a directory"
        case .tooDeep: "deeper than \(DefinitionTree.limitDepth) directories"
        case .missing: "missing"
        case .emptied: "empty"
        case .beingWritten: "being written"
        case .failed(let code): String(cString: strerror(code))
        }
    }

    /// Whether somebody should know of it where nothing in force depends on it.
    var isTold: Bool {
        switch self {
        case .missing, .emptied, .beingWritten, .directory: false
        case .hardLink, .link, .fifo, .device, .tooDeep, .failed: true
        }
    }

    /// Why what was published from there is not read again, and what to do.
    var reason: String {
        switch self {
        case .hardLink:
            "it is a hard link now (the file has a second name somewhere); remove the other name, or save the file anew"
        case .link, .fifo, .device, .directory: "it is \(noun) now; put a file there, or remove it"
        case .tooDeep: "it is \(noun) now"
        case .missing: "the directory is not there; put it back, or retire the definitions on their page"
        case .emptied:
            "the directory is empty, as one is whose file system is not mounted; mount it, or put any file into it"
        case .beingWritten: "it is being written"
        case .failed: "\(noun); see to its permissions and its disk"
        }
    }
}
