import TFStore

/// Asks a signed-in person for their password again, before password or second factor are changed. Failures are counted
/// and throttled like those of signing in, so that a stolen session cannot be used to guess passwords.
struct Reauthentication: Sendable {
    private let site: Site
    private let account: Account
    private let check: ThrottledCheck

    init(site: Site, of account: Account, address: String) {
        self.site = site
        self.account = account
        check = ThrottledCheck(site: site, login: account.login, account: account.id, address: address)
    }

    enum Mismatch: Sendable {
        case password
        case code
        /// The code was right, but was used before.
        case usedCode
    }

    /// - Parameter code: nil if no code is needed. It is checked only after a right password, since each code is valid
    ///   once.
    /// - Returns: what is wrong; nil if nothing is.
    /// - Throws: `Failure.tooMany` while failures are throttled.
    func mismatch(password: String, code: String? = nil) async throws -> Mismatch? {
        try await check.turn {
            let mismatch = try await firstMismatch(password, code)
            if mismatch == nil { try await check.forgetFailures() } else { try await check.noteFailure() }
            return mismatch
        }
    }

    private func firstMismatch(_ password: String, _ code: String?) async throws -> Mismatch? {
        guard try await site.passwords.verifyNow(Passwords.cut(password), account.password) else { return .password }
        guard let code else { return nil }
        switch try await check.code(code, account) {
        case .right: return nil
        case .used: return .usedCode
        case .wrong: return .code
        }
    }

    /// Checks the first code of a new second factor, counted and throttled like a sign-in.
    /// - Returns: the code's time step; nil if the code is wrong.
    /// - Throws: `Failure.tooMany` while failures are throttled.
    func step(ofFirst code: String, nonce: String) async throws -> Int64? {
        try await check.turn {
            let step = SecondFactorCode.step(of: code, site.secondFactorSecret(nonce), now: site.now)
            if step == nil { try await check.noteFailure() }
            return step
        }
    }
}
