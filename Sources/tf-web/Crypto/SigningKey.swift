import COpenSSL
import Foundation
import TFExpression
import TFSystem

/// Why a key cannot be used.
enum KeyError: Error, CustomStringConvertible {
    case openSSL(String)
    /// A key that was there once is missing, and nothing can take its place.
    case lost(String)
    case unreadable(String)
    case noKey(String)
    case misnamed(String, String)
    case unknown(String)

    var description: String {
        switch self {
        case .openSSL(let what): "OpenSSL refused: \(what)"
        case .lost(let path):
            "the key \(path) is missing, and sessions and second factors depend on it; \(Self.remedy)"
        case .unreadable(let path): "the key \(path) is missing, cut off or was changed; \(Self.remedy)"
        case .noKey(let path): "\(path) is no EC P-256 key in PEM; \(Self.remedy)"
        case .misnamed(let path, let id): "the key \(path) is another key, \(id); \(Self.remedy)"
        case .unknown(let id): "there is no key \"\(id)\"; tf-web keys list shows all"
        }
    }
}

extension KeyError {
    private static let remedy = "restore it from a backup, or, if it is lost for good, run: tf-web keys renew --yes"
}

/// An EC P-256 key that verifies only ES256 signatures (RFC 7518, chapter 3.4).
protocol VerifyingKey: Sendable {
    func isValid(_ signature: [UInt8], for message: String) -> Bool
}

/// The public half of a key.
final class PublicKey: VerifyingKey {
    private let address: UInt

    /// - Returns: nil if it is not a JSON Web Key of this kind, or names another use or algorithm.
    init?(jwk: JSON) {
        guard jwk["kty"] == "EC", jwk["crv"] == "P-256", [.null, "ES256"].contains(jwk["alg"]),
            [.null, "sig"].contains(jwk["use"]),
            let x = jwk["x"].stringValue.flatMap({ Base64URL.decode($0) }), x.count == 32,
            let y = jwk["y"].stringValue.flatMap({ Base64URL.decode($0) }), y.count == 32,
            let key = ES256.publicKey([4] + x + y)
        else { return nil }
        address = UInt(bitPattern: key)
    }

    deinit { EVP_PKEY_free(OpaquePointer(bitPattern: address)) }

    func isValid(_ signature: [UInt8], for message: String) -> Bool {
        ES256.isValid(signature, for: message, OpaquePointer(bitPattern: address))
    }
}

/// OpenSSL calls that both kinds of key share.
private enum ES256 {
    /// The bytes before an uncompressed P-256 point in a SubjectPublicKeyInfo (RFC 5480).
    private static let prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]

    /// Makes a key from a point, which must lie on the curve.
    static func publicKey(_ point: [UInt8]) -> OpaquePointer? {
        (prefix + point).withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_PUBKEY(nil, &start, buffer.count)
        }
    }

    static func isValid(_ raw: [UInt8], for message: String, _ key: OpaquePointer?) -> Bool {
        guard raw.count == 64, let signature = ECDSA_SIG_new() else { return false }
        defer { ECDSA_SIG_free(signature) }
        guard let r = BN_bin2bn(Array(raw[..<32]), 32, nil), let s = BN_bin2bn(Array(raw[32...]), 32, nil),
            ECDSA_SIG_set0(signature, r, s) == 1
        else { return false }
        var der: UnsafeMutablePointer<UInt8>?
        let length = i2d_ECDSA_SIG(signature, &der)
        guard length > 0, let der, let context = EVP_MD_CTX_new() else { return false }
        defer {
            CRYPTO_free(der, nil, 0)
            EVP_MD_CTX_free(context)
        }
        let bytes = Array(message.utf8)
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, der, Int(length), bytes, bytes.count) == 1
    }
}

/// An EC P-256 key that signs and verifies ES256 (RFC 7518, chapter 3.4).
///
/// The OpenSSL key is never changed after creation, and its read functions may be called from any thread. It is kept as
/// an address, so that the type can be Sendable.
final class SigningKey: VerifyingKey {
    /// The key's RFC 7638 thumbprint.
    let id: String
    /// The public point's coordinates, 32 bytes each.
    let x: [UInt8]
    let y: [UInt8]
    private let address: UInt

    /// Whether a text has the form of an id.
    static func isID(_ text: String) -> Bool { text.utf8.count == 43 && Base64URL.decode(text)?.count == 32 }

    private var key: OpaquePointer? { OpaquePointer(bitPattern: address) }

    private init(_ key: OpaquePointer) throws {
        var point = [UInt8](repeating: 0, count: 65)
        var length = 0
        var group = [CChar](repeating: 0, count: 32)
        var groupLength = 0
        // Points of other curves may have the same length.
        guard EVP_PKEY_get_group_name(key, &group, 32, &groupLength) == 1,
            group.prefix(groupLength).elementsEqual("prime256v1".utf8.map { CChar(bitPattern: $0) }),
            EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, &point, 65, &length) == 1, length == 65,
            point[0] == 4
        else {
            EVP_PKEY_free(key)
            throw KeyError.openSSL("the key is no EC P-256 key")
        }
        address = UInt(bitPattern: key)
        x = Array(point[1..<33])
        y = Array(point[33..<65])
        let members = #"{"crv":"P-256","kty":"EC","x":"\#(Base64URL.encode(x))","y":"\#(Base64URL.encode(y))"}"#
        id = Base64URL.encode(Digest.sha256(members.utf8))
    }

    deinit { EVP_PKEY_free(key) }

    /// Makes a key whose id does not begin with a hyphen: as an argument of a command it would look like an option.
    static func generate() throws -> SigningKey {
        while true {
            let key = try generateAny()
            if !key.id.hasPrefix("-") { return key }
        }
    }

    private static func generateAny() throws -> SigningKey {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw KeyError.openSSL("no EC keys") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw KeyError.openSSL("no P-256 key was made") }
        return try SigningKey(key)
    }

    /// - Throws: `KeyError.noKey` for anything but a complete EC P-256 key.
    convenience init(pem: [UInt8], path: String) throws {
        guard let bio = BIO_new_mem_buf(pem, Int32(pem.count)) else { throw KeyError.openSSL("no memory") }
        defer { BIO_free(bio) }
        guard let key = PEM_read_bio_PrivateKey(bio, nil, nil, nil) else { throw KeyError.noKey(path) }
        guard let context = EVP_PKEY_CTX_new(key, nil) else { throw KeyError.openSSL("no memory") }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_check(context) == 1 else {
            EVP_PKEY_free(key)
            throw KeyError.noKey(path)
        }
        do { try self.init(key) } catch { throw KeyError.noKey(path) }
    }

    func pem() throws -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { throw KeyError.openSSL("no memory") }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else {
            throw KeyError.openSSL("the key was not written")
        }
        var pem = [UInt8](repeating: 0, count: 4096)
        let length = BIO_read(bio, &pem, 4096)
        return Array(pem.prefix(Int(max(0, length))))
    }

    /// The signature in the form of JWS: r and s, 32 bytes each.
    func sign(_ message: String) throws -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw KeyError.openSSL("no memory") }
        defer { EVP_MD_CTX_free(context) }
        let bytes = Array(message.utf8)
        var der = [UInt8](repeating: 0, count: 80)
        var length = 80
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
            EVP_DigestSign(context, &der, &length, bytes, bytes.count) == 1
        else { throw KeyError.openSSL("nothing was signed") }
        return try der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let signature = d2i_ECDSA_SIG(nil, &start, length) else { throw KeyError.openSSL("no signature") }
            defer { ECDSA_SIG_free(signature) }
            var raw = [UInt8](repeating: 0, count: 64)
            raw.withUnsafeMutableBufferPointer { raw in
                _ = BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw.baseAddress, 32)
                _ = BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw.baseAddress?.advanced(by: 32), 32)
            }
            return raw
        }
    }

    func isValid(_ signature: [UInt8], for message: String) -> Bool { ES256.isValid(signature, for: message, key) }

    /// The public half as a JSON Web Key.
    var jwk: JSON {
        [
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": .string(id),
            "x": .string(Base64URL.encode(x)), "y": .string(Base64URL.encode(y)),
        ]
    }
}
