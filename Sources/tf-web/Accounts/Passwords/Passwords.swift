import COpenSSL
import Foundation
import NIOPosix
import TFDefinition
import TFExpression
import TFStore
import TFSystem

/// Hashes passwords with scrypt, N=2^17 r=8 p=1, on two threads of its own: a hash takes 0.4 s and 128 MiB.
struct Passwords: Sendable {
    static let minimumLength = 12
    /// Maximum number of waiting calls; further ones are answered 503.
    private static let maximumWaiting = 64

    private let threads: NIOThreadPool
    private let turnstile = Turnstile(places: 2, waiting: maximumWaiting)

    init() {
        threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
    }

    /// How many calls wait until a password can be hashed.
    var waiting: Int { turnstile.waiting }

    /// Why a password is refused; nil if it is accepted.
    /// - Parameter owner: the account's person, since attackers try their names first.
    static func problem(_ password: String, owner: PasswordOwner) -> String? {
        if password.hasNUL { return "Password must not hold the character U+0000" }
        if password.count < minimumLength { return "Password must be \(minimumLength) characters or more" }
        if password.utf8.count > TextLimit.password.characters { return "Password must be 1,000 bytes or fewer" }
        let plain = Array(String(String.UnicodeScalarView(PasswordGuess.plain(password))).utf8)
        for (what, name) in owner.identifiers where name.utf8.count >= 4 {
            let name = Array(String(String.UnicodeScalarView(PasswordGuess.plain(name))).utf8)
            if plain.holds(name) { return "Password must not contain the \(what)" }
        }
        if Set(plain).count < 5 { return "Password must have at least 5 different characters" }
        let guess = PasswordGuess(password, names: owner.names + ["TicketFlower"])
        guard guess.price < PasswordGuess.least else { return nil }
        let pieces = guess.pieces.map(\.rawValue)
        let made = pieces.count > 1 ? pieces.dropLast().joined(separator: ", ") + " and " : ""
        return
            "This password is soon guessed: it is made of \(made)\(pieces.last ?? "what many people choose"). "
            + "Take four or more words that have nothing to do with each other, or let a program make one"
    }

    /// The part of a typed password that is checked: no password has more scalars, since none has more bytes.
    static func cut(_ typed: String) -> String { typed.prefix(scalars: TextLimit.password.characters) }

    /// Hashes a password.
    /// - Returns: a PHC string: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
    func hash(_ password: String) async throws -> String {
        try await turnstile.turn { try await hashNow(password) }
    }

    /// Holds one of the two places during all of `work`, which hashes with `verifyNow`.
    func turn<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        try await turnstile.turn(work)
    }

    /// Whether the password matches the stored hash. If `stored` is nil, it takes the same time and returns false. Call
    /// it only inside `turn`.
    func verifyNow(_ password: String, _ stored: String?) async throws -> Bool {
        try await threads.runIfActive {
            guard let stored, let parts = Self.parse(stored) else {
                _ = try Self.scrypt(
                    password, salt: [UInt8](repeating: 0, count: 16), logN: Self.logN, r: Self.r, p: Self.p)
                return false
            }
            let hash = try Self.scrypt(password, salt: parts.salt, logN: parts.logN, r: parts.r, p: parts.p)
            return ConstantTime.areEqual(hash, parts.hash)
        }
    }

    /// Call only inside `turn`.
    func hashNow(_ password: String) async throws -> String {
        try await threads.runIfActive {
            let salt = Random.bytes(16)
            let hash = try Self.scrypt(password, salt: salt, logN: Self.logN, r: Self.r, p: Self.p)
            return "$scrypt$ln=\(Self.logN),r=\(Self.r),p=\(Self.p)$\(Self.base64(salt))$\(Self.base64(hash))"
        }
    }

    /// Whether a hash was made with weaker parameters than those of new ones.
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

/// The person for whom a password is.
struct PasswordOwner {
    /// The names used for sign-in and mail, which the password must not contain.
    let identifiers: [(what: String, name: String)]
    /// Names that an attacker knows; they add little strength to a password.
    let names: [String]

    init(login: String, name: String = "", email: String? = nil, companies: [Company] = []) {
        let local = String((email ?? "").unicodeScalars.prefix { $0 != "@" })
        // A short one, such as `info`, is part of many words.
        identifiers = [("user name", login)] + (local.utf8.count < 6 ? [] : [("e-mail address", local)])
        names = [login, name, email ?? ""] + companies.flatMap { [$0.slug, $0.name] }
    }

    init(_ identity: Identity) {
        self.init(
            login: identity.account.login, name: identity.account.name, email: identity.account.email,
            companies: identity.memberships.values.map(\.company))
    }
}

extension [UInt8] {
    fileprivate func holds(_ other: [UInt8]) -> Bool {
        !other.isEmpty && count >= other.count
            && (0...(count - other.count)).contains { self[$0..<($0 + other.count)].elementsEqual(other) }
    }
}
