import TFDefinition
import TFStore

/// The form for a new account.
struct InvitationPage {
    /// How many companies the form offers; in others the person becomes a member on their pages.
    static let limitCompanies = 50

    /// Each with its declared roles.
    let companies: [(company: Company, roles: [CompanyRole])]
    let errors: [FieldError]
    let tags: FormTags
    /// Whether a mail program is configured.
    let mails: Bool

    var page: Page {
        Page(
            "Invite somebody",
            """
            \(Elements.head("Invite somebody", back: [Link("/admin/users", "Users")]))\
            <form method="post" action="/admin/invitation" class="card stack" novalidate>\(tags.hidden())\
            \(text("name", "Name", hint: "As colleagues know them.", kind: "text"))\
            \(text("login", "User name", hint: "To sign in with: small letters, digits, - and _. It never changes.", kind: "text"))\
            \(text("email", "E-mail", hint: mails ? "The link goes there." : "This site sends no mail: you get the link, to pass on.", kind: "email", isOptional: true))\
            \(RoleBoxes(ticked: [.user], errors: errors).html)\(when(!companies.isEmpty, memberships))\
            <fieldset><legend>Who is it?</legend>\
            \(kind(.person, "A person", "gets a link to choose a password, good for 7 days", isTicked: true))\
            \(kind(.service, "A program", "signs in with a key, which you make on its page", isTicked: false))</fieldset>\
            <div class="row"><button class="primary">Make the account</button>\
            <a class="btn quiet" href="/admin/users">Cancel</a></div></form>
            """
        ).under(.admin)
    }

    /// Whoever belongs to no company sees nothing: where there is only one, it is ticked.
    private var memberships: HTML {
        let error = errors.first { $0.field == "companies" || $0.field == "company_roles" }?.message
        let boxes = companies.map { company, roles -> HTML in
            """
            <label class="pick"><input type="checkbox" name="companies" value="\(company.slug)"\
            \(when(companies.count == 1, " checked"))><span>\(company.name)</span></label>\
            \(when(!roles.isEmpty, "<div class=\"reveal\">\(roles.map { box($0, in: company) })</div>"))
            """
        }
        return """
            <fieldset class="field\(error == nil ? "" : " fail")" id="\(Elements.fieldID("companies"))">\
            <legend>Belongs to</legend>\(Elements.errorText(error, Elements.fieldID("companies")))\
            <input type="hidden" name="companies" value=""><input type="hidden" name="company_roles" value="">\(boxes)</fieldset>
            """
    }

    private func box(_ role: CompanyRole, in company: Company) -> HTML {
        """
        <label class="pick"><input type="checkbox" name="company_roles" value="\(company.slug):\(role.name)">\
        <span>\(role.label)</span></label>
        """
    }

    private func text(
        _ name: String, _ label: String, hint: HTML, kind: String, isOptional: Bool = false
    ) -> HTML {
        Elements.field(name, label: label, hint: hint, isOptional: isOptional, errors: errors) { attributes in
            """
            <input class="wide" type="\(kind)" name="\(name)" autocomplete="off" \
            autocapitalize="\(name == "name" ? "words" : "none")"\(attributes)>
            """
        }
    }

    private func kind(_ kind: Account.Kind, _ label: String, _ meaning: String, isTicked: Bool) -> HTML {
        """
        <label class="pick"><input type="radio" name="kind" value="\(kind.rawValue)"\(when(isTicked, " checked"))>\
        <span>\(label) <small>\(meaning)</small></span></label>
        """
    }
}

/// Boxes for the system roles, each with its meaning.
struct RoleBoxes {
    let ticked: Set<SystemRole>
    let errors: [FieldError]

    var html: HTML {
        let boxes = SystemRole.inOrder.map { role -> HTML in
            """
            <label class="pick"><input type="checkbox" name="roles" value="\(role.rawValue)"\
            \(when(ticked.contains(role), " checked"))><span>\(role.label) <small>\(role.meaning)</small></span></label>
            """
        }
        let (id, error) = (Elements.fieldID("roles"), errors.first { $0.field == "roles" }?.message)
        return """
            <fieldset\(when(error != nil, " class=\"field fail\"")) id="\(id)"><legend>They may</legend>\(Elements.errorText(error, id))\
            <input type="hidden" name="roles" value="">\(boxes)</fieldset>
            """
    }
}

/// Shows a link for choosing a password, once.
struct LinkPage {
    let link: PasswordLink
    let account: Account
    let isMailed: Bool
    /// To which a new account belongs, by name; nil: the account is not new.
    var companies: [String]?
    /// Whether a new account has no system role.
    var mayNothing = false

    var page: Page {
        let isNew = link.kind == .invite
        let title = isNew ? "Send this link to \(account.name)" : "A link for a new password"
        let sent: HTML =
            isMailed
            ? "It was also sent to <b>\(account.email)</b>."
            : "No mail was sent: give it to them yourself, where nobody else can read it."
        return Page(
            title,
            """
            \(Elements.head("\(title)", back: [
                Link("/admin/users", "Users"),
                Link("/admin/users/\(account.login)", account.name),
            ]))\
            <section class="card stack"><p>With it \(account.name) chooses \(isNew ? "a password" : "a new password") \
            for the user name <b>\(account.login)</b>. It works once, for \(isNew ? "7 days" : "one hour"). \(sent)</p>\(belonging)\
            <pre id="link" tabindex="0" role="region" aria-label="The link"><code>\(link.text)</code></pre>\
            <div class="row"><button type="button" data-copy="link">Copy the link</button>\
            <a class="btn" href="/admin/users/\(account.login)">Done: to the account</a></div>\
            <p class="sm soft">The link is shown only now. If it is lost, make another: it replaces this one.</p></section>
            """
        ).under(.admin)
    }

    private var belonging: HTML {
        guard let companies else { return .empty }
        let rights = when(
            mayNothing,
            """
            <p>\(account.name) may do nothing yet: <a href="/admin/users/\(account.login)">tick what they may in the \
            account</a>.</p>
            """)
        return "\(rights)\(belonging(to: companies))"
    }

    private func belonging(to companies: [String]) -> HTML {
        guard !companies.isEmpty else {
            return """
                <p>\(account.name) belongs to no company yet, and will see nothing: \
                <a href="/admin/users/\(account.login)">add one in the account</a>.</p>
                """
        }
        return "<p>\(account.name) belongs to \(Words.list(companies)).</p>"
    }
}
