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
                guard try await check.holds(code, identity.account) else {
                    try await check.noteFailure()
                    return .refused
                }
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
            guard !identity.account.isDisabled, try await check.holds(code, identity.account) else {
                try await check.noteFailure()
                return .refused
            }
            try await check.forgetFailures()
            return .accepted(identity)
        }
    }
}
