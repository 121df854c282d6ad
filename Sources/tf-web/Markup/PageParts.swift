import TFStore

/// A link with its text.
struct Link: Sendable, Hashable {
    let path: String
    let label: String

    init(_ path: String, _ label: String) {
        self.path = path
        self.label = label
    }
}

/// One of several views of a list, shown as tabs.
struct Tab: Sendable {
    let label: String
    let path: String
    /// The number of entries in the view, counted up to `Store.limitShown`; nil: not told.
    var count: Int?
    /// Whether what is in it waits for the reader.
    var isHot = false
    var isCurrent = false
}

/// The parts that pages are made of.
extension Elements {
    /// The top of a page: the way back, the title, and what can be done.
    /// - Parameters:
    ///   - note: soft words behind the title, such as a number.
    ///   - actions: links, buttons and menus, at the end of the line.
    ///   - back: the pages above this one, the nearest last.
    ///   - here: what the way back calls the page; nil: by its note or its title.
    static func head(
        _ title: HTML, note: HTML = .empty, actions: HTML = .empty, back: [Link] = [], here: HTML? = nil
    ) -> HTML {
        let way = back.map { link -> HTML in
            "<a href=\(HTML.value(link.path))>\(link.label)</a> <span class=soft>/</span> "
        }
        return """
            \(when(!back.isEmpty, "<p class=sm>\(way)<span class=soft>\(here ?? (note.bytes.isEmpty ? title : note))</span></p>"))\
            <div class=row><h1>\(title)\(when(!note.bytes.isEmpty, " <span class=soft>\(note)</span>"))</h1>\
            \(when(!actions.bytes.isEmpty, #"<div class="row end">\#(actions)</div>"#))</div>
            """
    }

    /// A list's views as tabs with their counts.
    /// - Parameter label: what the views are of, for those who listen.
    static func tabs(_ label: String, _ tabs: [Tab]) -> HTML {
        let links = tabs.map { tab -> HTML in
            let count = tab.count.map { count -> HTML in
                " <b\(when(tab.isHot && count > 0, " class=hot"))>\(counted(count, upTo: Store.limitShown))</b>"
            }
            return
                "<a href=\(HTML.value(tab.path))\(when(tab.isCurrent, " aria-current=page"))>\(tab.label)\(count)</a>"
        }
        return "<nav class=tabs aria-label=\(HTML.value(label))>\(links)</nav>"
    }

    /// A number at which counting stopped is told as «99+».
    static func counted(_ number: Int, upTo limit: Int) -> String { number < limit ? "\(number)" : "\(limit - 1)+" }

    /// A surface with an optional title, and a soft note at the title's end.
    static func card(_ title: String?, note: HTML = .empty, isOnPaper: Bool = true, _ content: HTML) -> HTML {
        let header = title.map { title -> HTML in
            """
            <header><h2>\(title)</h2>\
            \(when(!note.bytes.isEmpty, #"<span class="soft sm end">\#(note)</span>"#))</header>
            """
        }
        let look: HTML = isOnPaper ? "card" : "\"card screen\""
        return "<section class=\(look)>\(header)\(content)</section>"
    }

    /// A message across the page, with what can be done about it.
    static func banner(_ tone: Tone, _ title: HTML, _ text: HTML = .empty, actions: HTML = .empty) -> HTML {
        """
        <section class="banner \(tone.rawValue)"><div class="row"><div><h2>\(title)</h2>\
        \(when(!text.bytes.isEmpty, #"<p class="sm">\#(text)</p>"#))</div>\
        \(when(!actions.bytes.isEmpty, #"<div class="row end">\#(actions)</div>"#))</div></section>
        """
    }

    /// A text in a row of a list that is shown to its end; others are cut where their column ends.
    static func whole(_ text: String) -> HTML { when(!text.isEmpty, "<p>\(text)</p>") }

    /// Names and values in two columns.
    static func facts(_ facts: [(name: String, value: HTML)]) -> HTML {
        "<dl class=facts>\(facts.map { fact -> HTML in "<dt>\(fact.name)</dt><dd>\(fact.value)</dd>" })</dl>"
    }

    /// A menu that opens without a script.
    /// - Parameters:
    ///   - items: links, or forms with one button.
    ///   - isAtEnd: whether it stands at the end of a line and so opens towards its beginning.
    static func menu(_ label: HTML, _ items: [HTML], isAtEnd: Bool = true) -> HTML {
        """
        <details class="pop\(isAtEnd ? " end" : "")"><summary class="btn small">\(label)</summary>\
        <ul>\(items.map { item -> HTML in "<li>\(item)</li>" })</ul></details>
        """
    }

    /// A number with commas between thousands.
    static func grouped(_ number: Int) -> String { Amount.grouped(String(number)) }

    /// One of several large figures, with what it counts.
    static func tile(_ label: String, _ value: HTML, isBad: Bool = false) -> HTML {
        #"<div><dt>\#(label)</dt><dd\#(when(isBad, " class=\"late\""))>\#(value)</dd></div>"#
    }
}
