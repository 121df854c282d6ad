import TFDefinition

/// The fields with which people sign in, confirm who they are, and choose a password.
extension Elements {
    static func presentPassword(label: String, errors: [FieldError]) -> HTML {
        field("password", label: label, errors: errors) { attributes in
            """
            <span class="fix"><input class="wide" type="password" name="password" autocomplete="current-password"\(attributes)></span>
            """
        }
    }

    /// - Parameter name: `new` beside the present one.
    static func newPassword(as name: String = "new", errors: [FieldError]) -> HTML {
        field(
            name, label: "New password",
            hint: """
                \(Passwords.minimumLength) characters or more. Four words that have nothing to do with each other are good.
                """,
            errors: errors
        ) { attributes in
            """
            <span class="fix"><input class="wide" type="password" name="\(name)" autocomplete="new-password"\(attributes)></span>
            """
        }
    }

    static func code(hint: HTML, errors: [FieldError]) -> HTML {
        field("otp", label: "Code", hint: hint, errors: errors) { attributes in
            """
            <input type="text" name="otp" size="12" inputmode="numeric" autocomplete="one-time-code"\(attributes)>
            """
        }
    }

    /// A hidden field that tells a password manager which account the password belongs to.
    static func userName(_ login: String) -> HTML {
        #"<input type="text" value="\#(login)" autocomplete="username" aria-label="User name" hidden>"#
    }

    /// A page for people who are not signed in: one narrow card with the site's mark above it.
    /// - Parameter help: what to do if it does not work; below the card.
    static func door(_ title: String, _ content: HTML, help: HTML = .empty) -> HTML {
        """
        <div class="center stack"><div class="card stack"><div class="fix">\
        <img src="\(Asset.icon.path)" alt="" width="44" height="44"><h1>\(title)</h1></div>\(content)</div>\
        <p class="sm soft">\(help)</p></div>
        """
    }
}
