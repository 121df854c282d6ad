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
        case definitions
        case users
        case queues
    }

    let position: Position
    let label: String

    /// An entry at this place with this label.
    static func at(_ position: Position, _ label: String) -> NavigationEntry {
        NavigationEntry(position: position, label: label)
    }
}

extension RouteTable {
    /// The pages in the navigation that the visitor's roles allow.
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
