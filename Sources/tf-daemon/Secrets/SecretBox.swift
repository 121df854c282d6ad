import TFConfiguration
import TFEngine
import TFStore
import TFSystem

/// Seals the companies' secrets with one of the site's keys. Company and name are bound to each secret, so that a row that
/// is moved to another name or company does not open.
struct SecretBox: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case notAKey(String)
        /// The key is not there, and secrets were sealed with it.
        case missing(String, secrets: [String])
        /// The key opens none of the secrets.
        case another(String, secrets: [String])

        var description: String {
            switch self {
            case .notAKey(let place):
                "the key \(place) is not 32 bytes long; restore it from a backup, or, if it is lost for good, remove the file "
                    + "and do without the secrets that it sealed"
            case .missing(let place, let secrets):
                "the key \(place) is missing, and without it nobody opens \(Self.list(secrets)); \(Self.remedy)"
            case .another(let place, let secrets):
                "the key \(place) is not the one that sealed \(Self.list(secrets)); \(Self.remedy)"
            }
        }

        private static let remedy =
            "restore it from a backup, or, if it is lost for good, remove these secrets with "
            + "`tf-daemon secret remove COMPANY NAME` and set them anew"

        private static func list(_ secrets: [String]) -> String {
            let more = secrets.count - 5
            return secrets.prefix(5).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        }
    }

    private let key: SealingKey

    /// Reads the key, or makes it if the store has nothing that was sealed.
    /// - Throws: `Failure` or `FileFailure`; never a new key beside secrets that only the lost one opens.
    init(_ home: KeyHome, of store: Store) async throws {
        // Asked first: a secret that is there was sealed with a key that was there before.
        let sealed = try await store.read { try $0.unopenedSecrets(nil) }
        let box = try await SecretBox(reading: home)
        guard !sealed.isEmpty else {
            if let box { self = box } else { try await self.init(home) }
            return
        }
        let place = home.place(of: KeyHome.companies)
        guard let box else { throw Failure.missing(place, secrets: sealed) }
        let shut = try await box.unopened(in: store)
        guard shut.count < sealed.count else { throw Failure.another(place, secrets: shut) }
        self = box
    }

    /// The names of the secrets that it does not open.
    func unopened(in store: Store) async throws -> [String] {
        try await store.read { [opener] in try $0.unopenedSecrets(opener) }
    }

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
