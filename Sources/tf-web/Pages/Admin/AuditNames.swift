import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The names of those whom entries of the audit log mention by login or short name.
struct AuditNames {
    let accounts: [String: Account]
    let companies: [String: Company]
    /// The names for people of the roles of the entries' companies, by the company's short name.
    private let roleLabels: [String: [String: String]]

    init(_ entries: [AuditEntry], also logins: [String], _ session: ReadSession) throws {
        var mentioned = Set(logins + entries.map(\.actor))
        for entry in entries {
            if case .user(let login) = entry.subject { mentioned.insert(login) }
            guard entry.action == .roleMembersSet else { continue }
            for list in [entry.old, entry.new] {
                mentioned.formUnion((list?.arrayValue ?? []).compactMap(\.stringValue))
            }
        }
        accounts = try session.accounts(mentioned)
        let companies = try session.companies().reduce(into: [String: Company]()) { $0[$1.slug] = $1 }
        self.companies = companies
        roleLabels = try Set(entries.compactMap(\.company)).reduce(into: [:]) { labels, slug in
            labels[slug] = try companies[slug].map { try session.inside($0.id).roleLabels() }
        }
    }

    func role(_ name: String, of entry: AuditEntry) -> String {
        entry.company.flatMap { roleLabels[$0]?[name] } ?? ReadableName.title(name)
    }

    func person(_ login: String) -> String { accounts[login]?.name ?? login }

    func company(_ slug: String) -> String { companies[slug]?.name ?? slug }
}

extension AuditSubject {
    /// The subject by its name, as a link where it has a page.
    func html(_ entry: AuditEntry, _ names: AuditNames) -> HTML {
        switch self {
        case .user(let login):
            guard names.accounts[login] != nil else { return "\(login)" }
            return #"<a href="/admin/users/\#(login)">\#(names.person(login))</a>"#
        case .company(let slug):
            guard names.companies[slug] != nil else { return "\(slug)" }
            return #"<a href="/admin/companies/\#(slug)">\#(names.company(slug))</a>"#
        case .role(let role): return inCompany(entry, "roles/\(role)", names.role(role, of: entry))
        case .ticket(let number): return inCompany(entry, "tickets/\(number)", "ticket #\(number)")
        case .task(let id): return inCompany(entry, "tasks/\(id)", "task \(id)")
        case .definition(let kind, let name):
            let noun =
                switch kind {
                case .ticket: "ticket type"
                case .task, .workflow: kind.word
                }
            return "\(noun) \(inCompany(entry, "definitions/\(kind.rawValue)/\(name)", name))"
        case .session(let id): return "session \(id)"
        case .signingKey(let id): return "key \(id)"
        case .auditLog, .request: return "\(text)"
        }
    }

    private func inCompany(_ entry: AuditEntry, _ end: String, _ label: String) -> HTML {
        guard let slug = entry.company else { return "\(label)" }
        return #"<a href="/c/\#(slug)/\#(end)">\#(label)</a>"#
    }
}
