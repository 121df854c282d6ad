import Foundation
import Subprocess
import TFExpression
import TFProcess

/// Signs tokens with a site's own key, as somebody does who has copied its data directory. What must be refused for
/// another reason than the signature is tried with these.
struct TokenForge {
    /// The key that signs, in a file.
    private let path: String
    private let id: String

    /// - Parameter data: the site's data directory.
    init(_ data: String) throws {
        let states = try JSON(parsing: Array(Data(contentsOf: URL(fileURLWithPath: "\(data)/keys/states.json"))))
        guard let id = states.objectValue?.first(where: { $0.value["state"] == "active" })?.key else {
            throw ForgeError.noKey(states.text)
        }
        self.id = id
        path = "\(data)/keys/\(id).pem"
    }

    /// - Parameter type: nil: the header has none.
    func sign(_ claims: JSON, type: String? = "at+jwt") async throws -> String {
        var header: JSONObject = ["alg": "ES256", "kid": .string(id)]
        if let type { header["typ"] = .string(type) }
        let input = "\(Self.encode(JSON.object(header).bytes)).\(Self.encode(claims.bytes))"
        let result = try await TFProcess.run(
            Configuration(executable: .name("openssl"), arguments: ["dgst", "-sha256", "-sign", path]),
            feeding: Array(input.utf8), output: .bytes(limit: 200), error: .string(limit: 1 << 16))
        guard let signature = Self.raw(result.standardOutput) else { throw ForgeError.noKey(result.standardError) }
        return "\(input).\(Self.encode(signature))"
    }

    /// The claims of a token, whoever signed it.
    static func claims(_ token: String) throws -> JSON {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { throw ForgeError.noToken(token) }
        let text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text + padding) else { throw ForgeError.noToken(token) }
        return try JSON(parsing: Array(data))
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// r and s, 32 bytes each, of the DER sequence of two integers that OpenSSL writes.
    private static func raw(_ der: [UInt8]) -> [UInt8]? {
        var rest = der.dropFirst(2)
        var raw: [UInt8] = []
        for _ in 0..<2 {
            guard rest.popFirst() == 0x02, let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
            let number = rest.prefix(Int(length)).drop { $0 == 0 }
            guard number.count <= 32 else { return nil }
            raw += [UInt8](repeating: 0, count: 32 - number.count) + number
            rest = rest.dropFirst(Int(length))
        }
        return raw
    }
}

private enum ForgeError: Error {
    case noKey(String)
    case noToken(String)
}
