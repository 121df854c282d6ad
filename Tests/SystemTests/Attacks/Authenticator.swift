import Foundation
import Subprocess

/// The app on somebody's telephone that shows codes (RFC 6238), by Python and none of our own code.
struct Authenticator: Sendable {
    private static let program = """
        import base64, hmac, struct, sys
        key = base64.b32decode(sys.argv[1] + "=" * (-len(sys.argv[1]) % 8))
        digest = hmac.digest(key, struct.pack(">Q", int(sys.argv[2])), "sha1")
        offset = digest[19] & 15
        print("%06d" % ((struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000))
        """

    /// In base32, as the page shows it.
    let secret: String

    func code() async throws -> String {
        let step = Int(Date.now.timeIntervalSince1970) / 30
        let result = try await Subprocess.run(
            .name("python3"), arguments: ["-c", Self.program, secret, String(step)], output: .string(limit: 100),
            error: .discarded)
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }
}
