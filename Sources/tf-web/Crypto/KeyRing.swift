import Synchronization
import TFExpression
import TFStore
import TFSystem

/// The site's keys (`KeyHome`): one for each signing key, one with their states, and the secret for HMACs.
///
/// A key is first `next`, so that other servers know it before it signs; then active; then retired, in which state it
/// still verifies until the last token that it signed has expired.
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
        /// The states as they are kept.
        var source: [UInt8] = []
        /// Increases whenever the keys or their states change.
        var generation = 0
    }

    /// How long a retired key verifies, in milliseconds: longer than any token lives.
    static let retirement: Int64 = 2 * AccessToken.lifetime * 1000

    private static let secretBytes = 32

    /// The secret of the HMACs, 32 bytes.
    let secret: [UInt8]
    private let home: KeyHome
    private let snapshot: Mutex<Snapshot>

    /// Reads the keys of a store, and creates them at the first start.
    /// - Throws: as `init(_:now:)`; `KeyError.lost` also if all keys are gone and the store shows that there were some.
    convenience init(_ home: KeyHome, of store: Store, now: Int64) async throws {
        try await Self.refuseLost(home, of: store, now: now)
        try await self.init(home, now: now)
    }

    /// - Throws: `KeyError.lost` if there are no keys, and somebody has used them. Who has only made accounts by commands has
    ///   none yet.
    static func refuseLost(_ home: KeyHome, of store: Store, now: Int64) async throws {
        guard try await !KeyHome.isBegun(home.look()), try await store.read({ try $0.dependsOnSecret(now: now) })
        else { return }
        // Another program may have made them meanwhile, and signed somebody in.
        guard try await KeyHome.isBegun(home.look()) else { throw KeyError.lost(home.place(of: KeyHome.secret)) }
    }

    /// Reads the keys, and makes none.
    /// - Returns: nil if the site has none yet.
    convenience init?(reading home: KeyHome) async throws {
        guard try await KeyHome.isBegun(home.look()) else { return nil }
        try self.init(await home.read(), in: home)
    }

    /// Reads the keys, and creates them at the first start.
    /// - Throws: `FileFailure` for a file that others can read; `KeyError` for one that is not a valid key, or that was
    ///   there once: with another secret, second factors and sessions would be worth nothing.
    convenience init(_ home: KeyHome, now: Int64) async throws {
        var keys = try await home.read()
        guard keys[KeyHome.secret] != nil || !KeyHome.isBegun(keys) else {
            throw KeyError.lost(home.place(of: KeyHome.secret))
        }
        if keys[KeyHome.secret] == nil || keys[KeyHome.states] == nil {
            keys = try await home.change { keys in
                if keys[KeyHome.secret] == nil { keys[KeyHome.secret] = Random.bytes(Self.secretBytes) }
                guard keys[KeyHome.states] == nil else { return }
                var states: States = [:]
                try Self.write(&states, to: &keys, now: now)
            }
        }
        try self.init(keys, in: home)
    }

    private init(_ keys: KeyHome.Keys, in home: KeyHome) throws {
        guard let secret = keys[KeyHome.secret] else { throw KeyError.lost(home.place(of: KeyHome.secret)) }
        guard secret.count == Self.secretBytes else { throw KeyError.unreadable(home.place(of: KeyHome.secret)) }
        let snapshot = try Self.load(keys, from: home)
        self.secret = secret
        self.home = home
        self.snapshot = Mutex(snapshot)
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
    func reload() async throws {
        guard try await home.key(KeyHome.states) != snapshot.withLock({ $0.source }) else { return }
        replace(by: try Self.load(try await home.read(), from: home))
    }

    // MARK: Changes

    /// Makes the next key active, and creates another next key. Nobody is signed out.
    /// - Returns: the id of the key that now signs.
    @discardableResult
    func rotate(now: Int64) async throws -> String {
        try await change(now: now) { states in
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
    func revoke(_ id: String, now: Int64) async throws {
        try await change(now: now) { states in
            guard states[id] != nil else { throw KeyError.unknown(id) }
            let wasActive = states[id]?.state == .active
            states[id] = nil
            guard wasActive, let next = states.first(where: { $0.value.state == .next })?.key else { return }
            states[next] = (.active, now)
        }
    }

    /// Makes new keys in place of some that are lost for good. With another secret nobody's session goes on, and no code
    /// of a second factor is right: so both end, before the new secret is there.
    /// - Returns: whether the secret is new; nil: no key is lost, and nothing was done.
    static func renew(_ home: KeyHome, of store: Store, now: Int64) async throws -> Bool? {
        let before = try await home.read()
        // A ring is made of whole keys alone.
        guard (try? KeyRing(before, in: home)) == nil else { return nil }
        let isNew = before[KeyHome.secret]?.count != Self.secretBytes
        if isNew {
            try await store.write { session in
                for account in try session.identities().map(\.account) {
                    if account.hasSecondFactor { try session.removeSecondFactor(of: account, now: now) }
                    for live in try session.sessions(of: account.id, now: now) {
                        try session.endSession(live.id, of: account, because: .endedByAdmin, now: now)
                    }
                }
            }
        }
        try await home.change { keys in
            if isNew { keys[KeyHome.secret] = Random.bytes(Self.secretBytes) }
            for name in keys.keys where name.hasSuffix(KeyHome.signing("")) { keys[name] = nil }
            var states: States = [:]
            try Self.write(&states, to: &keys, now: now)
        }
        return isNew
    }

    private func replace(by new: Snapshot) {
        snapshot.withLock { snapshot in
            let generation = snapshot.generation + 1
            snapshot = new
            snapshot.generation = generation
        }
    }

    private typealias States = [String: (state: State, since: Int64)]

    private func change(now: Int64, _ work: @escaping @Sendable (inout States) throws -> Void) async throws {
        let keys = try await home.change { [home] keys in
            var states = try Self.load(keys, from: home).entries.mapValues { (state: $0.state, since: $0.since) }
            let before = Set(states.keys)
            try work(&states)
            try Self.write(&states, to: &keys, now: now)
            for id in before.subtracting(states.keys) { keys[KeyHome.signing(id)] = nil }
        }
        replace(by: try Self.load(keys, from: home))
    }

    // MARK: What is kept

    private static func load(_ keys: KeyHome.Keys, from home: KeyHome) throws -> Snapshot {
        var snapshot = Snapshot(source: keys[KeyHome.states] ?? [])
        let place = home.place(of: KeyHome.states)
        guard let members = (try? JSON(parsing: snapshot.source))?.objectValue else {  // what is damaged is unreadable
            throw KeyError.unreadable(place)
        }
        for (id, value) in members {
            guard let state = value["state"].stringValue.flatMap(State.init), let since = value["since"].intValue else {
                throw KeyError.unreadable(place)
            }
            let place = home.place(of: KeyHome.signing(id))
            guard let pem = keys[KeyHome.signing(id)] else { throw KeyError.unreadable(place) }
            let key = try SigningKey(pem: pem, path: place)
            guard key.id == id else { throw KeyError.misnamed(place, key.id) }
            snapshot.entries[id] = Entry(key: key, state: state, since: Int64(since))
        }
        return snapshot
    }

    /// Writes the states, and makes an active and a next key if they are missing.
    private static func write(_ states: inout States, to keys: inout KeyHome.Keys, now: Int64) throws {
        for state in [State.active, .next] where !states.values.contains(where: { $0.state == state }) {
            let key = try SigningKey.generate()
            keys[KeyHome.signing(key.id)] = try key.pem()
            states[key.id] = (state, now)
        }
        let members = states.sorted { $0.key < $1.key }.map { id, entry in
            (id, ["state": .string(entry.state.rawValue), "since": .int(entry.since)] as JSON)
        }
        keys[KeyHome.states] = JSON.object(JSONObject(members, uniquingKeysWith: { $1 })).bytes
    }
}
