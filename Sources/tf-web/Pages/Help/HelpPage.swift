import TFEngine
import TFStore

/// How the site is used, for what the visitor may do in it; reached from the foot of every page. The pages before the
/// sign-in have their own help there.
struct HelpPage {
    static let path = "/help"

    static func add(to routes: inout RouteTable) {
        routes.page(path, .useSite, on: .account) { request, _ in HelpPage(identity: request.identity).page }
    }

    struct Section {
        let title: String
        /// Each a question of somebody who does it for the first time, and its answer.
        let entries: [(question: String, answer: HTML)]
    }

    let identity: Identity

    private var page: Page {
        let cards = sections.map { section -> HTML in
            let entries = section.entries.map { entry -> HTML in
                "<details><summary>\(entry.question)</summary><p class=soft>\(entry.answer)</p></details>"
            }
            return Elements.card(section.title, "<div class=stack>\(entries)</div>")
        }
        return Page("Help", "\(Elements.head("Help"))<div class=\"cols halves\">\(cards)</div>")
    }

    private var sections: [Section] {
        let own: [SystemRole: Section] = [
            .user: Self.asking, .taskWorker: Self.working, .ticketAdmin: Self.managing,
            .workflowCreator: Self.creating, .admin: Self.running,
        ]
        return SystemRole.allCases.filter(identity.systemRoles.contains).compactMap { own[$0] }
            + [Self.writing, Self.signingIn]
    }
}
