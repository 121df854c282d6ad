import COpenSSL
import Foundation
import NIOPosix
import Synchronization

/// Hashes passwords with scrypt, N=2^17 r=8 p=1, on two threads of its own: one takes 0.4 s and 128 MiB.
struct Passwords: Sendable {
    static let minimumLength = 12
    /// Hashings that may wait; more are answered 503.
    private static let maximumWaiting = 64

    private let threads: NIOThreadPool
    private let waiting = Counter()

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
        if Set(lowered).count < 5 { return "Password must have at least 5 different characters" }
        return nil
    }

    /// A PHC string: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
    func hash(_ password: String) async throws -> String {
        try await run {
            let salt = Random.bytes(16)
            let hash = try Self.scrypt(password, salt: salt, logN: 17, r: 8, p: 1)
            return "$scrypt$ln=17,r=8,p=1$\(Self.base64(salt))$\(Self.base64(hash))"
        }
    }

    /// Whether a password is the one that was hashed. nil: there is none, and it still takes as long.
    func verify(_ password: String, _ stored: String?) async throws -> Bool {
        try await run {
            guard let stored, let parts = Self.parse(stored) else {
                _ = try Self.scrypt(password, salt: [UInt8](repeating: 0, count: 16), logN: 17, r: 8, p: 1)
                return false
            }
            let hash = try Self.scrypt(password, salt: parts.salt, logN: parts.logN, r: parts.r, p: parts.p)
            return hash.count == parts.hash.count && CRYPTO_memcmp(hash, parts.hash, hash.count) == 0
        }
    }

    private func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard waiting.increment(upTo: Self.maximumWaiting) else { throw Failure.busy }
        defer { waiting.decrement() }
        return try await threads.runIfActive(work)
    }

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

/// A number that many threads count.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func increment(upTo limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func decrement() { count.withLock { $0 -= 1 } }
}
