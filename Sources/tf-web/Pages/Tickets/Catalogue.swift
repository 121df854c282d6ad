import TFDefinition
import TFStore

/// The ticket types that the visitor may submit.
struct Catalogue {
    let types: [TicketDefinition]
    let company: Company

    var page: Page {
        Page(
            "New ticket",
            """
            <h1>What do you need?</h1>\
            \(types.isEmpty
                ? Elements.empty("There is nothing to submit yet. A workflow creator adds ticket types as files.")
                : "<ul class=\"catalogue\">\(types.map(entry))</ul>")
            """)
    }

    private func entry(_ type: TicketDefinition) -> HTML {
        """
        <li class="card"><a href="/c/\(company.slug)/tickets/new/\(type.name)">\(type.title)</a>\
        <p>\(type.description)</p></li>
        """
    }
}
