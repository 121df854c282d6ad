import TFStore
import TFSystem

/// Proof, carried by the page that asks for a code, that somebody's password was right a moment ago.
///
/// It holds until the moment that was set when the password was typed: a wrong code gives no new one. It is bound to the
/// browser, to the account and to its password, so that a changed password ends it.
struct SecondStep: Sendable {
    /// How long somebody may look for their code, in milliseconds.
    private static let lifetime: Int64 = 300_000

    /// As the page carries it: `<login>.<end>.<tag>`.
    let text: String

    /// - Parameter browser: the value of the cookie from before the sign-in.
    init(_ account: Account, browser: String, keys: KeyRing, now: Int64) {
        text = Self.text(account, end: now + Self.lifetime, browser: browser, keys: keys)
    }

    /// The login that a text names, whether it holds or not.
    static func login(in text: String) -> String { String(text.prefix { $0 != "." }) }

    /// Reads what a page carried.
    /// - Parameter account: the one that the text names, as it is now.
    /// - Returns: nil where it has ended or is not of this site, browser, account and password.
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
