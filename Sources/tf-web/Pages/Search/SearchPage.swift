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
    let titles: [String: String]
    /// Whether there is more than is shown.
    let isCut: Bool
    /// Where the tickets are whose tasks the visitor may all see.
    var standings: [TicketID: TicketStanding] = [:]

    /// - Parameter isCut: whether some texts were not looked at.
    init(_ company: Company, _ hits: [SearchHit], titles: [String: String], isCut: Bool) {
        self.company = company
        self.titles = titles
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
        <input id="q" type="search" name="q" value="\(text)" size="40"> <button class="primary">Search</button></form>
        """
    }

    private var content: HTML {
        guard !text.isEmpty else {
            return Elements.empty(
                .noMatch, "What are you looking for?",
                "Words of a ticket's title, its answers, the results of its tasks or its comments, in any order; the beginning of a word is enough. A number such as #24 goes straight to that ticket."
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
            return Elements.empty(
                .noMatch, "Nothing has “\(text)”",
                "Every word must be in the same title, form or comment of a ticket that you may see. Fewer words find more."
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
        let type = group.titles[ticket.type] ?? ReadableName.title(ticket.type)
        let excerpts = found.texts.prefix(2).map { hit -> HTML in
            let from = hit.kind == .answer ? "" : "\(hit.author)\(hit.kind == .note ? ", staff only" : ""): "
            let isMarked = hit.kind == .comment || hit.kind == .note
            return "\(from)\(Excerpt(isMarked ? Markdown.plain(hit.text) : hit.text, words).html) "
        }
        let behind: HTML = excerpts.isEmpty ? "\(type)" : "\(excerpts)"
        return [
            .text("\(ticket.number)"),
            .link(
                path: "/c/\(group.company.slug)/tickets/\(ticket.number)",
                title: Excerpt(ticket.title, words, isWhole: true).html,
                meta: "\(requester)\(behind)"),
            .state(standing?.tone ?? ticket.state.tone, standing?.words ?? ticket.state.label),
            .text("\(standing?.holder?.name)"), .named(times.inList(ticket.updatedAtMs)),
        ]
    }
}

/// The part of a text around the first word that was searched for, with all of the words marked.
struct Excerpt {
    /// How many characters are shown before the first word, and in all.
    private static let (before, length) = (24, 96)

    private let characters: [Character]
    private let marked: [Range<Int>]
    private let shown: Range<Int>

    /// - Parameter isWhole: whether nothing is cut off.
    init(_ text: String, _ words: SearchWords, isWhole: Bool = false) {
        characters = Array(text.split(separator: "\n").joined(separator: " · "))
        marked = Self.matches(in: characters, words.words)
        guard !isWhole, characters.count > Self.length else {
            shown = characters.indices
            return
        }
        let first = marked.first ?? 0..<0
        let start = max(0, min(first.lowerBound - Self.before, characters.count - Self.length))
        shown = Self.wholeWords(start..<start + Self.length, around: first, in: characters)
    }

    /// So many characters at most are left out for the sake of whole words: some languages have no spaces.
    private static let longestGap = 12

    /// A range of the text without the words that it would cut; what was found stays in it.
    private static func wholeWords(
        _ range: Range<Int>, around found: Range<Int>, in characters: [Character]
    ) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        if start > 0, !characters[start - 1].isWhitespace {
            let space = characters[start..<max(start, min(found.lowerBound, start + Self.longestGap))]
                .firstIndex(where: \.isWhitespace)
            start = space.map { $0 + 1 } ?? start
        }
        if end < characters.count, !characters[end].isWhitespace {
            end = max(end, found.upperBound)
            let space = characters[max(start, found.upperBound, end - Self.longestGap)..<end]
                .lastIndex(where: \.isWhitespace)
            end = space ?? end
        }
        return start..<end
    }

    /// The words of the text that begin with one of the searched ones, without case.
    private static func matches(in characters: [Character], _ words: [String]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        while index < characters.count {
            guard characters[index].isLetter || characters[index].isNumber else {
                index += 1
                continue
            }
            if SearchWords.isSyllable(characters[index]) {
                if let found = syllables(at: index, in: characters, words) { Self.add(found, to: &ranges) }
                index += 1
                continue
            }
            let end =
                characters[index...].firstIndex {
                    !$0.isLetter && !$0.isNumber || SearchWords.isSyllable($0)
                } ?? characters.count
            let word = String(characters[index..<end]).folded.withoutAccents
            if words.contains(where: { word.hasPrefix($0) }) { ranges.append(index..<end) }
            index = end
        }
        return ranges
    }

    /// The pair, or the one character, that was searched for in a text that is written without spaces.
    private static func syllables(at index: Int, in characters: [Character], _ words: [String]) -> Range<Int>? {
        for count in [2, 1] where index + count <= characters.count {
            let word = String(characters[index..<index + count]).folded.withoutAccents
            if words.contains(word) { return index..<index + count }
        }
        return nil
    }

    /// Pairs that follow each other are one.
    private static func add(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
        guard let last = ranges.last, last.upperBound >= range.lowerBound else { return ranges.append(range) }
        ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    }

    var html: HTML {
        var html: HTML = when(shown.lowerBound > 0, "… ")
        var position = shown.lowerBound
        for range in marked where range.lowerBound >= position && range.upperBound <= shown.upperBound {
            html += "\(String(characters[position..<range.lowerBound]))<mark>\(String(characters[range]))</mark>"
            position = range.upperBound
        }
        html += "\(String(characters[position..<shown.upperBound]))\(when(shown.upperBound < characters.count, " …"))"
        return html
    }
}
