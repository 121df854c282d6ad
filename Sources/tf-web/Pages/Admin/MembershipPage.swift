import TFDefinition
import TFStore

/// What one person is in one company.
struct MembershipPage {
    let company: Company
    let member: Identity
    let roles: [CompanyRole]
    /// The system roles to which the membership limits the person; empty: no limit.
    let limit: Set<SystemRole>
    let errors: [FieldError]
    let tags: FormTags

    private var account: Account { member.account }
    private var path: String { "/admin/companies/\(company.slug)/members/\(account.login)" }
    private var membership: Membership? { member.memberships[company.slug] }

    @Sendable static func make(_ request: ProvedRequest<OnMember>, _ session: CompanyReadSession) throws -> Page {
        MembershipPage(
            company: request.company, member: request.member, roles: try session.declaredRoles(),
            limit: try session.systemRoleLimit(of: request.member.account), errors: request.typed.errors,
            tags: request.tags
        ).page
    }

    private var page: Page {
        let title = "\(account.name) in \(company.name)"
        return Page(
            title,
            """
            \(Elements.head("\(title)", actions: leaving, back: [
                Link("/admin/companies", "Companies"),
                Link("/admin/companies/\(company.slug)", company.name),
            ]))\
            <form method="post" action="\(path)" class="card stack" novalidate>\
            \(tags.hidden(version: membership?.version))\(companyRoles)\(counting)\
            <div class="row"><button class="primary">Save</button>\
            <a class="btn quiet" href="/admin/users/\(account.login)">To the account</a></div></form>
            """
        ).under(.admin)
    }

    private var leaving: HTML { #"<a class="btn danger" href="\#(path)/removal">Take out of \#(company.name)…</a>"# }

    private var companyRoles: HTML {
        guard !roles.isEmpty else {
            return """
                <p>\(company.name) has declared no roles yet. \
                <a href="/c/\(company.slug)/roles">Declare one</a>, such as IT staff or Manager.</p>
                """
        }
        let held = membership?.companyRoles ?? []
        let boxes = roles.map { role -> HTML in
            """
            <label class="pick"><input type="checkbox" name="company_roles" value="\(role.name)"\
            \(when(held.contains(role.name), " checked"))><span>\(role.label)</span></label>
            """
        }
        return """
            <fieldset><legend>Roles in \(company.name)</legend>\
            <input type="hidden" name="company_roles" value="">\(boxes)</fieldset>
            """
    }

    private var counting: HTML {
        let error = errors.first { $0.field == "only" }?.message
        // The site is run from outside of any company, so that no membership limits that.
        let limited = member.systemRoles.union(limit).subtracting([.admin])
        let boxes = SystemRole.inOrder.filter(limited.contains)
            .map { role -> HTML in
                """
                <label class="pick"><input type="checkbox" name="only" value="\(role.rawValue)"\
                \(when(limit.contains(role), " checked"))><span>\(role.label) <small>\(role.meaning)</small></span></label>
                """
            }
        return """
            <fieldset class="field\(error == nil ? "" : " fail")"><legend>May here</legend>\
            \(Elements.errorText(error, Elements.fieldID("only")))\
            \(choice("all", "All that the account may: \(SystemRole.sentence(member.systemRoles))", limit.isEmpty))\
            \(choice("some", "Only some of it", !limit.isEmpty))<div class="reveal">\
            <input type="hidden" name="only" value="">\(boxes)</div></fieldset>
            """
    }

    private func choice(_ value: String, _ label: String, _ isTicked: Bool) -> HTML {
        """
        <label class="pick"><input type="radio" name="counting" value="\(value)"\
        \(when(value == "some", " id=\"\(Elements.fieldID("only"))\""))\
        \(when(isTicked, " checked"))><span>\(label)</span></label>
        """
    }
}

/// Asks before somebody is taken out of a company.
enum RemovalPage {
    @Sendable static func make(_ request: ProvedRequest<OnMember>, _ session: CompanyReadSession) throws -> Page {
        let (account, company) = (request.member.account, request.company)
        let tasks = try session.openTasks(of: account.login).count
        let path = "/admin/companies/\(company.slug)/members/\(account.login)"
        let question = "Take \(account.name) out of \(company.name)?"
        return Page(
            question,
            """
            \(Elements.head("\(question)", back: [
                Link("/admin/companies/\(company.slug)", company.name),
                Link(path, account.name),
            ]))\
            <form method="post" action="\(path)/removal" class="card stack">\(request.tags.hidden())<ul>\
            <li>They see nothing of \(company.name) any more, their own tickets neither.</li>\
            <li>\(tasks == 0
                ? "They have no open task there."
                : "Their \(tasks) open \(tasks == 1 ? "task goes" : "tasks go") back to be assigned.")</li>\
            <li>Their company roles there are gone; the account stays.</li></ul>\
            <div class="row"><button class="primary danger">Take out</button>\
            <a class="btn" href="\(path)">No, go back</a></div></form>
            """
        ).under(.admin)
    }
}
