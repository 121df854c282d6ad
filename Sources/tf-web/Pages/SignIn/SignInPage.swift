import TFDefinition
import TFStore

/// The sign-in pages.
enum SignInPage {
    /// Asks for login and password; after a right password and a wrong code, for the code again.
    @Sendable static func make(_ request: ProvedRequest<Anybody>, _ query: NextPage, _ session: ReadSession) -> Page {
        let typed = request.typed
        guard !typed.isFirst else {
            // Another tab has already signed in.
            guard request.signedIn == nil else { return .elsewhere(query.next) }
            return password(login: "", next: query.next, errors: [], tags: request.tags)
        }
        let next = LocalPath.checked(typed.form["next"])
        if let challenge = typed.form["challenge"], typed.errors.contains(where: { $0.field == "otp" }) {
            return code(challenge: challenge, next: next, errors: typed.errors, tags: request.tags)
        }
        return password(login: typed.form.text("login") ?? "", next: next, errors: typed.errors, tags: request.tags)
    }

    private static func password(login: String, next: String, errors: [FieldError], tags: FormTags) -> Page {
        page("Sign in", tags) {
            """
            <input type="hidden" name="next" value="\(next)">\
            \(Elements.field("login", label: "User name", errors: errors) { attributes in
                #"<input type="text" name="login" value="\#(login)" autocomplete="username" autocapitalize="none"\#(attributes)>"#
            })\
            \(Elements.presentPassword(label: "Password", errors: []))
            """
        }
    }

    /// Asks for the second factor's code after a right password.
    static func code(challenge: String, next: String, errors: [FieldError], tags: FormTags) -> Page {
        page("Enter the code", tags) {
            """
            <input type="hidden" name="next" value="\(next)">\
            <input type="hidden" name="challenge" value="\(challenge)">\
            \(Elements.code(hint: "Six digits of your authenticator, or a recovery code.", errors: errors))
            """
        }
    }

    private static func page(_ title: String, _ tags: FormTags, _ fields: () -> HTML) -> Page {
        Page(
            title,
            """
            <h1>\(title)</h1><form method="post" action="/login" novalidate>\
            \(tags.hidden())\(fields())<button>Sign in</button></form>
            """)
    }
}
