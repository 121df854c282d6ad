import COpenSSL
import Foundation
import TFExpression
import TFSystem

/// Time-based one-time codes (RFC 6238): SHA-1, six digits, 30 seconds, as authenticator apps expect.
enum SecondFactorCode {
    /// Seconds in a time step.
    static let step: Int64 = 30
    private static let recoveryCodes = 10
    /// What is said of a code that was used already.
    static let usedAlready = "You used this code already; wait for the next one, which comes within half a minute"

    /// The code of a time step (RFC 4226, chapter 5.3).
    static func code(_ secret: [UInt8], step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        var digest = [UInt8](repeating: 0, count: 20)
        var length: UInt32 = 20
        _ = HMAC(EVP_sha1(), secret, Int32(secret.count), counter, counter.count, &digest, &length)
        let offset = Int(digest[19] & 0x0F)
        let number = digest[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The time step of a typed code: the present one, the one before or the one after, since clocks differ; nil if
    /// wrong.
    /// - Parameter now: milliseconds since 1970.
    static func step(of typed: String, _ secret: [UInt8], now: Int64) -> Int64? {
        let digits = typed.filter { !$0.isWhitespace }
        let current = now / 1000 / step
        return [current, current - 1, current + 1].first { ConstantTime.areEqual(code(secret, step: $0), digits) }
    }

    /// Whether it has the form of an authenticator's code.
    static func isWhole(_ typed: String) -> Bool {
        let digits = typed.utf8.filter { $0 != UInt8(ascii: " ") }
        return digits.count == 6 && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// base32 without padding, as authenticator apps read it.
    static func base32(_ bytes: [UInt8]) -> String { Base32.encode(bytes).replacing("=", with: "") }

    /// The link from which an authenticator app reads the secret, also as a QR code.
    static func uri(_ secret: [UInt8], login: String, issuer: String) -> String {
        let name = issuer.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "otpauth://totp/\(name):\(login)?secret=\(base32(secret))&issuer=\(name)"
    }

    /// Ten codes of fifty bits, such as `ABCDE-FGHIJ`, for use if the authenticator is lost.
    static func newRecoveryCodes() -> [String] {
        (0..<recoveryCodes).map { _ in
            let text = base32(Random.bytes(7)).prefix(10)
            return "\(text.prefix(5))-\(text.suffix(5))"
        }
    }

    /// A typed recovery code in the canonical form that is hashed; nil if it is not one.
    static func recoveryCode(_ typed: String) -> String? {
        let letters = typed.uppercased().filter { $0 != "-" && !$0.isWhitespace }
        return letters.count == 10 && Base32.decode(letters) != nil ? letters : nil
    }
}
