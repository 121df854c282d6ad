import TFEngine
import TFStore

/// One check of a password or a code. Failures are counted by login and network, and delay further attempts.
struct ThrottledCheck: Sendable {
    let site: Site
    /// The store, which records writes in the name of the account that is checked.
    let store: Store
    private let login: String
    private let names: ThrottledNames

    /// - Parameter account: nil if it is not known yet.
    init(site: Site, login: String, account: AccountID? = nil, address: String) {
        self.site = site
        self.login = login
        names = ThrottledNames(login: login, address: address)
        store = site.store.acting(for: Caller(name: login, account: account, address: address))
    }

    /// Runs the whole check in one of the two hashing places, so that parallel attempts are counted like successive
    /// ones.
    /// - Throws: `Failure.tooMany` while failures are throttled, `.busy` if too many already wait.
    func turn<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        try await site.passwords.turn {
            if let until = try await store.read({ try $0.blockedUntil(names.all, now: site.now) }) {
                throw Failure.tooMany(Int(max(1, (until - site.now + 999) / 1000)))
            }
            return try await work()
        }
    }

    func noteFailure() async throws {
        try await store.writeAside { try $0.noteFailure(names.all, login: login, now: site.now) }
    }

    func forgetFailures() async throws { try await store.forgetFailures(names.login) }

    /// What a code of the authenticator or for recovery is worth. Each is valid once.
    enum Code: Sendable {
        case right
        /// The authenticator's, which was right, or one that it showed before that.
        case used
        case wrong
    }

    func code(_ code: String, _ account: Account) async throws -> Code {
        guard let factor = try await store.read({ try $0.secondFactor(of: account.id) }), factor.confirmedAtMs != nil
        else { return .wrong }
        if let step = SecondFactorCode.step(of: code, site.secondFactorSecret(factor.nonce), now: site.now) {
            return try await store.writeAside { try $0.useSecondFactor(of: account.id, step: step) } ? .right : .used
        }
        guard let recovery = SecondFactorCode.recoveryCode(code) else { return .wrong }
        let hash = site.recoveryHash(recovery, of: account.id)
        let isRight = try await store.writeAside { try $0.useRecoveryCode(hash, of: account.id, now: site.now) }
        return isRight ? .right : .wrong
    }
}
