import TFStore
import TFSystem

/// Proof that the password was right a moment ago, carried by the page that asks for a code.
///
/// It expires at a time set when the password was typed; a wrong code does not renew it. It is bound to the browser,
/// the account and its password, so a changed password ends it.
struct SecondStep: Sendable {
    /// How long a person may take to enter the code, in milliseconds.
    private static let lifetime: Int64 = 300_000

    /// The text in the page: `<login>.<end>.<tag>`.
    let text: String

    /// - Parameter browser: the value of the pre-login cookie.
    init(_ account: Account, browser: String, keys: KeyRing, now: Int64) {
        text = Self.text(account, end: now + Self.lifetime, browser: browser, keys: keys)
    }

    /// The login in a text, whether the text is valid or not.
    static func login(in text: String) -> String { String(text.prefix { $0 != "." }) }

    /// Reads the text that a page carried.
    /// - Parameter account: the account that the text names, as it is now.
    /// - Returns: nil if it has expired or belongs to another site, browser, account or password.
    init?(_ text: String, _ account: Account, browser: String, keys: KeyRing, now: Int64) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let end = Int64(parts[1]), end > now,
            ConstantTime.areEqual(Self.text(account, end: end, browser: browser, keys: keys), text)
        else { return nil }
        self.text = text
    }

    private static func text(_ account: Account, end: Int64, browser: String, keys: KeyRing) -> String {
        let facts = "\(browser) \(account.id) \(end) \(account.password ?? "")"
        return "\(account.login).\(end).\(keys.mac(facts, for: "second step"))"
    }
}
