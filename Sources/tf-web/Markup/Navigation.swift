import TFStore

/// An entry in the navigation of every page, declared with the page's route.
struct NavigationEntry: Sendable {
    /// The places in the navigation, in order.
    enum Position: Int, Sendable {
        case newTicket
        case myTickets
        case myTasks
        case tickets
        case tasks
        case workers
        case reports
        case definitions
        case roles
        /// The pages that run the site, which link to each other.
        case admin
    }

    let position: Position
    let label: String

    /// An entry at this place with this label.
    static func at(_ position: Position, _ label: String) -> NavigationEntry {
        NavigationEntry(position: position, label: label)
    }
}

/// An entry of the navigation as a visitor sees it.
struct NavigationLink: Sendable {
    let position: NavigationEntry.Position
    let path: String
    let label: String
}

extension RouteTable {
    /// The pages in the navigation that the visitor's roles allow.
    func navigation(_ signedIn: SignedIn, in company: Company?) -> [NavigationLink] {
        let actor = Actor(signedIn.identity, company: company?.slug)
        return navigationRoutes.compactMap { route, entry in
            switch route.resource {
            case .company:
                guard let company, Policy.decide(actor, route.action, .company) == .allowed else { return nil }
                return NavigationLink(
                    position: entry.position, path: "/c/\(company.slug)\(route.path.dropFirst("/c/{company}".count))",
                    label: entry.label)
            case .site:
                guard Policy.decide(actor, route.action, .site) == .allowed else { return nil }
                return NavigationLink(position: entry.position, path: route.path, label: entry.label)
            case .none, .account, .ticket, .task: return nil
            }
        }
    }
}
