import TFDefinition
import TFStore

/// What was typed to sign in, and from which address.
struct SignInAttempt: Sendable {
    let login: String
    let password: String
    /// A code of the second factor, or a recovery code; nil if none was typed.
    let code: String?
    let address: String
}

/// The outcome of an attempt to sign in.
enum SignInOutcome: Sendable {
    case accepted(Identity)
    /// Login and password are right; a code is needed.
    case needsCode(Identity)
    /// Login and password are right, and the code was, but it was used before.
    case usedCode
    /// The login is unknown, disabled or has no password, or password or code is wrong.
    case refused
}

/// Checks attempts to sign in.
struct SignInCheck: Sendable {
    let site: Site

    /// Checks login, password and code. It takes the same time if the login is unknown or disabled as if the password
    /// is wrong.
    /// - Throws: `Failure.tooMany` while failures are throttled, `.busy` if too many sign in at once.
    func outcome(of typed: SignInAttempt) async throws -> SignInOutcome {
        let login = TextLimit.typedLogin.cut(typed.login.lowercased())
        let password = Passwords.cut(typed.password)
        let check = ThrottledCheck(site: site, login: login, address: typed.address)
        return try await check.turn {
            let identity = try await check.store.read { try $0.identity(login) }
            let hash = identity?.account.isDisabled == false ? identity?.account.password : nil
            let isRight = try await site.passwords.verifyNow(password, hash)
            guard isRight, let identity, let hash else {
                try await check.noteFailure()
                return .refused
            }
            if identity.account.hasSecondFactor {
                guard let code = typed.code, !code.isEmpty else { return .needsCode(identity) }
                if let refusal = try await refusal(of: code, identity, check) { return refusal }
            }
            if Passwords.isOld(hash) {
                let newHash = try await site.passwords.hashNow(password)
                try await check.store.writeAside { try $0.renewHash(newHash, of: identity.account.id) }
            }
            try await check.forgetFailures()
            return .accepted(identity)
        }
    }

    /// Checks the code of a person whose password was right a moment ago.
    func outcome(of code: String, by identity: Identity, address: String) async throws -> SignInOutcome {
        let check = ThrottledCheck(site: site, login: identity.account.login, address: address)
        return try await check.turn {
            if let refusal = try await refusal(of: code, identity, check) { return refusal }
            try await check.forgetFailures()
            return .accepted(identity)
        }
    }

    /// Uses a code up.
    /// - Returns: nil if it is right.
    private func refusal(
        of code: String, _ identity: Identity, _ check: ThrottledCheck
    ) async throws -> SignInOutcome? {
        let code = identity.account.isDisabled ? .wrong : try await check.code(code, identity.account)
        guard code != .right else { return nil }
        try await check.noteFailure()
        return code == .used ? .usedCode : .refused
    }
}
