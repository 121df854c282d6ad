import TFDefinition
import TFStore

/// The sign-in pages.
enum SignInPage {
    private static let help: HTML = """
        Forgot your password, or no account yet? Ask the person who runs TicketFlower in your company; they can send you a \
        link.
        """

    /// Asks for login and password; after a right password and a wrong code, for the code again.
    @Sendable static func make(_ request: ProvedRequest<Anybody>, _ query: NextPage, _ session: ReadSession) -> Page {
        let typed = request.typed
        guard !typed.isFirst else {
            // Another tab has already signed in.
            guard request.signedIn == nil else { return .elsewhere(query.next) }
            return password(login: "", next: query.next, notice(query), tags: request.tags)
        }
        let next = LocalPath.checked(typed.form["next"])
        if let challenge = typed.form["challenge"], typed.errors.contains(where: { $0.field == "otp" }) {
            return code(challenge: challenge, next: next, errors: typed.errors, tags: request.tags)
        }
        return password(
            login: typed.form.text("login") ?? "", next: next, errors: typed.errors, tags: request.tags)
    }

    /// Why somebody who was signed in is asked again.
    private static func notice(_ query: NextPage) -> HTML {
        if query.isParked {
            return Elements.banner(
                .work, "You were signed out while you typed",
                "What you typed is kept: sign in as the same person to go on with it.")
        }
        guard query.isEnded else { return .empty }
        return Elements.banner(
            .work, "Your session has ended", "Sign in again, and you come back to where you were.")
    }

    /// Asks to wait, after too many wrong passwords.
    static func wait(_ seconds: Int, login: String, next: String, tags: FormTags) -> Page {
        let notice = Elements.banner(
            .wait, "Too many tries", "Wait \(span(seconds)), then try again. Your account is not locked. \(together)")
        return password(login: login, next: next, notice, tags: tags).refusing(429, retryAfter: seconds)
    }

    /// The same after too many wrong codes, where the password that was typed still counts after that.
    static func wait(_ seconds: Int, challenge: String, next: String, tags: FormTags) -> Page {
        let notice = Elements.banner(
            .wait, "Too many wrong codes",
            """
            Wait \(span(seconds)), then enter the code that your authenticator shows then, or a recovery code. Your account is \
            not locked. \(together)
            """)
        return code(challenge: challenge, next: next, notice, errors: [], tags: tags)
            .refusing(429, retryAfter: seconds)
    }

    /// The same where the password has to be typed again, since it was typed too long ago by then.
    static func waitAndBegin(_ seconds: Int, login: String, next: String, tags: FormTags) -> Page {
        let notice = Elements.banner(
            .wait, "Too many wrong codes",
            """
            Wait \(span(seconds)), then sign in again: with your password, and after it with a new code. Your account is not \
            locked. Without your authenticator, use a recovery code. \(together)
            """)
        return password(login: login, next: next, notice, tags: tags).refusing(429, retryAfter: seconds)
    }

    /// Why somebody may have to wait after a single try of their own.
    private static let together = "All tries from your network’s address count together, also those of others."

    private static func span(_ seconds: Int) -> String {
        seconds < 120 ? Words.count(seconds, "second") : "\((seconds + 59) / 60) minutes"
    }

    private static func password(
        login: String, next: String, _ notice: HTML = .empty, errors: [FieldError] = [], tags: FormTags
    ) -> Page {
        page("Sign in to TicketFlower", tags, notice) {
            """
            <input type="hidden" name="next" value="\(next)">\
            \(Elements.field("login", label: "User name", errors: errors) { attributes in
                """
                <input class="wide" type="text" name="login" value="\(login)" autocomplete="username" \
                autocapitalize="none" spellcheck="false"\(when(errors.isEmpty, " autofocus"))\(attributes)>
                """
            })\
            \(Elements.presentPassword(label: "Password", errors: []))
            """
        }
    }

    /// Asks for the second factor's code after a right password.
    static func code(
        challenge: String, next: String, _ notice: HTML = .empty, errors: [FieldError], tags: FormTags
    ) -> Page {
        page("Enter the code", tags, notice) {
            """
            <input type="hidden" name="next" value="\(next)">\
            <input type="hidden" name="challenge" value="\(challenge)">\
            \(Elements.code(hint: "Six digits of your authenticator, or a recovery code.", errors: errors))
            """
        }
    }

    private static func page(_ title: String, _ tags: FormTags, _ notice: HTML, _ fields: () -> HTML) -> Page {
        Page(
            title == "Enter the code" ? title : "Sign in",
            Elements.door(
                title,
                """
                \(notice)<form method="post" action="/login" class="stack" novalidate>\
                \(tags.hidden())\(fields())<button class="primary wide">Sign in</button></form>
                """, help: help))
    }
}
