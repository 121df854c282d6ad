import TFEngine
import TFExpression
import TFStore
import TFSystem

/// The claims of an access token, which proves for ten minutes who a caller is.
struct AccessToken: Sendable, Hashable {
    /// Lifetime in seconds.
    static let lifetime: Int64 = 600
    /// Tolerated clock difference between machines, in seconds.
    private static let skew: Int64 = 60
    private static let type = "at+jwt"
    private static let client = "ticketflower"

    static let claimNames = [
        "iss", "aud", "client_id", "sub", "login", "sid", "jti", "iat", "exp", "use", "roles", "companies", "auth_time",
    ]

    let accountID: AccountID
    let login: String
    let session: SessionID
    let use: Session.Purpose
    let audience: String
    /// All claims of the token.
    let claims: JSON

    /// Signs a token.
    /// - Parameters:
    ///   - audience: the server for which the token is.
    ///   - issuer: this site's base URL.
    ///   - now: milliseconds since 1970.
    static func issue(
        for session: LiveSession, audience: String, issuer: String, keys: KeyRing, now: Int64
    ) throws -> String {
        let seconds = now / 1000
        let identity = session.identity
        let memberships = identity.memberships.sorted { $0.key < $1.key }
        let companies = JSONObject(
            memberships.map { ($0.key, JSON.strings($0.value.companyRoles.sorted())) }, uniquingKeysWith: { $1 })
        guard let key = keys.active else { throw KeyError.openSSL("no key is active") }
        let claims: JSON = [
            "iss": .string(issuer), "aud": .string(audience), "client_id": .string(client),
            "sub": .string(identity.account.id.description), "login": .string(identity.account.login),
            "sid": .id(session.id), "jti": .string(Random.token()), "iat": .int(seconds),
            "exp": .int(seconds + lifetime), "use": .string(session.purpose.rawValue),
            "roles": .strings(identity.systemRoles.map(\.rawValue).sorted()), "companies": .object(companies),
            "auth_time": .int(session.createdAtMs / 1000),
        ]
        return try JWS.sign(claims, type: type, with: key)
    }

    /// Reads a token of this site strictly: the signature of a known key, the exact type, issuer and audience, and
    /// every claim that `issue` writes. The token may have expired.
    /// - Returns: nil for any other token.
    init?(
        _ token: String, use: Session.Purpose?, issuer: String, audiences: Set<String>,
        key: (_ id: String) -> VerifyingKey?
    ) {
        guard let jws = JWS(token, key: key), jws.header["typ"] == .string(Self.type) else { return nil }
        let claims = jws.payload
        guard claims["iss"].stringValue == issuer, let audience = claims["aud"].stringValue,
            audiences.contains(audience), claims["client_id"].stringValue == Self.client,
            let purpose = claims["use"].stringValue.flatMap(Session.Purpose.init), use == nil || use == purpose,
            let account = claims["sub"].stringValue.flatMap({ AccountID($0) }),
            let session = claims["sid"].stringValue, !session.isEmpty,
            let login = claims["login"].stringValue, claims["jti"].stringValue?.isEmpty == false,
            let issued = claims["iat"].intValue, let expiry = claims["exp"].intValue,
            expiry > issued, expiry - issued <= Self.lifetime, claims["auth_time"].intValue != nil,
            claims["roles"].arrayValue?.allSatisfy({ $0.stringValue != nil }) == true,
            claims["companies"].objectValue != nil,
            claims["nbf"] == .null || claims["nbf"].intValue != nil
        else { return nil }
        accountID = account
        self.login = login
        self.session = SessionID(session)
        self.use = purpose
        self.audience = audience
        self.claims = claims
    }

    /// Whether the token is valid at a moment, in milliseconds since 1970: not before `iat` or `nbf` (which `issue`
    /// leaves out), and not after `exp`.
    func isLive(at now: Int64) -> Bool {
        guard let issued = claims["iat"].intValue, let expiry = claims["exp"].intValue else { return false }
        let begin = max(issued, claims["nbf"].intValue ?? issued)
        return Int64(expiry) > now / 1000 && Int64(begin) <= now / 1000 + Self.skew
    }
}
