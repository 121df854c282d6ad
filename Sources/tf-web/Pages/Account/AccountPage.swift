import TFDefinition
import TFStore

/// The visitor's own profile, password and sessions.
struct AccountPage {
    let signedIn: SignedIn
    let sessions: [Session]
    let errors: [FieldError]
    let tags: FormTags

    private var account: Account { signedIn.account }

    @Sendable static func make(_ request: ProvedRequest<OwnAccount>, _ session: ReadSession) throws -> Page {
        let page = AccountPage(
            signedIn: request.signedIn, sessions: try session.sessions(of: request.account.id, now: request.now),
            errors: request.typed.errors, tags: request.tags)
        return Page("Your account", page.html)
    }

    private var html: HTML {
        """
        <h1>\(account.name)</h1><dl><dt>User name</dt><dd>\(account.login)</dd>\(memberships)</dl>\
        <h2>Change the password</h2>\(passwordForm)\
        <h2>Second factor</h2>\(secondFactor)\
        <h2>Sessions</h2>\(sessionTable)
        """
    }

    private var memberships: [HTML] {
        signedIn.identity.memberships.values.sorted { $0.company.slug < $1.company.slug }.map { member in
            """
            <dt>\(member.company.name)</dt><dd>\(member.systemRoles.map(\.rawValue).sorted().joined(separator: ", "))\
            \(when(!member.companyRoles.isEmpty, " – \(member.companyRoles.sorted().joined(separator: ", "))"))</dd>
            """
        }
    }

    private var passwordForm: HTML {
        """
        <form method="post" action="/account/password" novalidate>\(tags.hidden())\
        \(Elements.userName(account.login))\
        \(Elements.presentPassword(label: "Present password", errors: errors))\
        \(Elements.newPassword(errors: errors))<button>Change the password</button></form>
        """
    }

    private var secondFactor: HTML {
        let sentence =
            account.hasSecondFactor
            ? "Signing in takes a code of your authenticator besides the password."
            : "A code of an authenticator besides the password keeps out whoever learns the password."
        return """
            <p>\(sentence) <a href="/account/second-factor">\(account.hasSecondFactor ? "Manage it" : "Set it up")</a></p>
            """
    }

    private var sessionTable: HTML {
        Elements.table(
            "Where you are signed in", ["Program", "Address", "Began", "Last used", ""],
            sessions.map { session -> [HTML] in
                [
                    "\(session.purpose == .api ? "REST API: " : "")\(session.agent)", "\(session.address)",
                    Elements.time(session.createdAtMs, nil), Elements.time(session.rotatedAtMs, nil), end(of: session),
                ]
            })
    }

    private func end(of session: Session) -> HTML {
        guard session.id != signedIn.session else { return "this one" }
        return """
            <form method="post" action="/account/sessions/\(session.id)/revocation">\(tags.hidden())\
            <button class="second">End<span class="hidden"> the session of \(session.agent)</span></button></form>
            """
    }
}
