import TFStore

/// The two tokens of a session.
struct TokenPair: Sendable {
    let access: String
    let refresh: String
}

/// Signs people in and out and keeps their sessions going.
struct SessionDesk: Sendable {
    let site: Site

    /// Checks login and password, in the same time whether the login is unknown, disabled or the password wrong.
    /// - Throws: `Failure.tooMany` while failures are throttled.
    /// - Returns: nil when they are not right.
    func identity(login: String, password: String, address: String) async throws -> Identity? {
        let login = String(login.lowercased().prefix(100))
        let names = ["login \(login)", "address \(address)"]
        if let until = try await site.store.blockedUntil(names, now: site.now) {
            throw Failure.tooMany(Int(max(1, (until - site.now + 999) / 1000)))
        }
        let identity = try await site.store.identity(login)
        let isRight = try await site.passwords.verify(
            String(password.prefix(1_000)), identity?.account.isDisabled == false ? identity?.account.password : nil)
        guard isRight, let identity else {
            try await site.store.noteFailure(names, now: site.now)
            return nil
        }
        try await site.store.forgetFailures(names)
        return identity
    }

    /// Begins a session.
    func start(for identity: Identity, use: Session.Purpose, agent: String) async throws -> TokenPair {
        let session = Random.token()
        let refresh = "\(session).\(Base64URL.encode(Random.bytes(32)))"
        try await site.store.startSession(
            id: session, account: identity.account.id, purpose: use, refreshHash: hash(refresh), agent: agent,
            now: site.now)
        return TokenPair(access: try access(identity, session, use), refresh: refresh)
    }

    /// Puts the successor in the place of a refresh token: an HMAC of the old one, so that nothing is kept in clear and
    /// requests in parallel get the same.
    /// - Returns: nil for a token that is unknown, too old or of an ended session.
    func refresh(_ token: String, use: Session.Purpose) async throws -> (tokens: TokenPair, signedIn: SignedIn)? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, token.utf8.count <= 200 else { return nil }
        let session = String(parts[0])
        let successor = "\(session).\(site.keys.mac(token, for: "refresh"))"
        let rotation = try await site.store.rotate(
            session: session, hash: hash(token), successor: hash(successor), now: site.now)
        switch rotation {
        case .unknown: return nil
        case .reused:
            site.logger.warning(
                "an old refresh token was used again; the session has ended", metadata: ["session": "\(session)"])
            return nil
        case .rotated(let row):
            guard row.purpose == use, let found = try await site.store.session(session, now: site.now) else {
                return nil
            }
            let signedIn = SignedIn(identity: found.identity, session: session)
            return (TokenPair(access: try access(found.identity, session, use), refresh: successor), signedIn)
        }
    }

    /// Who an access token stands for; its session is looked up, so that ending it ends the token.
    func signedIn(access token: String, use: Session.Purpose) async throws -> SignedIn? {
        guard
            let claims = AccessToken.verified(
                token, use: use, issuer: site.settings.baseURL, keys: site.keys, now: site.now),
            let found = try await site.store.session(claims.session, now: site.now), found.session.purpose == use,
            found.identity.account.id == claims.accountID
        else { return nil }
        return SignedIn(identity: found.identity, session: claims.session)
    }

    private func access(_ identity: Identity, _ session: String, _ use: Session.Purpose) throws -> String {
        try AccessToken.issue(
            for: identity, session: session, use: use, issuer: site.settings.baseURL, keys: site.keys, now: site.now)
    }

    private func hash(_ token: String) -> String { Base64URL.encode(Digest.sha256(token.utf8)) }
}
