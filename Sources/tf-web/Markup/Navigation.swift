import TFStore

/// An entry of every page's navigation, which a route's line asks for.
struct NavigationEntry: Sendable {
    /// In this order.
    enum Position: Int, Sendable {
        case newTicket
        case myTickets
        case myTasks
        case tickets
        case tasks
        case workers
        case definitions
        case users
        case queues
    }

    let position: Position
    let label: String

    /// At this place, under this name.
    static func at(_ position: Position, _ label: String) -> NavigationEntry {
        NavigationEntry(position: position, label: label)
    }
}

extension RouteTable {
    /// The pages that the visitor's roles open, as far as they are in the navigation.
    func navigation(_ signedIn: SignedIn, in company: Company?) -> [(path: String, label: String)] {
        let actor = Actor(signedIn.identity, company: company?.slug)
        return navigationRoutes.compactMap { route, entry in
            switch route.resource {
            case .company:
                guard let company, Policy.decide(actor, route.action, .company) == .allowed else { return nil }
                return (route.path.replacing("{company}", with: company.slug), entry.label)
            case .site:
                return Policy.decide(actor, route.action, .site) == .allowed ? (route.path, entry.label) : nil
            case .none, .account, .ticket, .task: return nil
            }
        }
    }
}
