import TFEngine
import TFStore

/// What a request shows to prove who sends it. Whether it is still valid is checked in the request's own store session,
/// so that a login session cannot end between the check and the change.
enum Credential: Sendable {
    /// A verified access token; its session must still be live.
    case token(AccessToken)
    /// A key of a service account.
    case key(APIKeyText)

    /// The session that a page's forms belong to; `absent` for a key.
    var session: SessionID {
        switch self {
        case .token(let token): token.session
        case .key: .absent
        }
    }

    /// Who it stands for in this snapshot.
    struct Found: Sendable {
        let signedIn: SignedIn
        /// The API key whose use is to be recorded.
        var usedKey: APIKeyID?
    }

    /// - Returns: nil if it is no longer valid.
    func find(in session: ReadSession, site: Site) throws -> Found? {
        switch self {
        case .token(let token):
            guard let live = try session.session(token.session, now: site.now), live.purpose == token.use,
                live.identity.account.id == token.accountID,
                live.audience ?? site.settings.baseURL == token.audience
            else { return nil }
            return Found(signedIn: SignedIn(identity: live.identity, session: token.session))
        case .key(let key):
            guard let (identity, isUseToBeNoted) = try session.identity(key: key.id, hash: key.hash, now: site.now)
            else { return nil }
            return Found(
                signedIn: SignedIn(identity: identity, session: .absent), usedKey: isUseToBeNoted ? key.id : nil)
        }
    }
}

extension Site {
    /// Who sends a request, from a snapshot of its own: for code outside of a handler.
    func signedIn(_ context: WebContext) async throws -> SignedIn? {
        guard let credential = context.credential else { return nil }
        let found = try await store.read { try credential.find(in: $0, site: self) }
        if let key = found?.usedKey { try await store.writeAside { try $0.noteUse(ofKey: key, now: now) } }
        return found?.signedIn
    }
}

/// The session of a page's request has ended, though its token is still valid.
struct SessionIsOver: Error {}

/// The visitor has to set up a second factor before anything else.
struct SecondFactorIsMissing: Error {}
