import TFDefinition
import TFStore

/// A condition of a list in words, with the address of the list without it.
struct FilterPart: Sendable {
    /// Goes on behind what is listed: "with Bob Berger".
    let words: String
    let without: ListAddress
}

/// A list's conditions as one sentence: what is listed, each condition as a link that removes it, and a menu to add one.
struct FilterSentence: Sendable {
    /// What is listed: "Open tickets".
    let subject: String
    let parts: [FilterPart]
    /// The list's address.
    let address: ListAddress
    /// The form of the menu, with a field for each condition; nil: the menu is closed. Its choices are counted, so it is
    /// only made when somebody opens it.
    let menu: HTML?
    /// The list without any condition but its state.
    let plain: ListAddress
    /// Whether conditions are added by the menu, and not elsewhere on the page.
    var hasMenu = true
    /// What stands at the end, such as the menu to save the list as a view.
    var end: HTML = .empty

    var html: HTML {
        let links = parts.map { part -> HTML in
            #"<a class="tag" href="\#(part.without.href)"><span class="vh">Remove: </span>\#(part.words) ✕</a>"#
        }
        let clear: HTML = when(parts.count > 1, #"<a href="\#(plain.href)">Clear all</a>"#)
        return """
            <div class="row sm" role=group aria-label=Filter><span>\(subject)</span>\(links)\(clear)\(when(hasMenu, opener))\(end)</div>
            """
    }

    /// The conditions of a list whose page has its own form for them; nothing if there is none.
    static func fixed(_ subject: String, at address: ListAddress, _ parts: [(name: String, words: String?)]) -> HTML {
        let told = parts.compactMap { part in
            part.words.map { FilterPart(words: $0, without: address.without(part.name)) }
        }
        guard !told.isEmpty else { return .empty }
        return FilterSentence(
            subject: subject, parts: told, address: address, menu: nil, plain: ListAddress(address.path), hasMenu: false
        ).html
    }

    private var opener: HTML {
        let label = parts.isEmpty ? "Add a filter" : "Change"
        guard let menu else { return #"<a href="\#(address.with(Self.menuName, "open").href)">\#(label)</a>"# }
        return #"<details class="pop" open><summary><b>\#(label)</b></summary>\#(menu)</details>"#
    }

    /// The parameter of a list's query that opens the menu.
    private static let menuName = "filter"

    /// Whether the query opens the menu.
    static func isMenuOpen(_ fields: inout FieldReader) -> Bool {
        fields.optional(menuName, .choice(["open"])) != nil
    }
}

/// The fields of a filter's menu.
enum FilterField {
    struct Option {
        let value: String
        let label: String
        /// How many rows match with it; nil: not counted.
        var count: Int?
    }

    static func form(_ address: ListAddress, keeping kept: [String], _ fields: [HTML]) -> HTML {
        let hidden = address.items.filter { kept.contains($0.name) }.map { item -> HTML in
            #"<input type="hidden" name="\#(item.name)" value="\#(item.value)">"#
        }
        return """
            <form class="filter" action="\(address.path)">\(hidden)\(fields)<button class="primary">Apply</button></form>
            """
    }

    /// A choice; nothing if there is nothing to choose from.
    /// - Parameter chosen: what people call the value; nil: by itself.
    static func select(
        _ name: String, _ label: String, any: String = "Any", _ options: [Option], _ value: String?,
        chosen: String? = nil
    ) -> HTML {
        // What was chosen stays a choice, even if no row has it at present.
        let isOffered = value.map { value in options.contains { $0.value == value } } ?? true
        let offered = isOffered ? options : options + [Option(value: value ?? "", label: chosen ?? value ?? "")]
        guard !offered.isEmpty else { return .empty }
        let choices = offered.map { option -> HTML in
            """
            <option value=\(HTML.value(option.value))\(when(option.value == value, " selected"))>\(option.label)\
            \(option.count.map { count -> HTML in " (\(count))" })
            """
        }
        return """
            <label>\(label) <select name=\(name)><option value="">\(any)\(choices)</select></label>
            """
    }

    static func text(_ name: String, _ label: String, _ value: String?, type: String = "text") -> HTML {
        """
        <label>\(label) <input\(when(type != "text", " type=\(type)")) name=\(name)\
        \(value.map { value -> HTML in #" value="\#(value)""# })></label>
        """
    }

    static func flag(_ name: String, _ label: String, _ value: Bool) -> HTML {
        """
        <label class=pick><input type=checkbox name=\(name) value=true\(when(value, " checked"))>\(label)</label>
        """
    }

    static func priority(_ value: Priority?) -> HTML {
        select(
            "priority", "Priority",
            Priority.allCases.reversed().map { Option(value: $0.rawValue, label: $0.rawValue.capitalized) },
            value?.rawValue)
    }

    /// The first and the last day on which something was opened.
    static func days(_ query: OpenedDays) -> HTML {
        "\(text("from", "Opened from", query.from, type: "date"))\(text("to", "Opened until", query.to, type: "date"))"
    }
}

/// The days between which something was opened, as they stand in a page's address.
struct OpenedDays: Sendable, Hashable {
    /// A day, or a moment as programs write it.
    let from: String?
    /// The last day.
    let to: String?

    /// - Parameter isOnPage: whether a page's form asks for a day, as against a program.
    init(_ fields: inout FieldReader, isOnPage: Bool = true) {
        let type: WireType<String> = isOnPage ? .day : .text(1, 40)
        from = fields.optional("from", type, "A day or a moment: only those opened then or later.")
        to = fields.optional("to", type, "The last day, or a moment: only those opened before its end.")
    }

    var items: [(name: String, value: String?)] { [("from", from), ("to", to)] }

    /// The beginning of the first day, in milliseconds since 1970.
    func start(in company: Company) -> Int64? { from.flatMap { Self.moment($0, in: company) } }

    /// The end of the last day.
    func end(in company: Company) -> Int64? {
        guard let to else { return nil }
        if let day = CalendarDate(to) { return company.moment("\(CalendarDate(days: day.days + 1))T00:00") }
        return Self.moment(to, in: company)
    }

    private static func moment(_ text: String, in company: Company) -> Int64? {
        company.moment(text) ?? company.moment("\(text)T00:00")
    }

    /// The errors of what is neither a day nor a moment.
    func errors(in company: Company) -> [FieldError] {
        [("from", from, start(in: company)), ("to", to, end(in: company))].compactMap { name, written, moment in
            guard written != nil, moment == nil else { return nil }
            return FieldError(
                field: name,
                message: "\"\(name)\" must be a day such as 2026-11-20, or a moment such as 2026-11-20T09:00:00Z")
        }
    }

    func parts(_ address: ListAddress, in company: Company) -> [FilterPart] {
        var parts: [FilterPart] = []
        if let from, start(in: company) != nil {
            parts.append(FilterPart(words: "opened from \(from)", without: address.without("from")))
        }
        if let to, end(in: company) != nil {
            parts.append(FilterPart(words: "opened until \(to)", without: address.without("to")))
        }
        return parts
    }
}
