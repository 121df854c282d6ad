/// The pages that run the site. Only the first is in the navigation; tabs lead from each to the others.
enum SitePage: CaseIterable {
    case users
    case companies
    case queues
    case system
    case audit
    case access

    private var tab: (label: String, path: String) {
        switch self {
        case .users: ("Users", "/admin/users")
        case .companies: ("Companies", "/admin/companies")
        case .queues: ("Queues", "/admin/queues")
        case .system: ("System", "/admin/system")
        case .audit: ("Audit log", "/admin/audit")
        case .access: ("Who may what", "/admin/access")
        }
    }

    /// The tabs at the top of this page.
    var tabs: HTML {
        Elements.tabs(
            "Site", Self.allCases.map { Tab(label: $0.tab.label, path: $0.tab.path, isCurrent: $0 == self) })
    }
}
