import TFDefinition
import TFEngine
import TFStore

/// The visitor's own profile, password, sessions, and the look of the site in this browser.
struct AccountPage {
    let signedIn: SignedIn
    let sessions: [Session]
    let look: Frame.Look
    /// The names for people of each company's roles, by the company's slug.
    let roleLabels: [String: [String: String]]
    /// The visitor's presence in each company of which they are a worker.
    let presences: [CompanyID: Presence]
    let errors: [FieldError]
    let tags: FormTags
    let times: Times

    private var account: Account { signedIn.account }

    var page: Page {
        Page(
            "Your account",
            """
            \(Elements.head("\(Elements.initials(account.name, account.id, isBig: true)) \(account.name)"))\
            <div class="cols halves"><div class="stack">\(Elements.card("You", profile))\(companies)\
            \(Elements.card("Password", passwordForm))</div>\
            <div class="stack">\(LookForm(look: look, tags: tags).html)\(Elements.card("Second factor", secondFactor))\
            \(Elements.card("Where you are signed in", sessionList))</div></div>
            """)
    }

    private var profile: HTML {
        """
        <form method="post" action="/account" class="stack" novalidate>\(tags.hidden(version: account.version))\
        \(Elements.field("name", label: "Name", hint: "As others see you.", errors: errors) { attributes in
            #"<input class="wide" type="text" name="name" value="\#(account.name)" autocomplete="name"\#(attributes)>"#
        })\(Elements.field("email", label: "E-mail", isOptional: true, errors: errors) { attributes in
            #"<input class="wide" type="email" name="email" value="\#(account.email)" autocomplete="email"\#(attributes)>"#
        })<p><button>Save</button></p>\(Elements.facts([
            ("User name", "\(account.login)"), ("Roles", "\(SystemRole.sentence(signedIn.identity.systemRoles))"),
        ]))<p class="sm soft">Only an admin can change these two.</p>\
        <p class="sm"><a href="\(NotificationRoutes.settings)">Notification settings</a></p></form>
        """
    }

    // MARK: Companies and availability

    private var companies: HTML {
        let memberships = signedIn.identity.memberships.values.sorted { $0.company.name < $1.company.name }
        guard !memberships.isEmpty else { return .empty }
        return Elements.card("Companies", #"<div class="stack">\#(memberships.map(row))</div>"#)
    }

    private func row(_ membership: Membership) -> HTML {
        let roles = membership.companyRoles.sorted().map { role in
            roleLabels[membership.company.slug]?[role] ?? ReadableName.title(role)
        }.joined(separator: ", ")
        let may = SystemRole.sentence(membership.systemRoles)
        return """
            <div><b>\(membership.company.name)</b> <span class="soft sm">\(may)\(roles.isEmpty ? "" : " (\(roles))")</span>\
            \(when(membership.systemRoles.contains(.taskWorker) && account.kind == .person, availability(membership)))</div>
            """
    }

    private func availability(_ membership: Membership) -> HTML {
        let path = "/c/\(membership.company.slug)"
        let whose: HTML = #"<span class="vh"> in \#(membership.company.name)</span>"#
        // Who goes is asked first what becomes of their tasks.
        let change: HTML =
            membership.isAvailable
            ? """
            <div class="row">\(Elements.tag(.done, "Available"))\
            <a class="sm" href="\(path)/my/tasks?plan=absence#absence">Set me away, now or later\(whose)</a></div>
            """
            : """
            <form method="post" action="\(path)/my/availability" class="row">\(tags.hidden())\
            <input type="hidden" name="available" value="true">\(Elements.tag(.wait, "Away"))\
            <button class="small">I am back\(whose)</button><a class="sm" href="\(path)/my/tasks">Your tasks</a></form>
            """
        return "\(change)\(planned(membership.company, at: "\(path)/my/availability"))"
    }

    private func planned(_ company: Company, at action: String) -> HTML {
        guard let absence = PlannedAbsence(presences[company.id]) else { return .empty }
        let cancel = absence.cancellation(at: action, whose: " in \(company.name)", tags: tags)
        let setter = presences[company.id].map(PlannedAbsence.setter)
        return
            #"<div class="row sm"><span>You \#(absence.words(Times(company, now: 0))).\#(setter)</span>\#(cancel)</div>"#
    }

    // MARK: Signing in

    private var passwordForm: HTML {
        """
        <form method="post" action="/account/password" class="stack" novalidate>\(tags.hidden())\
        \(Elements.userName(account.login))\
        \(Elements.presentPassword(label: "Current password", errors: errors))\
        \(Elements.newPassword(errors: errors))<p class="sm soft">Your other sessions end.</p>\
        <button>Change the password</button></form>
        """
    }

    private var secondFactor: HTML {
        let isOn = account.hasSecondFactor
        let sentence =
            isOn
            ? "Signing in takes a code of your authenticator besides the password."
            : "Ask for a code from your phone as well as the password."
        return """
            <div class="stack"><p class="row">\(Elements.tag(isOn ? .done : .idle, isOn ? "On" : "Off"))\
            <span class="sm">\(sentence)</span></p>\
            <a class="btn" href="/account/second-factor">\(isOn ? "Manage it" : "Set it up")</a></div>
            """
    }

    private var sessionList: HTML {
        SessionList(
            sessions: sessions, own: signedIn.session, path: "/account", tags: tags, times: times
        ).html
    }
}
