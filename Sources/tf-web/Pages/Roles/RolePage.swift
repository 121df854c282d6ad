import TFDefinition
import TFStore

/// One role of a company: its name, and who has it.
struct RolePage {
    let company: Company
    let role: CompanyRole
    let members: [Account]
    let holders: Set<String>
    /// What the role decides about beside tasks; nil: nothing.
    let guarding: RoleGuard?
    /// Whether the visitor may give and take it.
    let mayGive: Bool
    let errors: [FieldError]
    let tags: FormTags

    private var path: String { "/c/\(company.slug)/roles/\(role.name)" }

    @Sendable static func make(_ request: ProvedRequest<OnRole>, _ session: CompanyReadSession) throws -> Page {
        guard let role = try session.declaredRoles().first(where: { $0.name == request.role }) else {
            throw Failure.notFound
        }
        let holders = try session.roleMembers().first { $0.role == role.name }?.members ?? []
        let guarding = try session.guards(of: [role.name])[role.name]
        return RolePage(
            company: request.company, role: role, members: try session.memberAccounts(), holders: Set(holders),
            guarding: guarding, mayGive: guarding == nil || request.subject.mayGiveGuarded,
            errors: request.typed.errors, tags: request.tags
        ).page
    }

    private var page: Page {
        Page(
            role.label,
            """
            \(Elements.head("\(role.label)", back: [Link("/c/\(company.slug)/roles", "Roles")]))\
            <p class="soft sm">In definitions: <code>\(role.name)</code></p>\(guardBanner)\
            <form method="post" action="\(path)" class="card stack" novalidate>\(tags.hidden(version: role.version))\
            \(Elements.field("title", label: "Name", hint: "As people know it.", errors: errors) { attributes in
                #"<input class="wide" type="text" name="title" value="\#(role.label)" autocomplete="off"\#(attributes)>"#
            })\(people)<div class="row"><button class="primary">Save</button></div></form>
            """
        ).under(.roles)
    }

    private var guardBanner: HTML {
        guard let guarding else { return .empty }
        return Elements.banner(
            mayGive ? .work : .wait, "This role also decides who \(guarding.sentence)",
            mayGive
                ? "Whoever gets it sees more than their own tasks."
                : "So only an admin of the site, or somebody who has it, gives or takes it.")
    }

    private var people: HTML {
        guard mayGive else {
            let names = members.filter { holders.contains($0.login) }.map { account -> HTML in
                "<li>\(account.name)</li>"
            }
            let list: HTML = names.isEmpty ? "<p>Nobody.</p>" : "<ul>\(names)</ul>"
            return "<h2>Who has it</h2>\(list)"
        }
        let error = errors.first { $0.field == "members" }?.message
        let boxes = members.filter { !$0.isDisabled || holders.contains($0.login) }.enumerated().map {
            index, account -> HTML in
            """
            <label class="pick"><input type="checkbox" name="members" value="\(account.login)"\
            \(when(index == 0, " id=\"\(Elements.fieldID("members"))\""))\
            \(when(holders.contains(account.login), " checked"))>\(Elements.initials(account.name, account.id))\
            <span>\(account.name) <small>\(account.login)\(account.isDisabled ? ", disabled" : "")</small></span></label>
            """
        }
        return """
            <fieldset class="field\(error == nil ? "" : " fail")"><legend>Who has it</legend>\
            \(Elements.errorText(error, Elements.fieldID("members")))\
            <p class="hint">Open tasks that somebody may not have any more go to others.</p>\
            <input type="hidden" name="members" value="">\(boxes)</fieldset>
            """
    }
}
