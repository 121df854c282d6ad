import Foundation
import Logging
import Synchronization

/// Knows from inotify which companies' directories have changed, and which files are being written at the moment.
///
/// It only says when and where to look. What was missed (an overflow, a watch that could not be set) a look at
/// everything makes good.
struct DefinitionWatch: Sendable {
    /// Which companies to look at.
    enum Change: Sendable, Equatable {
        case all
        case some(Set<String>)
    }

    private static let mask =
        Int32(IN_CLOSE_WRITE) | Int32(IN_MODIFY) | Int32(IN_MOVED_TO) | Int32(IN_MOVED_FROM) | Int32(IN_CREATE)
        | Int32(IN_DELETE) | Int32(IN_DELETE_SELF) | Int32(IN_MOVE_SELF) | Int32(IN_ATTRIB)
    /// A file that somebody holds open for longer is read as it is.
    private static let longestWrite = Duration.seconds(60)

    private struct State {
        var directories: [Int32: String] = [:]
        var changed = Change.all
        var inFlight: [String: ContinuousClock.Instant] = [:]
    }

    let root: String
    let inotify: Inotify
    let wake: Wake
    let logger: Logger
    private let state = SharedState()

    /// A Mutex cannot be copied; the watch can.
    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    init(root: String, inotify: Inotify, wake: Wake, logger: Logger) {
        self.root = root
        self.inotify = inotify
        self.wake = wake
        self.logger = logger
    }

    /// Watches a directory; again for one that is watched is free, and right for one that was replaced.
    func watch(_ directory: String) {
        do {
            let watch = try inotify.watch(directory, mask: Self.mask)
            state.value.withLock { $0.directories[watch] = directory }
        } catch {
            logger.debug("not watched; the rescan will find it", metadata: ["error": "\(error)"])
        }
    }

    /// Everything is to be looked at.
    func ringAll() {
        state.value.withLock { $0.changed = .all }
        wake.ring()
    }

    /// What has changed since the last call.
    func takeChanges() -> Change {
        state.value.withLock { state in
            defer { state.changed = .some([]) }
            return state.changed
        }
    }

    /// Files that were opened for writing, written to, and not closed yet.
    func inFlight() -> Set<String> {
        let now = ContinuousClock.now
        return state.value.withLock { state in
            state.inFlight = state.inFlight.filter { now - $0.value < Self.longestWrite }
            return Set(state.inFlight.keys)
        }
    }

    func note(_ events: [InotifyEvent]) {
        let isNews = state.value.withLock { state in
            events.reduce(false) { news, event in note(event, &state) || news }
        }
        if isNews { wake.ring() }
    }

    /// - Returns: whether somebody should look.
    private func note(_ event: InotifyEvent, _ state: inout State) -> Bool {
        if event.has(Int32(IN_Q_OVERFLOW)) {
            state.changed = .all
            state.inFlight = [:]
            return true
        }
        guard let directory = state.directories[event.watch] else { return false }
        if event.has(Int32(IN_IGNORED)) {
            state.directories[event.watch] = nil
            return false
        }
        let isDirectory = event.has(Int32(bitPattern: UInt32(IN_ISDIR)))
        guard let company = company(of: directory) else {
            // The root's parent tells of much that is not ours.
            let concernsRoot = directory == root || directory + "/" + event.name == root
            if concernsRoot { state.changed = .all }
            return concernsRoot
        }
        let isSelf = event.name.isEmpty
        guard isSelf || isDirectory || DefinitionTree.isDefinition(event.name) else { return false }
        let path = directory + "/" + event.name
        if !isSelf, !isDirectory, event.has(Int32(IN_MODIFY)) || event.has(Int32(IN_CREATE)) {
            state.inFlight[path] = .now
            return false
        }
        if event.has(Int32(IN_CLOSE_WRITE)) || event.has(Int32(IN_MOVED_TO)) || event.has(Int32(IN_MOVED_FROM))
            || event.has(Int32(IN_DELETE))
        {
            state.inFlight[path] = nil
        }
        switch state.changed {
        case .all: break
        case .some(let companies): state.changed = .some(companies.union([company]))
        }
        return true
    }

    /// The company whose directory this is, or is in; nil for the tree itself and what is above it.
    private func company(of directory: String) -> String? {
        guard directory.hasPrefix(root + "/") else { return nil }
        return directory.dropFirst(root.count + 1).split(separator: "/").first.map(String.init)
    }
}
