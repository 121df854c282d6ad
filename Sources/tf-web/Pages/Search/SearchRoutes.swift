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
        guard let text = query.text else { return SearchPage(text: "", groups: [], now: request.now).page }
        let words = SearchWords(text)
        let groups = try companies.compactMap { searched -> SearchGroup? in
            let inside = session.inside(searched.company.id)
            let hits = try inside.search(words, in: searched.scope, limit: limitHits)
            guard !hits.isEmpty else { return nil }
            let titles = try inside.ticketTypes().map { ($0.name, $0.title) }
            return SearchGroup(
                searched.company, hits, titles: Dictionary(titles, uniquingKeysWith: { first, _ in first }),
                isCut: hits.count == limitHits)
        }
        return SearchPage(
            text: text, groups: groups, now: request.now, missing: query.number,
            isMember: !companies.isEmpty
        ).page.with(
            zones: request.identity.zonesInWords)
    }
}
