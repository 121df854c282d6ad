import TFDefinition
import TFStore

/// A company's roles and who has them.
struct RolesPage {
    let company: Company
    let roles: [CompanyRole]
    /// The people who have each role, by its name.
    let holders: [String: [Account]]
    let guards: [String: RoleGuard]
    let errors: [FieldError]
    let tags: FormTags

    /// People of a role who are named in the list.
    private static let namedHolders = 4

    private var path: String { "/c/\(company.slug)/roles" }

    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let roles = try session.declaredRoles()
        let accounts = try session.memberAccounts().reduce(into: [String: Account]()) { $0[$1.login] = $1 }
        let holders = try session.roleMembers().reduce(into: [String: [Account]]()) { holders, role in
            holders[role.role] = role.members.compactMap { accounts[$0] }.sorted { $0.name < $1.name }
        }
        return RolesPage(
            company: request.company, roles: roles.sorted { $0.label < $1.label }, holders: holders,
            guards: try session.guards(of: Set(roles.map(\.name))), errors: request.typed.errors, tags: request.tags
        ).page
    }

    private var page: Page {
        Page(
            "Roles",
            """
            \(Elements.head("Roles", note: "\(roles.count)"))\
            <p class="soft">Tasks go to people by their roles: a step for IT staff goes to somebody who has that role here.</p>\
            <div class="cols">\(roles.isEmpty ? nothing : table)<div class="stack">\(form)\(zone)</div></div>
            """)
    }

    private var nothing: HTML {
        Elements.empty(
            .nothingYet, "\(company.name) has no roles yet",
            "Add those that your workflows name, such as Manager or IT staff, then say who has them.")
    }

    private var table: HTML {
        """
        <table class="rows"><caption class="vh">Roles by name</caption><thead><tr><th scope="col">Role\
        <th scope="col">Who has it<th scope="col" class="w2">Also decides who<tbody>\(roles.map(row))</table>
        """
    }

    private func row(_ role: CompanyRole) -> HTML {
        let people = holders[role.name] ?? []
        let named = people.prefix(Self.namedHolders).map(\.name).joined(separator: ", ")
        let more = people.count - Self.namedHolders
        let who: HTML =
            people.isEmpty
            ? #"<td class="wait">Nobody"# : "<td>\(Elements.whole(named + (more > 0 ? " and \(more) more" : "")))"
        return """
            <tr><th scope=row><a href="\(path)/\(role.name)">\(role.label)</a>\(role.name)\(who)\
            <td>\(Elements.whole(guards[role.name]?.sentence ?? ""))
            """
    }

    private var form: HTML {
        """
        <form method="post" action="\(path)" class="card stack" novalidate aria-labelledby="new">\(tags.hidden())\
        <h2 id="new">Add a role</h2>\
        \(text("title", "Name", hint: "As people know it: IT staff."))\
        \(text("name", "Short name", hint: "As workflows name it: it-staff. It never changes."))\
        <button class="primary">Add role</button></form>
        """
    }

    private var zone: HTML {
        """
        <form method="post" action="/c/\(company.slug)/time-zone" class="card stack" novalidate>\
        \(tags.hidden(version: company.version))\(ZoneField(zone: company.timezone, errors: errors).html)\
        <button>Save</button></form>
        """
    }

    private func text(_ name: String, _ label: String, hint: HTML) -> HTML {
        Elements.field(name, label: label, hint: hint, isOptional: name == "title", errors: errors) { attributes in
            #"<input class="wide" type="text" name="\#(name)" autocomplete="off"\#(attributes)>"#
        }
    }
}
