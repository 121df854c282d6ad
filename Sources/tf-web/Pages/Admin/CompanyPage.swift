import TFDefinition
import TFStore

/// One company for the site's admins: its settings and its people.
struct CompanyPage {
    let company: Company
    let isPaused: Bool
    let members: [Identity]
    let size: CompanySize
    /// Accounts that are not members, which the form for a new one offers.
    let others: [Account]
    let roleLabels: [String: String]
    let errors: [FieldError]
    let tags: FormTags

    private var path: String { "/admin/companies/\(company.slug)" }

    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let company = request.company
        let members = try session.memberAccounts().compactMap { try session.site.identity($0.login) }
        let others = try PeopleOptions.accounts(session.site).filter {
            $0.memberships[company.slug] == nil && !$0.account.isDisabled
        }
        return CompanyPage(
            company: company, isPaused: try session.site.pausedCompanies().contains(company.id), members: members,
            size: try session.site.companySizes()[company.id] ?? CompanySize(), others: others.map(\.account),
            roleLabels: try session.roleLabels(), errors: request.typed.errors, tags: request.tags
        ).page
    }

    private var page: Page {
        Page(
            company.name,
            """
            \(head)\(when(isPaused, paused))<div class="cols"><div class="stack">\(people)\(adding)</div>\
            <div class="stack">\(settings)\(assignment)</div></div>
            """
        ).under(.admin)
    }

    /// What the navigation, which leads to the company's pages already, does not say.
    private var head: HTML {
        let facts = [
            Words.count(size.members, "person", "people"), Words.count(size.openTickets, "open ticket"),
            company.timeInWords,
        ]
        return """
            \(Elements.head("\(company.name)", back: [Link("/admin/companies", "Companies")]))\
            <p class="soft sm">\(facts.joined(separator: " · "))</p>
            """
    }

    private var paused: HTML {
        Elements.banner(
            .wait, "Assignment is paused",
            "Tickets are taken and workflows run, but new tasks wait with nobody. Claiming and giving by hand still work."
        )
    }

    private var people: HTML {
        guard !members.isEmpty else {
            return Elements.empty(
                .nothingYet, "Nobody belongs to \(company.name) yet", "Add the people who ask and those who do.")
        }
        return """
            <table class="rows"><caption class="vh">People of \(company.name) by name</caption><thead><tr>\
            <th scope="col" class="w4">Name<th scope="col" class="w2">May here<th scope="col">Company roles<tbody>\(members.map(row))</table>
            """
    }

    private func row(_ identity: Identity) -> HTML {
        let account = identity.account
        let membership = identity.memberships[company.slug]
        let roles = (membership?.companyRoles ?? []).sorted().map { roleLabels[$0] ?? ReadableName.title($0) }
        return """
            <tr><th scope=row>\(Elements.initials(account.name, account.id))\
            <a href="\(path)/members/\(account.login)">\(account.name)</a>\(account.isDisabled ? "disabled" : account.login)\
            <td>\(Elements.whole(SystemRole.sentence(membership?.systemRoles ?? [])))\
            <td>\(Elements.whole(roles.joined(separator: ", ")))
            """
    }

    private var adding: HTML {
        """
        <form method="post" action="\(path)/members" class="card" novalidate>\(tags.hidden())\
        \(Elements.field("login", label: "Add somebody", hint: "Their user name; roles come next.", errors: errors) { attributes in
                """
                <span class="fix"><input type="text" name="login" list="others" autocomplete="off" autocapitalize="none"\
                \(attributes)><button>Add</button></span>\(PeopleOptions(id: "others", accounts: others).html)
                """
            })</form>
        """
    }

    private var settings: HTML {
        """
        <form method="post" action="\(path)" class="card stack" novalidate aria-labelledby="settings">\
        \(tags.hidden(version: company.version))<h2 id="settings">Settings</h2>\
        \(Elements.field("name", label: "Name", errors: errors) { attributes in
            #"<input class="wide" type="text" name="name" value="\#(company.name)" autocomplete="off"\#(attributes)>"#
        })\(ZoneField(zone: company.timezone, errors: errors).html)<button class="primary">Save</button></form>
        """
    }

    private var assignment: HTML {
        Elements.card(
            "Assignment",
            """
            <form method="post" action="\(path)/assignment" class="stack">\(tags.hidden())\
            <input type="hidden" name="paused" value="\(isPaused ? "false" : "true")"><p class="sm soft">\
            \(isPaused
                ? "When it goes on, waiting tasks are assigned by priority, due date and age."
                : "For a holiday or a change of shifts: new tasks then wait with nobody until it goes on. People keep what they have.")\
            </p><button>\(isPaused ? "Go on assigning" : "Pause assignment")</button></form>
            """)
    }
}
