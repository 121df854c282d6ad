import TFDefinition
import TFEngine

/// A list with one line for each entry; the whole line is the link. On a telephone an entry takes two lines.
///
/// Its markup is written without quotes where HTML allows it: a list of 25 rows must fit into the first packets of a
/// connection.
struct RowTable {
    /// The head of a column.
    struct Head {
        /// Widths in the style sheet, from narrow to wide.
        enum Width: String {
            case w1
            case w2
            case w4
            case w5
        }

        enum Direction: String {
            case ascending
            case descending
        }

        let label: String
        /// nil: what the other columns leave.
        var width: Width?
        /// The address of the list sorted by this column; nil: it cannot be sorted by it.
        var sortPath: String?
        /// How the list is sorted by this column now; nil: it is not.
        var sorted: Direction?
        /// Whether a box before it ticks all rows, which only the script can do.
        var ticksAll: Bool

        init(
            _ label: String, _ width: Width? = nil, sortPath: String? = nil, sorted: Direction? = nil,
            ticksAll: Bool = false
        ) {
            self.label = label
            self.width = width
            self.sortPath = sortPath
            self.sorted = sorted
            self.ticksAll = ticksAll
        }

        private static let box: HTML = "<input type=checkbox class=all aria-label=\"All rows\">"

        fileprivate var html: HTML {
            let look: HTML? = width.map { " class=\(HTML.value($0.rawValue))" }
            let sort: HTML? = sorted.map { " aria-sort=\($0.rawValue)" }
            let arrow = sorted.map { $0 == .ascending ? " ↑" : " ↓" }
            let text: HTML = sortPath.map { "<a href=\(HTML.value($0))>\(label)\(arrow)</a>" } ?? "\(label)"
            return
                "<th scope=col\(look)\(sort)>\(when(ticksAll, Self.box))\(text)"
        }
    }

    enum Cell {
        /// The entry's title, which is the line's link, and what stands behind it: `behind`, or anything else.
        case link(path: String, title: HTML, meta: HTML)
        /// The same with as many lines as it takes: nothing is cut off.
        case whole(path: String, title: HTML, meta: HTML)
        /// - Parameter more: what follows the words.
        case state(Tone, String, _ more: HTML = .empty)
        /// When something was due, and how late it is, in words.
        case late(String)
        case text(HTML)
        /// A value that says nothing without its column's head, which stands beside it on a telephone.
        case named(HTML)
        /// A box with which the row is chosen, and the label beside it. Name and value are letters and digits only.
        case tick(name: String, value: String, label: String)

        fileprivate func html(under head: Head) -> HTML {
            switch self {
            case .link(let path, let title, let meta): "<th><a href=\(HTML.value(path))>\(title)</a>\(meta)"
            case .whole(let path, let title, let meta):
                // A paragraph has its cell's width, so that long words break.
                "<th><p><a href=\(HTML.value(path))>\(title)</a>\(meta)"
            case .state(let tone, let words, let more): "<td class=\(tone.rawValue)>\(words)\(more)"
            case .late(let words): "<td class=late>\(words)"
            case .text(let text): "<td>\(text)"
            case .named(let text): "<td\(when(!text.bytes.isEmpty, " data-l=\(HTML.value(head.label))"))>\(text)"
            case .tick(let name, let value, let label):
                #"<td><label><input type=checkbox name=\#(name) value=\#(value)>\#(label)</label>"#
            }
        }
    }

    /// A priority that is not the usual one, which must not be cut off, and words that may be: on a telephone they take a
    /// line of their own where too little of them fits beside the title.
    /// - Parameter isCut: false in a cell that is `whole`.
    static func behind(_ priority: Priority, _ words: String, isCut: Bool = true) -> HTML {
        guard !words.isEmpty else { return Elements.priority(priority) }
        let end: HTML = isCut ? "<i>\(words)</i>" : "\(words)"
        return "\(Elements.priority(priority))\(when(priority != .normal, " · "))\(end)"
    }

    private let caption: String
    private let heads: [Head]
    private let rows: [[Cell]]

    /// - Parameter caption: what is listed and in which order, for those who listen.
    init(_ caption: String, heads: [Head], rows: [[Cell]]) {
        self.caption = caption
        self.heads = heads
        self.rows = rows
    }

    var html: HTML {
        let lines = rows.map { cells -> HTML in
            "<tr>\(zip(cells, heads).map { cell, head -> HTML in cell.html(under: head) })"
        }
        return """
            <table class=rows><caption class=vh>\(caption)</caption><thead><tr>\(heads.map(\.html))<tbody>\
            \(lines)</table>
            """
    }
}
