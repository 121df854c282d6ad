import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What was found in a company, by ticket.
struct SearchGroup {
    /// How many tickets are shown.
    private static let limit = 25

    struct Found {
        let ticket: SearchHit
        /// The texts of the ticket that hold the words, without its title.
        let texts: [SearchHit]
    }

    let company: Company
    let tickets: [Found]
    let types: DefinitionTitles
    /// Whether there is more than is shown.
    let isCut: Bool
    /// Where the tickets are whose tasks the visitor may all see.
    var standings: [TicketID: TicketStanding] = [:]

    /// - Parameter isCut: whether some texts were not looked at.
    init(_ company: Company, _ hits: [SearchHit], types: DefinitionTitles, isCut: Bool) {
        self.company = company
        self.types = types
        let byTicket = Dictionary(grouping: hits, by: \.ticketID).values
        // What has the words in its title is meant more often; then what was changed last.
        let found = byTicket.sorted { Self.rank($0) > Self.rank($1) }
        tickets = found.prefix(Self.limit).compactMap { hits in
            hits.first.map { Found(ticket: $0, texts: hits.filter { $0.kind != .title }) }
        }
        self.isCut = isCut || found.count > Self.limit
    }

    private static func rank(_ hits: [SearchHit]) -> (Int, Int64) {
        (hits.contains { $0.kind == .title } ? 1 : 0, hits.first?.updatedAtMs ?? 0)
    }
}

/// The results of a search, with the words marked.
struct SearchPage {
    let text: String
    let groups: [SearchGroup]
    /// The visitor, whose own name is not told to them.
    let me: Account
    let now: Int64
    /// The number that was typed, of no ticket that the visitor may open; nil: words were typed.
    var missing: Int?
    /// Whether the visitor belongs to a company.
    var isMember = true

    private var words: SearchWords { SearchWords(text) }

    var page: Page {
        let title = text.isEmpty ? "Search" : "Search: \(text)"
        return Page(title, "\(Elements.head("Search"))\(form)\(content)")
    }

    private var form: HTML {
        """
        <form class="fix" action="/search" role="search" aria-label="All tickets"><label class="vh" for="q">Words or a number</label>\
        <input id="q" type="search" name="q" value="\(text)" size="40" aria-describedby="q:hint"> \
        <button class="primary">Search</button></form>\
        <p class="hint" id="q:hint">The beginnings of words are enough, in any order. <code>-word</code> leaves out the tickets \
        that have it. <code>#24</code> goes straight to that ticket.</p>
        """
    }

    private var content: HTML {
        guard !text.isEmpty else {
            return Elements.empty(
                .noMatch, "What are you looking for?",
                "Type words of a ticket's title, its answers, the results of its tasks or its comments, or a ticket's number."
            )
        }
        guard isMember else {
            return Elements.empty(
                .nothingYet, "There is nothing that you could find",
                "Tickets are found in the companies that you belong to, and you belong to none. Who runs the site opens them from a company’s lists, where it is noted."
            )
        }
        guard !groups.isEmpty else {
            if let missing {
                return Elements.empty(
                    .noMatch, "There is no ticket #\(missing) for you",
                    "The number is not given yet, or the ticket is not one that you may see. It may be in another company of yours: look there, or search for words of it."
                )
            }
            guard !words.words.isEmpty || words.excluded.isEmpty else {
                return Elements.empty(
                    .noMatch, "That says only what to leave out",
                    "A word with - before it leaves tickets out. Type a word without it, too, that the others have.")
            }
            guard !words.words.isEmpty else {
                return Elements.empty(
                    .noMatch, "“\(text)” has nothing to look for",
                    "Words are looked for: letters, digits and emoji. Other signs are passed over.")
            }
            return Elements.empty(
                .noMatch, "Nothing has “\(text)”",
                """
                Every word must be in the same title, form or comment of a ticket that you may see. Fewer words find \
                more\(when(!words.excluded.isEmpty, ", and so do fewer words with - before them")).
                """
            )
        }
        return "\(groups.map(section))"
    }

    private func section(_ group: SearchGroup) -> HTML {
        let times = Times(group.company, now: now)
        let count = group.tickets.count
        let heading: HTML = """
            <h2>\(group.company.name) <span class="soft sm">\(count)\(group.isCut ? "+" : "") \
            \(count == 1 ? "ticket" : "tickets")</span></h2>
            """
        let table = RowTable(
            "What was found, the best first",
            heads: [
                .init("No.", .w1), .init("Ticket"), .init("Now at", .w4), .init("With", .w2), .init("Changed", .w2),
            ],
            rows: group.tickets.map { row($0, of: group, times) })
        let more: HTML = when(
            group.isCut,
            #"<p class="soft sm">These are the latest; older ones are left out. Another word narrows them down.</p>"#)
        return #"<section class="stack">\#(heading)\#(table.html)\#(more)</section>"#
    }

    private func row(_ found: SearchGroup.Found, of group: SearchGroup, _ times: Times) -> [RowTable.Cell] {
        let ticket = found.ticket
        let standing = group.standings[ticket.ticketID]
        let requester: HTML = when(ticket.requesterID != me.id, "\(ticket.requesterName) · ")
        let type = group.types[ticket.type]
        let excerpts = found.texts.prefix(2).map { hit -> HTML in
            let from = hit.kind == .answer ? "" : "\(hit.author)\(hit.kind == .note ? ", staff only" : ""): "
            return "<br>\(from)\(excerpt(of: hit).html)"
        }
        return [
            .text("\(ticket.number)"),
            .whole(
                path: "/c/\(group.company.slug)/tickets/\(ticket.number)",
                title: Excerpt(ticket.title, words, isWhole: true).html,
                meta: "\(requester)\(type)\(excerpts)"),
            .state(standing?.tone ?? ticket.state.tone, standing?.words ?? ticket.state.label),
            .text("\(standing?.holder?.name)"), .named(times.inList(ticket.updatedAtMs)),
        ]
    }

    /// What people wrote is quoted without its marks, unless a word stands in what they leave out, as in a link's address.
    private func excerpt(of hit: SearchHit) -> Excerpt {
        let asWritten = Excerpt(hit.text, words)
        switch hit.kind {
        case .title, .answer, .result: return asWritten
        case .comment, .note:
            let plain = Excerpt(Markdown.plain(hit.text), words)
            return plain.hasMatch ? plain : asWritten
        }
    }
}
