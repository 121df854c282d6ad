import COpenSSL
import Foundation
import TFExpression
import TFSystem

/// The answer to a Digest challenge. Source: RFC 7616; `qop=auth`, SHA-256 and MD5.
struct DigestAnswer: Equatable {
    let text: String

    /// - Parameter clientNonce: nil makes a random one.
    init?(
        challenge: String?, username: String, password: String, method: String, url: String, clientNonce: String? = nil
    ) {
        guard let challenge, challenge.lowercased().hasPrefix("digest ") else { return nil }
        let parts = Self.parameters(String(challenge.dropFirst("digest ".count)))
        guard let realm = parts["realm"], let nonce = parts["nonce"] else { return nil }
        let algorithm = parts["algorithm"] ?? "MD5"
        let isSession = algorithm.lowercased().hasSuffix("-sess")
        let name = algorithm.lowercased().replacing("-sess", with: "")
        guard name == "md5" || name == "sha-256" else { return nil }
        func hash(_ text: String) -> String { name == "md5" ? Self.md5(text) : Digest.sha256(text.utf8).hexadecimal }
        let slashes = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        let path = "/" + (slashes.count == 4 ? slashes[3].prefix { $0 != "#" } : "")
        let client = clientNonce ?? Random.bytes(8).hexadecimal
        var secret = hash("\(username):\(realm):\(password)")
        if isSession { secret = hash("\(secret):\(nonce):\(client)") }
        let target = hash("\(method):\(path)")
        let hasQuality = parts["qop"]?.split(separator: ",").contains { $0.filter { $0 != " " } == "auth" } ?? false
        let response =
            hasQuality
            ? hash("\(secret):\(nonce):00000001:\(client):auth:\(target)") : hash("\(secret):\(nonce):\(target)")
        var answer =
            "Digest username=\(Self.quoted(username)), realm=\(Self.quoted(realm)), nonce=\(Self.quoted(nonce)), uri=\(Self.quoted(path)), response=\"\(response)\", algorithm=\(algorithm)"
        if let opaque = parts["opaque"] { answer += ", opaque=\(Self.quoted(opaque))" }
        if hasQuality { answer += ", qop=auth, nc=00000001, cnonce=\"\(client)\"" }
        text = answer
    }

    /// A quoted string (RFC 9110, chapter 5.6.4).
    private static func quoted(_ text: String) -> String {
        "\""
            + text.escaped {
                $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") ? "\\" + String(Unicode.Scalar($0)) : nil
            }
            + "\""
    }

    /// `name="value", name=value`
    private static func parameters(_ text: String) -> [String: String] {
        var parameters: [String: String] = [:]
        for match in text.matches(of: #/([A-Za-z]+)=(?:"([^"]*)"|([^\s,]+))/#) {
            parameters[match.1.lowercased()] = String(match.2 ?? match.3 ?? "")
        }
        return parameters
    }

    /// Only for servers that know nothing better.
    private static func md5(_ text: String) -> String {
        var digest = [UInt8](repeating: 0, count: 16)
        let bytes = Array(text.utf8)
        _ = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil)
        return digest.hexadecimal
    }
}
