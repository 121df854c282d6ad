import TFEngine
import TFStore
import TFSystem

/// The two tokens of a session.
struct TokenPair: Sendable {
    let access: String
    let refresh: String
}

/// Starts and refreshes sessions, and reads their tokens.
struct Sessions: Sendable {
    let site: Site

    /// Starts a session.
    /// - Parameter audience: the other server for which its tokens are; nil for this site.
    /// - Returns: the tokens, and whether to tell the person that an earlier session ended by itself.
    func start(
        for identity: Identity, use: Session.Purpose, agent: String, audience: String? = nil, address: String
    ) async throws -> (tokens: TokenPair, hasNotice: Bool) {
        let id = SessionID(Random.token())
        let refresh = RefreshToken(session: id, keys: site.keys)
        let store = site.store.acting(
            for: Caller(name: identity.account.login, account: identity.account.id, address: address))
        let (session, hasNotice) = try await store.write { db in
            let hasNotice = try db.startSession(
                NewSession(id: id, account: identity.account, purpose: use, refreshHash: refresh.hash, agent: agent)
                    .for(audience: audience), now: site.now)
            return (try db.session(id, now: site.now), hasNotice)
        }
        // The account was disabled in the meantime.
        guard let session else { throw Failure.unauthorized }
        return (TokenPair(access: try access(session), refresh: refresh.text), hasNotice)
    }

    // MARK: Refreshing and reading

    /// Replaces a refresh token by its successor.
    /// - Returns: nil for a token that is not of this site, too old or of an ended session.
    func refresh(
        _ text: String, use: Session.Purpose, address: String
    ) async throws -> TokenPair? {
        guard let token = RefreshToken(text, keys: site.keys) else { return nil }
        let id = token.session
        let successor = token.successor(keys: site.keys)
        let store = site.store.acting(for: Caller(name: "session \(id)", account: nil, address: address))
        let (rotation, session) = try await store.write { db in
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
            return TokenPair(access: try access(session), refresh: successor.text)
        }
    }

    /// A page's access token; nil for anything else. The caller must check whether its session is live, so that ending
    /// the session ends the token.
    func page(access token: String) -> AccessToken? { verified(token, .web, [site.settings.baseURL]) }

    /// The credential in a bearer token: an access token for this API, or a service account's key; nil for anything
    /// else.
    func credential(bearer token: String) -> Credential? {
        if let key = APIKeyText(token) { return .key(key) }
        return verified(token, .api, [site.settings.baseURL]).map { .token($0) }
    }

    /// A token of this site for any of its audiences, whose session is live; nil for anything else.
    func introspected(_ token: String, in snapshot: ReadSession) throws -> AccessToken? {
        guard let claims = verified(token, nil, site.audiences),
            let session = try snapshot.session(claims.session, now: site.now),
            session.purpose == claims.use, session.identity.account.id == claims.accountID,
            session.audience ?? site.settings.baseURL == claims.audience
        else { return nil }
        return claims
    }

    private func verified(_ token: String, _ use: Session.Purpose?, _ audiences: Set<String>) -> AccessToken? {
        let token = site.tokens.token(token, generation: site.keys.generation) {
            AccessToken(token, use: nil, issuer: site.settings.baseURL, audiences: site.audiences) { site.keys.key($0) }
        }
        guard let token, use == nil || token.use == use, audiences.contains(token.audience),
            token.isLive(at: site.now)
        else { return nil }
        return token
    }

    private func access(_ session: LiveSession) throws -> String {
        try AccessToken.issue(
            for: session, audience: session.audience ?? site.settings.baseURL,
            issuer: site.settings.baseURL, keys: site.keys, now: site.now)
    }
}
