import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TFSystem

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

    /// No password has more scalars, since none has more bytes; what is typed beyond them is not looked at.
    private static let longestPassword = TextLimit.password.characters

    private func store(_ name: String, account: AccountID? = nil, address: String) -> Store {
        site.store.acting(for: Caller(name: name, account: account, address: address))
    }

    // MARK: Signing in

    /// Checks login, password and code, in the same time whether the login is unknown, disabled or the password wrong.
    /// - Throws: `Failure.tooMany` while failures are throttled, `.busy` where too many sign in at once.
    func signIn(_ typed: Credentials) async throws -> SignIn {
        let login = TextLimit.typedLogin.cut(typed.login.lowercased())
        let password = typed.password.prefix(scalars: Self.longestPassword)
        let names = ThrottledNames(login: login, address: typed.address)
        let store = store(login, address: typed.address)
        // The whole check has one of the two places, so that many tries at once are counted like many in a row.
        return try await site.passwords.turn {
            try await refuseWhileThrottled(names, store)
            let identity = try await store.read { try $0.identity(login) }
            let hash = identity?.account.isDisabled == false ? identity?.account.password : nil
            let isRight = try await site.passwords.verifyNow(password, hash)
            guard isRight, let identity, let hash else {
                try await store.writeAside { try $0.noteFailure(names.all, login: login, now: site.now) }
                return .refused
            }
            if identity.account.hasSecondFactor {
                guard let code = typed.code, !code.isEmpty else { return .needsCode(identity) }
                guard try await holds(code, identity.account) else {
                    try await store.writeAside { try $0.noteFailure(names.all, login: login, now: site.now) }
                    return .refused
                }
            }
            if Passwords.isOld(hash) {
                let newHash = try await site.passwords.hashNow(password)
                try await store.writeAside { try $0.renewHash(newHash, of: identity.account.id) }
            }
            try await store.forgetFailures(names.login)
            return .accepted(identity)
        }
    }

    /// Checks the code of somebody whose password was right a moment ago.
    func signIn(_ identity: Identity, code: String, address: String) async throws -> SignIn {
        let names = ThrottledNames(login: identity.account.login, address: address)
        let store = store(identity.account.login, address: address)
        // As for passwords: many codes at once are counted like many in a row.
        return try await site.passwords.turn {
            try await refuseWhileThrottled(names, store)
            guard !identity.account.isDisabled, try await holds(code, identity.account) else {
                try await store.writeAside {
                    try $0.noteFailure(names.all, login: identity.account.login, now: site.now)
                }
                return .refused
            }
            try await store.forgetFailures(names.login)
            return .accepted(identity)
        }
    }

    /// What a check inside a session found wrong.
    enum Mismatch: Sendable {
        case password
        case code
    }

    /// Checks again, inside a session, who sits there: before the password or the second factor is changed. Failures are
    /// counted and throttled like those of signing in, so that an open session is no way around that.
    /// - Parameters:
    ///   - password: nil: it is not asked for.
    ///   - code: nil: it is not asked for. It is checked only where the password is right, since it holds once.
    /// - Returns: nil where all is right.
    /// - Throws: `Failure.tooMany` while failures are throttled.
    func confirm(
        _ account: Account, password: String?, code: String?, address: String
    ) async throws -> Mismatch? {
        let names = ThrottledNames(login: account.login, address: address)
        let store = store(account.login, account: account.id, address: address)
        return try await site.passwords.turn {
            try await refuseWhileThrottled(names, store)
            var mismatch: Mismatch?
            if let password {
                let isRight = try await site.passwords.verifyNow(
                    password.prefix(scalars: Self.longestPassword), account.password)
                if !isRight { mismatch = .password }
            }
            if mismatch == nil, let code {
                let isRight = try await holds(code, account)
                if !isRight { mismatch = .code }
            }
            if mismatch == nil {
                try await store.forgetFailures(names.login)
            } else {
                try await store.writeAside { try $0.noteFailure(names.all, login: account.login, now: site.now) }
            }
            return mismatch
        }
    }

    /// Counts and throttles a try at the first code of a second factor that is being set up.
    /// - Returns: the code's time step; nil where the code is wrong.
    /// - Throws: `Failure.tooMany` while failures are throttled.
    func step(of code: String, nonce: String, _ account: Account, address: String) async throws -> Int64? {
        let names = ThrottledNames(login: account.login, address: address)
        let store = store(account.login, account: account.id, address: address)
        return try await site.passwords.turn {
            try await refuseWhileThrottled(names, store)
            let step = SecondFactorCode.step(of: code, site.secondFactorSecret(nonce), now: site.now)
            if step == nil {
                try await store.writeAside { try $0.noteFailure(names.all, login: account.login, now: site.now) }
            }
            return step
        }
    }

    private func refuseWhileThrottled(_ names: ThrottledNames, _ store: Store) async throws {
        guard let until = try await store.read({ try $0.blockedUntil(names.all, now: site.now) }) else { return }
        throw Failure.tooMany(Int(max(1, (until - site.now + 999) / 1000)))
    }

    /// A code holds once: of the authenticator, or one of those for recovery.
    private func holds(_ code: String, _ account: Account) async throws -> Bool {
        guard let factor = try await site.store.read({ try $0.secondFactor(of: account.id) }),
            factor.confirmedAtMs != nil
        else {
            return false
        }
        if let step = SecondFactorCode.step(of: code, site.secondFactorSecret(factor.nonce), now: site.now) {
            return try await site.store.writeAside { try $0.useSecondFactor(of: account.id, step: step) }
        }
        guard let recovery = SecondFactorCode.recoveryCode(code) else { return false }
        return try await site.store.writeAside {
            try $0.useRecoveryCode(
                site.keys.mac("\(account.id) \(recovery)", for: "recovery code"), of: account.id, now: site.now)
        }
    }

    /// Begins a session.
    /// - Parameter audience: the other server that its tokens are for; nil: this site.
    /// - Returns: the tokens, and whether the person is to be told that an earlier session ended by itself.
    func start(
        for identity: Identity, use: Session.Purpose, agent: String, audience: String? = nil, address: String
    ) async throws -> (tokens: TokenPair, hasNotice: Bool) {
        let id = Random.token()
        let refresh = RefreshToken(session: id, keys: site.keys)
        let store = store(identity.account.login, account: identity.account.id, address: address)
        let (session, hasNotice) = try await store.write { db in
            let hasNotice = try db.startSession(
                NewSession(id: id, account: identity.account, purpose: use, refreshHash: refresh.hash, agent: agent)
                    .for(audience: audience), now: site.now)
            return (try db.session(id, now: site.now), hasNotice)
        }
        // The account was disabled meanwhile.
        guard let session else { throw Failure.unauthorized }
        return (TokenPair(access: try access(session), refresh: refresh.text), hasNotice)
    }

    // MARK: Going on

    /// Puts the successor in the place of a refresh token.
    /// - Returns: nil for a token that is not of this site, too old or of an ended session.
    func refresh(
        _ text: String, use: Session.Purpose, address: String
    ) async throws -> (tokens: TokenPair, signedIn: SignedIn)? {
        guard let token = RefreshToken(text, keys: site.keys) else { return nil }
        let id = token.session
        let successor = token.successor(keys: site.keys)
        let (rotation, session) = try await store("session \(id)", address: address).write { db in
            let rotation = try db.rotate(session: id, hash: token.hash, successor: successor.hash, now: site.now)
            return (rotation, try db.session(id, now: site.now))
        }
        switch rotation {
        case .unknown: return nil
        case .reused:
            site.logger.warning(
                "an old refresh token was used again; the session has ended", metadata: ["session": "\(id)"])
            return nil
        case .rotated:
            guard let session, session.purpose == use else { return nil }
            let signedIn = SignedIn(identity: session.identity, session: id)
            return (TokenPair(access: try access(session), refresh: successor.text), signedIn)
        }
    }

    /// A page's access token; nil for anything else. Whether its session is alive is looked up where it is used, so that
    /// ending the session ends the token.
    func page(access token: String) -> AccessToken? { verified(token, .web, [site.settings.baseURL]) }

    /// What a bearer token is: an access token for this API, or a key of a service account.
    func credential(bearer token: String) -> Credential? {
        if let key = APIKeyText(token) { return .key(key) }
        return verified(token, .api, [site.settings.baseURL]).map { .token($0) }
    }

    /// A token of ours for anybody, while its session lives.
    func introspected(_ token: String) async throws -> AccessToken? {
        let audiences = Set(site.settings.audiences + [site.settings.baseURL])
        guard let claims = verified(token, nil, audiences),
            let session = try await site.store.read({ try $0.session(claims.session, now: site.now) }),
            session.purpose == claims.use, session.identity.account.id == claims.accountID,
            session.audience ?? site.settings.baseURL == claims.audience
        else { return nil }
        return claims
    }

    private func verified(_ token: String, _ use: Session.Purpose?, _ audiences: Set<String>) -> AccessToken? {
        let claims = AccessToken(token, use: use, issuer: site.settings.baseURL, audiences: audiences) {
            site.keys.key($0)
        }
        return claims?.isLive(at: site.now) == true ? claims : nil
    }

    // MARK: Shared

    private func access(_ session: LiveSession) throws -> String {
        try AccessToken.issue(
            for: session, audience: session.audience ?? site.settings.baseURL,
            issuer: site.settings.baseURL, keys: site.keys, now: site.now)
    }
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
    static func make() -> String { "tfk_\(Random.bytes(10).hexadecimal)_\(Random.bytes(24).hexadecimal)" }
}

extension Site {
    /// The secret of an account's second factor: 20 bytes.
    func secondFactorSecret(_ nonce: String) -> [UInt8] {
        Array(keys.rawMAC(nonce, for: "second factor").prefix(20))
    }

    /// Whether somebody has to set up a second factor before anything else.
    func lacksSecondFactor(_ signedIn: SignedIn) -> Bool {
        settings.requiresSecondFactor && signedIn.identity.systemRoles.contains(.admin)
            && signedIn.account.kind == .person && !signedIn.account.hasSecondFactor
    }
}
