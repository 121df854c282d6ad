import TFEngine
import TFStore

extension Site {
    /// The secret of an account's second factor: 20 bytes.
    func secondFactorSecret(_ nonce: String) -> [UInt8] {
        Array(keys.rawMAC(nonce, for: "second factor").prefix(20))
    }

    /// The HMAC of a recovery code, which the store keeps.
    func recoveryHash(_ code: String, of account: AccountID) -> String {
        keys.mac("\(account) \(code)", for: "recovery code")
    }

    /// Whether the account must set up a second factor before anything else.
    func lacksSecondFactor(_ signedIn: SignedIn) -> Bool {
        settings.requiresSecondFactor && signedIn.identity.systemRoles.contains(.admin)
            && signedIn.account.kind == .person && !signedIn.account.hasSecondFactor
    }
}
