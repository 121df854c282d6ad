import COpenSSL
import Foundation
import NIOPosix

/// Hashes passwords with scrypt, N=2^17 r=8 p=1, on two threads of its own: one takes 0.4 s and 128 MiB.
struct Passwords: Sendable {
    static let minimumLength = 12
    /// Hashings that may wait; more are answered 503.
    private static let maximumWaiting = 64

    private let threads: NIOThreadPool
    private let turnstile = Turnstile(places: 2, waiting: maximumWaiting)

    init() {
        threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
    }

    /// Why a password is refused; nil: it is not.
    static func problem(_ password: String, login: String) -> String? {
        if password.count < minimumLength { return "Password must be \(minimumLength) characters or more" }
        if password.utf8.count > 1_000 { return "Password must be 1,000 bytes or fewer" }
        let lowered = password.lowercased()
        if lowered.contains(login.lowercased()), login.count >= 4 { return "Password must not contain the user name" }
        if CommonPasswords.contains(password) { return "Password is one that many people choose; take another" }
        if Set(lowered).count < 5 { return "Password must have at least 5 different characters" }
        return nil
    }

    /// A PHC string: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
    func hash(_ password: String) async throws -> String {
        try await turnstile.turn { try await hashNow(password) }
    }

    /// Whether a password is the one that was hashed. nil: there is none, and it still takes as long.
    func verify(_ password: String, _ stored: String?) async throws -> Bool {
        try await turnstile.turn { try await verifyNow(password, stored) }
    }

    /// Takes one of the two places for all of `work`, which hashes by `verifyNow`.
    func turn<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        try await turnstile.turn(work)
    }

    /// Inside `turn` alone.
    func verifyNow(_ password: String, _ stored: String?) async throws -> Bool {
        try await threads.runIfActive {
            guard let stored, let parts = Self.parse(stored) else {
                _ = try Self.scrypt(
                    password, salt: [UInt8](repeating: 0, count: 16), logN: Self.logN, r: Self.r, p: Self.p)
                return false
            }
            let hash = try Self.scrypt(password, salt: parts.salt, logN: parts.logN, r: parts.r, p: parts.p)
            return hash.count == parts.hash.count && CRYPTO_memcmp(hash, parts.hash, hash.count) == 0
        }
    }

    /// Inside `turn` alone.
    func hashNow(_ password: String) async throws -> String {
        try await threads.runIfActive {
            let salt = Random.bytes(16)
            let hash = try Self.scrypt(password, salt: salt, logN: Self.logN, r: Self.r, p: Self.p)
            return "$scrypt$ln=\(Self.logN),r=\(Self.r),p=\(Self.p)$\(Self.base64(salt))$\(Self.base64(hash))"
        }
    }

    /// Whether a hash was made with weaker parameters than a new one would be.
    static func isOld(_ stored: String) -> Bool {
        guard let parts = parse(stored) else { return true }
        return parts.logN < logN || parts.r < r || parts.p < p
    }

    private static let logN = 17
    private static let r: UInt64 = 8
    private static let p: UInt64 = 1

    private static func scrypt(_ password: String, salt: [UInt8], logN: Int, r: UInt64, p: UInt64) throws -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        let done = EVP_PBE_scrypt(
            bytes, bytes.count, salt, salt.count, UInt64(1) << UInt64(logN), r, p, 160 << 20, &hash, hash.count)
        guard done == 1 else { throw KeyError.openSSL("scrypt did not run; is there memory for 128 MiB?") }
        return hash
    }

    private static func parse(_ stored: String) -> (logN: Int, r: UInt64, p: UInt64, salt: [UInt8], hash: [UInt8])? {
        let parts = stored.split(separator: "$")
        guard parts.count == 4, parts[0] == "scrypt" else { return nil }
        let parameters = parts[1].split(separator: ",").reduce(into: [Substring: UInt64]()) { values, pair in
            let sides = pair.split(separator: "=")
            if sides.count == 2 { values[sides[0]] = UInt64(sides[1]) }
        }
        guard let logN = parameters["ln"], (10...20).contains(logN), let r = parameters["r"], let p = parameters["p"],
            let salt = bytes(parts[2]), let hash = bytes(parts[3])
        else { return nil }
        return (Int(logN), r, p, salt, hash)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "")
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4)).map(Array.init)
    }
}
