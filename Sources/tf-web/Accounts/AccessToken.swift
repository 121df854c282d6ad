import TFExpression
import TFStore

/// The claims of an access token: who somebody is, for ten minutes.
struct AccessToken: Sendable, Hashable {
    /// Seconds that a token lives.
    static let lifetime: Int64 = 600

    let accountID: Int64
    let login: String
    let session: String
    let use: Session.Purpose

    /// Signs a token.
    /// - Parameters:
    ///   - issuer: the base URL; also the audience.
    ///   - now: milliseconds since 1970.
    static func issue(
        for identity: Identity, session: String, use: Session.Purpose, issuer: String, keys: KeyRing, now: Int64
    ) throws -> String {
        let seconds = now / 1000
        let memberships = identity.memberships.sorted { $0.key < $1.key }
        let companies = JSONObject(
            memberships.map { ($0.key, JSON.strings($0.value.companyRoles.sorted())) }, uniquingKeysWith: { $1 })
        let header: JSON = ["alg": "ES256", "kid": .string(keys.active.id), "typ": "at+jwt"]
        let claims: JSON = [
            "iss": .string(issuer), "aud": .string(issuer), "client_id": "ticketflower",
            "sub": .string(String(identity.account.id)), "login": .string(identity.account.login),
            "sid": .string(session), "jti": .string(Random.token()), "iat": .int(seconds),
            "exp": .int(seconds + lifetime), "use": .string(use.rawValue),
            "roles": .strings(identity.systemRoles.map(\.rawValue).sorted()), "companies": .object(companies),
            "auth_time": .int(seconds),
        ]
        let input = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
        return input + "." + Base64URL.encode(try keys.active.sign(input))
    }

    /// Reads a token of ours, strictly: exactly the header that `issue` writes, canonical base64url, a known key, the
    /// exact issuer and audience, every claim that we need, and not expired.
    /// - Returns: nil for anything else, whatever is wrong with it.
    static func verified(
        _ token: String, use: Session.Purpose, issuer: String, keys: KeyRing, now: Int64
    ) -> AccessToken? {
        guard token.utf8.count <= 8_192 else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]),
            let claimBytes = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]),
            let header = try? JSON(parsing: headerBytes), let members = header.objectValue,  // any failure: no token
            Set(members.keys) == ["alg", "kid", "typ"], members["alg"] == "ES256", members["typ"] == "at+jwt",
            let key = members["kid"]?.stringValue.flatMap({ keys.all[$0] }),
            key.isValid(signature, for: "\(parts[0]).\(parts[1])"),
            let claims = try? JSON(parsing: claimBytes)  // any failure: no token
        else { return nil }
        guard claims["iss"].stringValue == issuer, claims["aud"].stringValue == issuer,
            claims["use"].stringValue == use.rawValue, let expiry = claims["exp"].intValue, expiry > now / 1000,
            let issued = claims["iat"].intValue, issued <= now / 1000 + 60,
            let account = claims["sub"].stringValue.flatMap({ Int64($0) }), let session = claims["sid"].stringValue,
            let login = claims["login"].stringValue, claims["jti"].stringValue != nil
        else { return nil }
        return AccessToken(accountID: account, login: login, session: session, use: use)
    }
}
