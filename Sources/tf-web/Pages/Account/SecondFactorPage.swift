import TFDefinition
import TFStore

/// The pages that set up and remove the second factor.
struct SecondFactorPage {
    let errors: [FieldError]
    let tags: FormTags

    private static let back = [Link("/account", "Your account")]

    /// Before anything was begun.
    var beginning: Page {
        Page(
            "Second factor",
            """
            \(Elements.head("Second factor", back: Self.back))\
            <section class="card stack"><header><h2>Set it up</h2><span class="end">\(Elements.tag(.idle, "Off"))</span></header>\
            <p>Signing in then asks for a code from your phone as well as the password. You need an authenticator \
            app, such as the one of your phone’s maker, and a minute.</p>\
            <form method="post" action="/account/second-factor/beginning">\(tags.hidden())\
            <button class="primary">Show me the picture to read</button></form></section>
            """)
    }

    func settingUp(_ secret: [UInt8], of account: Account) -> Page {
        let uri = SecondFactorCode.uri(secret, login: account.login, issuer: "TicketFlower")
        return Page(
            "Second factor",
            """
            \(Elements.head("Set up a second factor", back: Self.back))<div class="cols halves">\
            <section class="card stack"><h2>1. Add it to your authenticator</h2>\
            <p>Open the authenticator app on your phone and let it read this picture.</p>\
            <p>\(QRPicture(uri)?.html("A picture that holds the key below"))</p>\
            <p class="sm soft">No camera? <a href="\(uri)">Open the authenticator of this device</a>, or type the key:</p>\
            <p><code id="key">\(Self.grouped(SecondFactorCode.base32(secret)))</code> \
            <button type="button" class="small" data-copy="key">Copy</button></p></section>\
            <section class="card stack"><h2>2. Show that it works</h2>\
            <form method="post" action="/account/second-factor" class="stack" novalidate>\(tags.hidden())\
            \(Elements.code(hint: "The six digits that it shows now.", errors: errors))\
            <button class="primary">Turn it on</button></form>\
            <p class="sm soft">You then get codes for the day on which the phone is not at hand.</p></section></div>
            """)
    }

    func managing(_ factor: SecondFactor) -> Page {
        let left = factor.recoveryCodesLeft
        return Page(
            "Second factor",
            """
            \(Elements.head("Second factor", back: Self.back))\
            <p>\(Elements.tag(.done, "On")) \(left == 1 ? "1 recovery code is left." : "\(left) recovery codes are left.") \
            To get new ones, turn it off and set it up again.</p>\
            <section class="card stack"><h2>Turn it off</h2>\
            <form method="post" action="/account/second-factor/removal" class="stack" novalidate>\(tags.hidden())\
            \(Elements.presentPassword(label: "Password", errors: errors))\
            \(Elements.code(hint: "Six digits of your authenticator, or a recovery code.", errors: errors))\
            <button class="danger">Turn it off</button></form></section>
            """)
    }

    /// Shows the recovery codes, once.
    static func recoveryCodes(_ codes: [String]) -> Page {
        let lines = codes.map { code -> HTML in "<code>\(code)</code>\n" }
        return Page(
            "Recovery codes",
            """
            \(Elements.head("The second factor is on", back: back))\
            <section class="card stack"><h2>Keep these codes</h2><p>Each signs you in once instead of your authenticator, \
            when it is lost. They are shown only now: print them, or put them where your passwords are.</p>\
            <pre id="codes" tabindex="0" role="region" aria-label="Recovery codes">\(lines)</pre>\
            <div class="row"><button type="button" data-copy="codes">Copy the codes</button>\
            <a class="btn primary" href="/account">I have kept them</a></div></section>
            """)
    }

    /// A key in groups of four, as people type it.
    private static func grouped(_ key: String) -> String {
        key.enumerated().reduce("") { text, letter in
            text + (letter.offset > 0 && letter.offset % 4 == 0 ? " " : "") + String(letter.element)
        }
    }
}
