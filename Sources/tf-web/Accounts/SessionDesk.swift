import Foundation
import TFStore

/// The two tokens of a session.
struct TokenPair: Sendable {
    let access: String
    let refresh: String
}

/// What somebody typed to sign in, and from where.
struct Credentials: Sendable {
    let login: String
    let password: String
    /// A code of the second factor, or a recovery code; nil: none was typed.
    let code: String?
    let address: String
}

/// What came of a try to sign in.
enum SignIn: Sendable {
    case accepted(Identity)
    /// Login and password are right, and a code is asked for.
    case needsCode(Identity)
    /// The login is unknown, disabled or has no password, or password or code is wrong.
    case refused
}

/// Signs people in and out and keeps their sessions going.
struct SessionDesk: Sendable {
    let site: Site

    private func store(_ name: String, account: Int64? = nil, address: String) -> Store {
        site.store.acting(for: Caller(name: name, account: account, address: address))
    }

    // MARK: Signing in

    /// Checks login, password and code, in the same time whether the login is unknown, disabled or the password wrong.
    /// - Throws: `Failure.tooMany` while failures are throttled, `.busy` where too many sign in at once.
    func signIn(_ typed: Credentials) async throws -> SignIn {
        let login = String(typed.login.lowercased().prefix(100))
        let names = ["login \(login)", "address \(typed.address)"]
        let store = store(login, address: typed.address)
        // The whole check has one of the two places, so that many tries at once are counted like many in a row.
        return try await site.passwords.turn {
            try await refuseWhileThrottled(names, store)
            let identity = try await store.identity(login)
            let hash = identity?.account.isDisabled == false ? identity?.account.password : nil
            let isRight = try await site.passwords.verifyNow(String(typed.password.prefix(1_000)), hash)
            guard isRight, let identity, let hash else {
                try await store.noteFailure(names, login: login, now: site.now)
                return .refused
            }
            if identity.account.hasSecondFactor {
                guard let code = typed.code, !code.isEmpty else { return .needsCode(identity) }
                guard try await holds(code, identity.account) else {
                    try await store.noteFailure(names, login: login, now: site.now)
                    return .refused
                }
            }
            if Passwords.isOld(hash) {
                let newHash = try await site.passwords.hashNow(typed.password)
                try await store.renewHash(newHash, of: identity.account.id)
            }
            try await store.forgetFailures(names)
            return .accepted(identity)
        }
    }

    /// Checks the code of somebody whose password was right a moment ago.
    func signIn(_ identity: Identity, code: String, address: String) async throws -> SignIn {
        let names = ["login \(identity.account.login)", "address \(address)"]
        let store = store(identity.account.login, address: address)
        // As for passwords: many codes at once are counted like many in a row.
        return try await site.passwords.turn {
            try await refuseWhileThrottled(names, store)
            guard !identity.account.isDisabled, try await holds(code, identity.account) else {
                try await store.noteFailure(names, login: identity.account.login, now: site.now)
                return .refused
            }
            try await store.forgetFailures(names)
            return .accepted(identity)
        }
    }

    private func refuseWhileThrottled(_ names: [String], _ store: Store) async throws {
        guard let until = try await store.blockedUntil(names, now: site.now) else { return }
        throw Failure.tooMany(Int(max(1, (until - site.now + 999) / 1000)))
    }

    /// A code holds once: of the authenticator, or one of those for recovery.
    private func holds(_ code: String, _ account: Account) async throws -> Bool {
        guard let factor = try await site.store.secondFactor(of: account.id), factor.confirmedAtMs != nil else {
            return false
        }
        if let step = SecondFactorCode.step(of: code, site.secondFactorSecret(factor.nonce), now: site.now) {
            return try await site.store.useSecondFactor(of: account.id, step: step)
        }
        guard let recovery = SecondFactorCode.recoveryCode(code) else { return false }
        return try await site.store.useRecoveryCode(
            site.keys.mac("\(account.id) \(recovery)", for: "recovery code"), of: account.id, now: site.now)
    }

    /// Begins a session.
    /// - Parameter audience: the other server that its tokens are for; nil: this site.
    /// - Returns: the tokens, and whether the person is to be told that an earlier session ended by itself.
    func start(
        for identity: Identity, use: Session.Purpose, agent: String, audience: String? = nil, address: String
    ) async throws -> (tokens: TokenPair, hasNotice: Bool) {
        let id = Random.token()
        let refresh = "\(id).\(Base64URL.encode(Random.bytes(32)))"
        let store = store(identity.account.login, account: identity.account.id, address: address)
        let hasNotice = try await store.startSession(
            id: id, account: identity.account, purpose: use, refreshHash: hash(refresh), agent: agent,
            audience: audience, now: site.now)
        guard let session = try await store.session(id, now: site.now)?.session else { throw Failure.unauthorized }
        return (TokenPair(access: try access(identity, session), refresh: refresh), hasNotice)
    }

    // MARK: Going on

    /// Puts the successor in the place of a refresh token: an HMAC of the old one, so that nothing is kept in clear and
    /// requests in parallel get the same.
    /// - Returns: nil for a token that is unknown, too old or of an ended session.
    func refresh(
        _ token: String, use: Session.Purpose, address: String
    ) async throws -> (tokens: TokenPair, signedIn: SignedIn)? {
        guard let id = Self.session(of: token) else { return nil }
        let successor = "\(id).\(site.keys.mac(token, for: "refresh"))"
        let rotation = try await store("session \(id)", address: address).rotate(
            session: id, hash: hash(token), successor: hash(successor), now: site.now)
        switch rotation {
        case .unknown: return nil
        case .reused:
            site.logger.warning(
                "an old refresh token was used again; the session has ended", metadata: ["session": "\(id)"])
            return nil
        case .rotated(let row):
            guard row.purpose == use, let found = try await site.store.session(id, now: site.now) else {
                return nil
            }
            let signedIn = SignedIn(identity: found.identity, session: id)
            return (TokenPair(access: try access(found.identity, found.session), refresh: successor), signedIn)
        }
    }

    /// Who a page's access token stands for; its session is looked up, so that ending it ends the token.
    func person(access token: String) async throws -> SignedIn? {
        guard let claims = verified(token, .web, [site.settings.baseURL]) else { return nil }
        return try await signedIn(claims)
    }

    /// Whom a bearer token stands for: an access token for this API, or a key of a service account.
    func program(_ token: String) async throws -> SignedIn? {
        if let key = APIKeyText(token) {
            guard let identity = try await site.store.identity(key: key.id, hash: key.hash, now: site.now) else {
                return nil
            }
            return SignedIn(identity: identity, session: "")
        }
        guard let claims = verified(token, .api, [site.settings.baseURL]) else { return nil }
        return try await signedIn(claims)
    }

    /// A token of ours for anybody, while its session lives.
    func introspected(_ token: String) async throws -> AccessToken? {
        let audiences = Set(site.settings.audiences + [site.settings.baseURL])
        guard let claims = verified(token, nil, audiences), try await signedIn(claims) != nil else { return nil }
        return claims
    }

    private func verified(_ token: String, _ use: Session.Purpose?, _ audiences: Set<String>) -> AccessToken? {
        let claims = AccessToken(token, use: use, issuer: site.settings.baseURL, audiences: audiences) {
            site.keys.key($0)
        }
        return claims?.isLive(at: site.now) == true ? claims : nil
    }

    private func signedIn(_ claims: AccessToken) async throws -> SignedIn? {
        guard let found = try await site.store.session(claims.session, now: site.now),
            found.session.purpose == claims.use, found.identity.account.id == claims.accountID,
            found.session.audience ?? site.settings.baseURL == claims.audience
        else { return nil }
        return SignedIn(identity: found.identity, session: claims.session)
    }

    // MARK: Sessions that have died

    /// Whose dead session a page's cookies are of; nil: they prove nobody.
    func pastOwner(access: String?, refresh: String?) async throws -> (account: Int64, session: String)? {
        if let refresh, let session = Self.session(of: refresh),
            let account = try await site.store.pastOwner(session: session, hash: hash(refresh))
        {
            return (account, session)
        }
        guard let access,
            let claims = AccessToken(
                access, use: .web, issuer: site.settings.baseURL, audiences: [site.settings.baseURL],
                key: { site.keys.key($0) })
        else { return nil }
        return (claims.accountID, claims.session)
    }

    // MARK: Shared

    private static func session(of refresh: String) -> String? {
        let parts = refresh.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && refresh.utf8.count <= 200 ? String(parts[0]) : nil
    }

    private func access(_ identity: Identity, _ session: Session) throws -> String {
        try AccessToken.issue(
            for: identity, session: session, audience: session.audience ?? site.settings.baseURL,
            issuer: site.settings.baseURL, keys: site.keys, now: site.now)
    }

    private func hash(_ token: String) -> String { Base64URL.encode(Digest.sha256(token.utf8)) }
}

/// An API key as a program sends it: `tfk_<id>_<secret>`, in hexadecimal digits.
struct APIKeyText: Sendable {
    let id: String
    /// Of the whole key; the key itself is kept nowhere.
    let hash: String

    /// nil: the text is no key.
    init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard text.utf8.count == 73, parts.count == 3, parts[0] == "tfk", parts[1].utf8.count == 20 else { return nil }
        id = String(parts[1])
        hash = Base64URL.encode(Digest.sha256(text.utf8))
    }

    /// A new key, to be shown once.
    static func make() -> String { "tfk_\(hex(Random.bytes(10)))_\(hex(Random.bytes(24)))" }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Site {
    /// The secret of an account's second factor: 20 bytes.
    func secondFactorSecret(_ nonce: String) -> [UInt8] {
        Array(keys.rawMAC(nonce, for: "second factor").prefix(20))
    }

    /// Whether somebody may do nothing before he has set up a second factor.
    func lacksSecondFactor(_ signedIn: SignedIn) -> Bool {
        settings.requiresSecondFactor && signedIn.identity.systemRoles.contains(.admin)
            && signedIn.account.kind == .person && !signedIn.account.hasSecondFactor
    }
}
