import TFDefinition
import TFEngine
import TFStore

/// What a search looks for, and in which company the visitor was.
struct SearchQuery: RequestFields {
    let text: String?
    /// The company of the page where it was typed, in which a number is meant.
    let company: String?

    init(_ fields: inout FieldReader) {
        text = fields.optional("q", .text(1, .search))
        company = fields.optional("company", .slug)
    }

    /// The ticket's number, if only one was typed: `24` or `#24`.
    var number: Int? {
        guard let text else { return nil }
        let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
        return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
    }
}

/// Search over the tickets of all companies of the visitor.
enum SearchRoutes {
    /// How many texts are looked at in a company, the latest first.
    private static let limitHits = 200

    static func add(to routes: inout RouteTable) {
        routes.page("/search", .useSite, on: .account, query: SearchQuery.self, search)
    }

    @Sendable private static func search(
        _ request: ProvedRequest<OwnAccount>, _ query: SearchQuery, _ session: ReadSession
    ) throws -> Page {
        let companies = request.subject.searchedCompanies(first: query.company, session)
        // Elsewhere the same number is another ticket, which was not meant.
        if let number = query.number, let slug = query.company ?? companies.first?.company.slug,
            let path = try request.subject.path(toTicket: number, in: slug, session)
        {
            return .elsewhere(path)
        }
        guard let text = query.text else {
            return SearchPage(text: "", groups: [], me: request.identity.account, now: request.now).page
        }
        let words = SearchWords(text)
        let groups = try companies.compactMap { searched -> SearchGroup? in
            let inside = session.inside(searched.company.id)
            let hits = try inside.search(words, in: searched.scope, limit: limitHits)
            guard !hits.isEmpty else { return nil }
            var group = SearchGroup(
                searched.company, hits, types: try inside.titles(of: .ticket, named: Set(hits.map(\.type))),
                isCut: hits.count == limitHits)
            group.standings = try standings(
                of: group.tickets.map(\.ticket.ticketID), in: searched, me: request.identity.account.id, inside,
                Times(searched.company, now: request.now))
            return group
        }
        return SearchPage(
            text: text, groups: groups, me: request.identity.account, now: request.now, missing: query.number,
            isMember: !companies.isEmpty
        ).page.with(
            zones: request.identity.zonesInWords)
    }

    /// Where tickets are, as lists show it. A ticket with tasks that the visitor may not see is left out: they are told
    /// no more of it than its state.
    private static func standings(
        of tickets: [TicketID], in searched: SearchedCompany, me: AccountID, _ session: CompanyReadSession,
        _ times: Times
    ) throws -> [TicketID: TicketStanding] {
        let lines = try session.ticketLines(of: tickets, in: searched.scope.results)
        let roles = try session.roleLabels(for: lines.values.flatMap(\.waiting).map(\.waiting))
        let steps = try session.titles(of: .task, named: Set(lines.values.flatMap(\.waiting).map(\.name)))
        let endings = try session.endings(of: lines.values.filter { $0.state == .closed }.map(\.id).sorted())
        return lines.mapValues { line in
            TicketStanding(line, me: me, roles: roles, steps: steps, endings: endings[line.id], times)
        }
    }
}
