import TFDefinition
import TFStore

/// The ticket types that the visitor may submit.
struct Catalogue {
    let types: [TicketDefinition]
    let company: Company

    var page: Page {
        if types.count == 1, let only = types.first { return .elsewhere(path(only)) }
        return Page(
            "New ticket",
            """
            \(Elements.head("New ticket"))\
            \(types.isEmpty ? nothing : "<p class=soft>What do you need?</p><ul class=\"grid menu\">\(inOrder.map(entry))</ul>")
            """)
    }

    /// By what is shown of them.
    private var inOrder: [TicketDefinition] { types.sorted { ($0.title, $0.name) < ($1.title, $1.name) } }

    private var nothing: HTML {
        Elements.empty(
            .nothingYet, "There is nothing to submit yet",
            "Workflow creators add types of tickets. Those that are for you will stand here.")
    }

    private func path(_ type: TicketDefinition) -> String { "/c/\(company.slug)/tickets/new/\(type.name)" }

    private func entry(_ type: TicketDefinition) -> HTML {
        """
        <li class="card fix"><svg viewBox="0 0 16 16" width="28" height="28" aria-hidden="true">\
        <path class="ic" d="\(Sign(type).path)"/></svg><div><a href="\(path(type))"><b>\(type.title)</b></a>\
        <p class="sm soft">\(type.description)</p></div></li>
        """
    }

    /// A picture of what a type is about, guessed from its words.
    private enum Sign: CaseIterable {
        case person
        case flag
        case bolt
        case house
        case speech

        init(_ type: TicketDefinition) {
            let words = "\(type.name) \(type.title) \(type.description)".lowercased()
            self = Self.allCases.first { sign in sign.words.contains(where: words.contains) } ?? .speech
        }

        private var words: [String] {
            switch self {
            case .person: ["access", "account", "board", "new colleague", "role"]
            case .flag: ["purchase", "buy", "order", "invoice", "licence", "budget"]
            case .bolt: ["incident", "broken", "bug", "error", "outage", "fault", "problem"]
            case .house: ["facility", "facilities", "room", "desk", "office", "building", "key"]
            case .speech: []
            }
        }

        var path: String {
            switch self {
            case .person:
                "M8 7.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5M2.75 14c.5-3 2.5-4 5.25-4s4.75 1 5.25 4"
            case .flag: "M4 14.5v-12h8.5L10.5 6l2 3.5H4"
            case .bolt: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z"
            case .house: "M2.5 7.5 8 2.5l5.5 5M4 6.5v7h8v-7M7 13.5v-4h2v4"
            case .speech: "M2.5 3h11v8H7.5l-3 2.75V11h-2z"
            }
        }
    }
}
