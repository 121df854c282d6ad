import TFConfiguration
import TFEngine
import TFStore
import TFSystem

/// Seals the companies' secrets with one of the site's keys. Company and name are bound to each secret, so that a row that
/// is moved to another name or company does not open.
struct SecretBox: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case notAKey(String)

        var description: String {
            switch self {
            case .notAKey(let place): "the key \(place) is not 32 bytes long; restore it from a backup"
            }
        }
    }

    private let key: SealingKey

    /// Reads the key, or makes it if there is none.
    init(_ home: KeyHome) async throws {
        if let box = try await SecretBox(reading: home) {
            self = box
            return
        }
        // Two processes that start at once must not make a key each, and seal with the one that is lost.
        let keys = try await home.change { keys in
            if keys[KeyHome.companies] == nil { keys[KeyHome.companies] = Random.bytes(SealingKey.length) }
        }
        try self.init(keys[KeyHome.companies] ?? [], home)
    }

    /// Reads the key without making one.
    /// - Returns: nil if there is no key.
    init?(reading home: KeyHome) async throws {
        guard let bytes = try await home.key(KeyHome.companies) else { return nil }
        try self.init(bytes, home)
    }

    private init(_ bytes: [UInt8], _ home: KeyHome) throws {
        guard let key = SealingKey(bytes) else { throw Failure.notAKey(home.place(of: KeyHome.companies)) }
        self.key = key
    }

    var opener: SecretOpener { { company, name, sealed in open(sealed, company: company, name: name) } }

    /// Makes the `Idempotency-Key` of a request's identity.
    var idempotencyKey: @Sendable (_ identity: String) -> String {
        { identity in key.uuid(of: "Idempotency-Key \(identity)") }
    }

    /// Base64 of nonce, ciphertext and tag.
    func seal(_ value: String, company: CompanyID, name: String) -> String {
        key.seal(Array(value.utf8), for: Self.bound(company, name))
    }

    /// - Returns: nil if the secret was sealed with another key, or for another name or company.
    func open(_ text: String, company: CompanyID, name: String) -> String? {
        key.open(text, for: Self.bound(company, name)).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func bound(_ company: CompanyID, _ name: String) -> String { "\(company)/\(name)" }
}

extension KeyHome {
    init(of store: Store, _ settings: Settings) async throws {
        try await self.init(of: store, data: settings.data, masterKey: settings.masterKeyFile)
    }
}
