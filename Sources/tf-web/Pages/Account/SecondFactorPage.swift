import TFDefinition
import TFStore

/// The pages that set up and remove the second factor.
struct SecondFactorPage {
    let errors: [FieldError]
    let tags: FormTags

    func settingUp(_ secret: [UInt8], of account: Account) -> Page {
        let uri = SecondFactorCode.uri(secret, login: account.login, issuer: "TicketFlower")
        return page(
            """
            <p>Add this key to your authenticator, or <a href="\(uri)">open the authenticator of this device</a>.</p>\
            <p><code>\(SecondFactorCode.base32(secret))</code></p>\
            <form method="post" action="/account/second-factor" novalidate>\(tags.hidden())\
            \(Elements.code(hint: "The six digits that it shows now.", errors: errors))\
            <button>Turn it on</button></form>
            """)
    }

    func managing(_ factor: SecondFactor) -> Page {
        page(
            """
            <p>It is on. \(factor.recoveryCodesLeft) recovery codes are left.</p>\
            <form method="post" action="/account/second-factor/removal" novalidate>\(tags.hidden())\
            \(Elements.presentPassword(label: "Password", errors: errors))\
            \(Elements.code(hint: "Six digits of your authenticator, or a recovery code.", errors: errors))\
            <button class="second">Turn it off</button></form>
            """)
    }

    private func page(_ content: HTML) -> Page { Page("Second factor", "<h1>Second factor</h1>\(content)") }

    /// Shows the recovery codes, once.
    static func recoveryCodes(_ codes: [String]) -> Page {
        Page(
            "Recovery codes",
            """
            <h1>The second factor is on</h1>\
            <p>Keep these codes where you find them without your authenticator. Each signs you in once, and they are shown \
            only now.</p><ul>\(codes.map { code -> HTML in "<li><code>\(code)</code></li>" })</ul>\
            <p><a class="button" href="/account">I have kept them</a></p>
            """)
    }
}
