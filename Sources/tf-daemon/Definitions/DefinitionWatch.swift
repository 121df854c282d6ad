import Foundation
import Logging
import Synchronization
import TFSystem
import TFWatch

/// Learns from inotify which companies' directories have changed, and which files are being written at the moment.
///
/// It only says when and where to scan. The regular rescan makes up for missed events, such as an overflow or a watch
/// that could not be set.
struct DefinitionWatch: Sendable {
    /// Which companies to scan.
    enum Change: Sendable, Equatable {
        case all
        case some(Set<String>)
    }

    private static let mask =
        Int32(IN_CLOSE_WRITE) | Int32(IN_MODIFY) | Int32(IN_MOVED_TO) | Int32(IN_MOVED_FROM) | Int32(IN_CREATE)
        | Int32(IN_DELETE) | Int32(IN_DELETE_SELF) | Int32(IN_MOVE_SELF) | Int32(IN_ATTRIB)
    /// How many files are watched: the kernel's watches are few on small machines, and directories need them more.
    private static let limitFiles = 4_096
    /// A file that somebody holds open for longer than this is read as it is.
    private static let longestWrite = Duration.seconds(60)
    /// A new file is written to within this time. One that is not was linked or moved here, and is complete.
    private static let firstWrite = Duration.milliseconds(100)

    /// A file that is not closed yet, or has just appeared.
    fileprivate struct Writing {
        let since: ContinuousClock.Instant
        let isWritten: Bool
    }

    fileprivate struct State {
        /// The paths of directories and files, by watch descriptor.
        var watched: [Int32: String] = [:]
        var files: Set<Int32> = []
        var changed = Change.all
        var inFlight: [String: Writing] = [:]
    }

    let root: String
    let inotify: Inotify
    let wake: Wake
    let logger: Logger
    private let state = SharedState()

    /// Holds the mutex, which cannot be copied while the watch can.
    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    init(root: String, inotify: Inotify, wake: Wake, logger: Logger) {
        self.root = root
        self.inotify = inotify
        self.wake = wake
        self.logger = logger
    }

    /// Watches a directory. Calling it again is cheap, and needed for a directory that was replaced.
    /// - Parameter followingLinks: true for the tree's own path, which may be a link.
    func watch(_ path: String, followingLinks: Bool = false) {
        do {
            let watch = try inotify.watch(path, mask: followingLinks ? Self.mask : Self.mask | Int32(IN_DONT_FOLLOW))
            state.value.withLock { $0.watched[watch] = path }
        } catch {
            logger.debug("not watched; the rescan will find it", metadata: ["error": "\(error)"])
        }
    }

    /// Watches a file for changes in the number of its names (hard links).
    func watchFile(_ path: String) {
        guard state.value.withLock({ $0.files.count < Self.limitFiles }) else { return }
        do {
            let watch = try inotify.watch(path, mask: Int32(IN_ATTRIB) | Int32(IN_DONT_FOLLOW))
            state.value.withLock { state in
                state.watched[watch] = path
                state.files.insert(watch)
            }
        } catch {
            logger.debug("not watched; the rescan will find it", metadata: ["error": "\(error)"])
        }
    }

    /// Asks for a scan of everything.
    func ringAll() {
        state.value.withLock { $0.changed = .all }
        wake.ring()
    }

    /// Asks for a scan of some companies.
    func ring(_ companies: Set<String>) {
        state.value.withLock { $0.note(companies) }
        wake.ring()
    }

    /// Returns what has changed since the last call.
    ///
    /// A file that appeared a moment ago may still be written to, so a scan passes over it; its company stays noted,
    /// and is scanned again when the file is complete.
    func takeChanges() -> Change {
        let now = ContinuousClock.now
        let (change, isUnsettled) = state.value.withLock { state in
            let change = state.changed
            let unsettled = state.inFlight.filter { !$0.value.isWritten && now - $0.value.since < Self.firstWrite }
            let companies = Set(unsettled.keys.compactMap { company(of: $0) })
            state.changed = .some(companies)
            return (change, !companies.isEmpty)
        }
        if isUnsettled { wake.ring() }
        return change
    }

    /// Files that were opened, written to and not closed yet; and files that have appeared and were not written to
    /// since.
    func inFlight() -> (writing: Set<String>, appeared: Set<String>) {
        let now = ContinuousClock.now
        return state.value.withLock { state in
            state.inFlight = state.inFlight.filter { now - $0.value.since < Self.longestWrite }
            let appeared = state.inFlight.filter { !$0.value.isWritten && now - $0.value.since >= Self.firstWrite }
            return (Set(state.inFlight.keys).subtracting(appeared.keys), Set(appeared.keys))
        }
    }

    /// How long to wait until no file is so new that it may be about to be written to.
    func settling() -> Duration {
        let now = ContinuousClock.now
        return state.value.withLock { state in
            let ages = state.inFlight.values.filter { !$0.isWritten }.map { now - $0.since }
            return ages.filter { $0 < Self.firstWrite }.map { Self.firstWrite - $0 }.max() ?? .zero
        }
    }

    func note(_ events: [InotifyEvent]) {
        let isNews = state.value.withLock { state in
            events.reduce(false) { news, event in note(event, &state) || news }
        }
        if isNews { wake.ring() }
    }

    /// - Returns: whether a scan is needed.
    private func note(_ event: InotifyEvent, _ state: inout State) -> Bool {
        if event.has(Int32(IN_Q_OVERFLOW)) {
            state.changed = .all
            state.inFlight = [:]
            return true
        }
        guard let watched = state.watched[event.watch] else { return false }
        if event.has(Int32(IN_IGNORED)) {
            state.watched[event.watch] = nil
            state.files.remove(event.watch)
            return false
        }
        let isDirectory = event.has(Int32(bitPattern: UInt32(IN_ISDIR)))
        guard let company = company(of: watched) else {
            // Of the events in the root's parent, only those about the root matter.
            let concernsRoot = watched == root || watched == root.parentPath && event.name == root.lastPathName
            if concernsRoot { state.changed = .all }
            return concernsRoot
        }
        let isSelf = event.name.isEmpty
        let path = isSelf ? watched : watched + "/" + event.name
        guard
            isSelf || isDirectory || DefinitionTree.isDefinition(event.name)
                || DefinitionTree.isMiswritten(event.name)
        else { return false }
        if !isSelf, !isDirectory {
            if event.has(Int32(IN_MODIFY)) {
                state.inFlight[path] = Writing(since: .now, isWritten: true)
                return false
            }
            if event.has(Int32(IN_CREATE)) { state.inFlight[path] = Writing(since: .now, isWritten: false) }
        }
        if event.has(Int32(IN_CLOSE_WRITE)) || event.has(Int32(IN_MOVED_TO)) || event.has(Int32(IN_MOVED_FROM))
            || event.has(Int32(IN_DELETE))
        {
            state.inFlight[path] = nil
        }
        state.note([company])
        return true
    }

    /// The company in whose directory this path lies; nil for the tree itself and everything above it.
    private func company(of directory: String) -> String? {
        guard directory.hasPrefix(root + "/") else { return nil }
        return directory.dropFirst(root.count + 1).split(separator: "/").first.map(String.init)
    }
}

extension DefinitionWatch.State {
    fileprivate mutating func note(_ companies: Set<String>) {
        if case .some(let known) = changed { changed = .some(known.union(companies)) }
    }
}
