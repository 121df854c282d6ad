import Foundation
import Synchronization
import TFExpression
import TFSystem

/// The site's keys in `<data>/keys`: a file for each signing key, a file of their states, and the secret for HMACs.
///
/// A key is first `next`, so that other servers know it before it signs; then active; then retired, in which state it
/// still verifies until the last token that it signed has expired. Files that others can read are refused.
final class KeyRing: Sendable {
    enum State: String, Sendable {
        case next
        case active
        case retired
    }

    struct Entry: Sendable {
        let key: SigningKey
        let state: State
        /// When the key entered this state, in milliseconds since 1970.
        let since: Int64
    }

    private struct Snapshot: Sendable {
        var entries: [String: Entry] = [:]
        /// The contents of the file of states.
        var source: [UInt8] = []
        /// Increases whenever the keys or their states change.
        var generation = 0
    }

    /// How long a retired key verifies, in milliseconds: longer than any token lives.
    static let retirement: Int64 = 2 * AccessToken.lifetime * 1000

    /// The secret of the HMACs, 32 bytes.
    let secret: [UInt8]
    private let directory: String
    private let snapshot: Mutex<Snapshot>

    /// Reads the keys, and creates missing ones.
    /// - Throws: `FileFailure` for a file that others can read; `KeyError` for one that is not a valid key.
    init(directory: String, now: Int64) throws {
        let directory = directory + "/keys"
        self.directory = directory
        try PrivateFile.makeDirectory(directory)
        let lock = try FileLock(directory + "/lock")
        defer { lock.release() }
        let path = directory + "/secret"
        if !FileManager.default.fileExists(atPath: path) { try PrivateFile.write(Random.bytes(32), to: path) }
        secret = try PrivateFile.read(path)
        guard secret.count == 32 else { throw KeyError.unreadable(path) }
        snapshot = Mutex(try Self.load(directory, now: now))
    }

    /// Increases whenever the keys or their states change: earlier verifications are then no longer valid.
    var generation: Int { snapshot.withLock { $0.generation } }

    /// The key that signs.
    var active: SigningKey? { entries.first { $0.state == .active }?.key }

    /// A key by its id, in any state.
    func key(_ id: String) -> SigningKey? { snapshot.withLock { $0.entries[id]?.key } }

    /// All keys: the next one, the active one, then the retired ones, youngest first.
    var entries: [Entry] {
        let order: [State: Int] = [.next: 0, .active: 1, .retired: 2]
        return snapshot.withLock { Array($0.entries.values) }.sorted {
            (order[$0.state] ?? 3, -$0.since, $0.key.id) < (order[$1.state] ?? 3, -$1.since, $1.key.id)
        }
    }

    /// An HMAC for one purpose: a value made for one purpose is not valid for another.
    func mac(_ message: String, for use: String) -> String { Base64URL.encode(rawMAC(message, for: use)) }

    func rawMAC(_ message: String, for use: String) -> [UInt8] { Digest.hmac("\(use)\n\(message)", key: secret) }

    /// Reads the keys again if another process has changed them.
    func reload(now: Int64) throws {
        let source = try PrivateFile.read(directory + "/states.json")
        guard source != snapshot.withLock({ $0.source }) else { return }
        let new = try Self.load(directory, now: now)
        replace(by: new)
    }

    // MARK: Changes

    /// Makes the next key active, and creates another next key. Nobody is signed out.
    /// - Returns: the id of the key that now signs.
    @discardableResult
    func rotate(now: Int64) throws -> String {
        try change(now: now) { states in
            for (id, entry) in states {
                switch entry.state {
                case .active: states[id] = (.retired, now)
                case .next: states[id] = (.active, now)
                case .retired where entry.since < now - Self.retirement: states[id] = nil
                case .retired: break
                }
            }
        }
        guard let active else { throw KeyError.openSSL("no key is active") }
        return active.id
    }

    /// Revokes a key: tokens that it signed are refused from now on. If it was active, the next key becomes active.
    /// - Throws: `KeyError.unknown`.
    func revoke(_ id: String, now: Int64) throws {
        guard snapshot.withLock({ $0.entries[id] != nil }) else { throw KeyError.unknown(id) }
        try change(now: now) { states in
            let wasActive = states[id]?.state == .active
            states[id] = nil
            guard wasActive, let next = states.first(where: { $0.value.state == .next })?.key else { return }
            states[next] = (.active, now)
        }
    }

    private func replace(by new: Snapshot) {
        snapshot.withLock { snapshot in
            let generation = snapshot.generation + 1
            snapshot = new
            snapshot.generation = generation
        }
    }

    private typealias States = [String: (state: State, since: Int64)]

    private func change(now: Int64, _ work: (inout States) -> Void) throws {
        let lock = try FileLock(directory + "/lock")
        defer { lock.release() }
        var states = try Self.load(directory, now: now).entries.mapValues { (state: $0.state, since: $0.since) }
        let before = Set(states.keys)
        work(&states)
        try Self.write(&states, directory, now: now)
        for id in before.subtracting(states.keys) {
            CrashPoint.reach(.remove)
            unlink("\(directory)/\(id).pem")
            CrashPoint.reach(.removed)
        }
        let new = try Self.load(directory, now: now)
        replace(by: new)
    }

    // MARK: Files

    private static func load(_ directory: String, now: Int64) throws -> Snapshot {
        let path = directory + "/states.json"
        if !FileManager.default.fileExists(atPath: path) {
            var states: States = [:]
            try write(&states, directory, now: now)
        }
        var snapshot = Snapshot(source: try PrivateFile.read(path))
        guard let members = (try? JSON(parsing: snapshot.source))?.objectValue else {  // a damaged file is unreadable
            throw KeyError.unreadable(path)
        }
        for (id, value) in members {
            guard let state = value["state"].stringValue.flatMap(State.init), let since = value["since"].intValue else {
                throw KeyError.unreadable(path)
            }
            let file = "\(directory)/\(id).pem"
            let key = try SigningKey(pem: PrivateFile.read(file), path: file)
            guard key.id == id else { throw KeyError.misnamed(file, key.id) }
            snapshot.entries[id] = Entry(key: key, state: state, since: Int64(since))
        }
        return snapshot
    }

    /// Writes the states, and makes an active and a next key if they are missing.
    private static func write(_ states: inout States, _ directory: String, now: Int64) throws {
        for state in [State.active, .next] where !states.values.contains(where: { $0.state == state }) {
            let key = try SigningKey.generate()
            try PrivateFile.write(try key.pem(), to: "\(directory)/\(key.id).pem")
            states[key.id] = (state, now)
        }
        let members = states.sorted { $0.key < $1.key }.map { id, entry in
            (id, ["state": .string(entry.state.rawValue), "since": .int(entry.since)] as JSON)
        }
        try PrivateFile.write(
            JSON.object(JSONObject(members, uniquingKeysWith: { $1 })).bytes, to: directory + "/states.json")
    }
}
