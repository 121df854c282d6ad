import Dispatch
import TFSystem

/// Where the site's keys are: in files of the data directory, or on PostgreSQL sealed in the store, so that every host has
/// them.
package enum KeyHome: Sendable {
    /// The bytes of keys by their names.
    package typealias Keys = [String: [UInt8]]

    case files(data: String)
    case rows(Store, MasterKey)

    /// What the HMACs are made with.
    package static let secret = "secret"
    /// What each signing key is for at present.
    package static let states = "states.json"
    /// What seals the companies' secrets, and makes the idempotency keys of workflows' requests.
    package static let companies = "secrets.key"
    /// What everybody shows who reads the figures.
    package static let metricsToken = "metrics.token"

    /// The name of a signing key.
    package static func signing(_ id: String) -> String { id + ".pem" }

    /// Whether a file of `<data>/keys` is one of the keys, and not what somebody else keeps there.
    static func isKey(_ name: String) -> Bool {
        [secret, states, companies].contains(name) || name.hasSuffix(signing("")) && !name.hasPrefix(".")
    }

    /// Whether a web process has made its keys. The secret is written before all others, and the states last: where they
    /// are without the secret, it was lost.
    package static func isBegun(_ keys: Keys) -> Bool { keys[secret] != nil || keys[states] != nil }

    /// - Parameters:
    ///   - data: the data directory.
    ///   - masterKey: the path of the master key's file, which PostgreSQL alone needs. It is made if it is missing and no
    ///     key was sealed yet.
    /// - Throws: `MasterKeyError` or `FileFailure`.
    package init(of store: Store, data: String, masterKey: String) async throws {
        switch store.engine {
        case .sqlite: self = .files(data: data)
        case .postgres:
            self = .rows(store, try MasterKey(file: masterKey, for: try await store.read { try $0.sealedKeys() }))
        }
    }

    /// The same without making anything.
    /// - Returns: nil if no key was sealed yet.
    package static func existing(of store: Store, data: String, masterKey: String) async throws -> KeyHome? {
        if case .postgres = store.engine, try await store.read({ try $0.sealedKeys() }).isEmpty { return nil }
        return try await KeyHome(of: store, data: data, masterKey: masterKey)
    }

    /// Where a key is, for people.
    package func place(of name: String) -> String {
        switch self {
        case .files(let data): KeyFiles(data).path(of: name)
        case .rows: "\(name) in the store"
        }
    }

    /// - Returns: nil if there is none of that name.
    package func key(_ name: String) async throws -> [UInt8]? {
        switch self {
        case .files(let data) where name == Self.metricsToken: try await Self.aside { KeyFiles(data).metricsToken }
        case .files(let data): try await Self.aside { try KeyFiles(data).key(name) }
        case .rows: try await read()[name]
        }
    }

    /// All keys as they are at one moment.
    package func read() async throws -> Keys {
        switch self {
        case .files(let data):
            let files = KeyFiles(data)
            return try await Self.aside { try files.locked { try files.read() } }
        case .rows(let store, let master): return try await store.read { try $0.openKeys(master) }
        }
    }

    /// The same for who only looks: nothing is made, not even a lock, and a change that is under way may be seen in part.
    package func look() async throws -> Keys {
        guard case .files(let data) = self else { return try await read() }
        return try await Self.aside { try KeyFiles(data).read() }
    }

    /// Changes keys; nobody else does meanwhile.
    /// - Parameter body: in rows it may run several times.
    /// - Returns: all keys afterwards.
    @discardableResult
    package func change(_ body: @escaping @Sendable (inout Keys) throws -> Void) async throws -> Keys {
        switch self {
        case .files(let data):
            let files = KeyFiles(data)
            return try await Self.aside {
                try files.locked {
                    let before = try files.read()
                    var keys = before
                    try body(&keys)
                    try files.write(keys, before: before)
                    return keys
                }
            }
        case .rows(let store, let master):
            return try await store.writeAside { session in
                // All are opened, so that two hosts with different master keys never seal a part each.
                let before = try session.openKeys(master)
                var keys = before
                try body(&keys)
                for (name, bytes) in keys where before[name] != bytes {
                    try session.setKey(name, sealed: master.seal(bytes, as: name))
                }
                for name in before.keys where keys[name] == nil { try session.removeKey(name) }
                return keys
            }
        }
    }

    /// Sets the metrics' token in place of an earlier one; nil: none is asked for any more.
    package func setMetricsToken(_ token: [UInt8]?) async throws {
        switch self {
        case .files(let data):
            let files = KeyFiles(data)
            try await Self.aside {
                guard let token else { return try files.remove(Self.metricsToken) }
                try PrivateFile.write(token, to: files.path(of: Self.metricsToken))
            }
        case .rows: try await change { $0[Self.metricsToken] = token }
        }
    }

    private static let files = DispatchQueue(label: "key files")

    /// Waits for the disk on a queue of its own, and not on a thread of the cooperative pool.
    private static func aside<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { waiting in
            files.async { waiting.resume(with: Result { try body() }) }
        }
    }
}

extension ReadSession {
    /// - Throws: `MasterKeyError.another`.
    fileprivate func openKeys(_ master: MasterKey) throws -> KeyHome.Keys { try master.open(try sealedKeys()) }
}
