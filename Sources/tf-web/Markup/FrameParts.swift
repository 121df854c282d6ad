import TFEngine
import TFStore
import TFSystem

/// The parts of the header and the footer.
enum FrameParts {
    static func bell(_ unread: Int, isCurrent: Bool) -> HTML {
        let shown = Elements.counted(unread, upTo: HeaderFigures.limitUnread)
        let label = unread == 0 ? "Notifications" : "\(shown) new notification\(unread == 1 ? "" : "s")"
        return """
            <a class=bell href=/notifications aria-label="\(label)"\(when(isCurrent, " aria-current=page"))>\
            <svg width=18 height=18><use href="\(Asset.icon.path)#bell"/></svg>\
            \(when(unread > 0, #"<span class="count hot">\#(shown)</span>"#))</a>
            """
    }

    static func accountMenu(_ account: Account, _ hidden: HTML) -> HTML {
        """
        <details class="pop end"><summary><span class=vh>\(account.name)</span>\
        \(Elements.initials(account.name, account.id))</summary>\
        <ul><li><a href=/account>Account, theme</a>\
        <li><form method=post action=/logout>\(hidden)\
        <button>Sign out</button></form></ul></details>
        """
    }

    static func availability(_ isAvailable: Bool, in company: Company, _ hidden: HTML) -> HTML {
        let action = "/c/\(company.slug)/my/availability"
        guard isAvailable else {
            return """
                <details class="pop end"><summary class="switch wait">\(Elements.glyph(.wait))Away</summary>\
                <form class="stack" method="post" action="\(action)">\(hidden)\(available(true))\
                <button>Get tasks again</button></form></details>
                """
        }
        return """
            <details class="pop end"><summary class="switch done">\(Elements.glyph(.done))Available</summary>\
            <form class="stack" method="post" action="\(action)">\(hidden)\(available(false))\
            <div class="field"><label for="away">When you go, your tasks</label>\
            <select id="away" name="handover">\(AbsenceHandover.allCases.map(option))</select></div>\
            <button>Set me away</button>\
            <p><a href="/c/\(company.slug)/my/tasks?plan=absence#absence">Plan an absence</a></p></form></details>
            """
    }

    private static func available(_ isAvailable: Bool) -> HTML {
        "<input type=hidden name=available value=\(isAvailable ? "true" : "false")>"
    }

    private static func option(_ handover: AbsenceHandover) -> HTML {
        let words =
            switch handover {
            case .all: "all go to others"
            case .notStarted: "go to others unless started"
            case .keep: "stay with you"
            }
        let isUsual = handover == .notStarted
        return #"<option value="\#(handover.rawValue)"\#(when(isUsual, " selected"))>\#(words)</option>"#
    }

    /// The keys that do something, for those who switched them on.
    static let keys: HTML = """
        <details class="pop end" id="keys"><summary>Keys</summary><dl class="facts"><dt><kbd>/</kbd></dt><dd>search</dd>\
        <dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next and previous row</dd><dt><kbd>?</kbd></dt><dd>these keys</dd>\
        <dt><kbd>Ctrl Enter</kbd></dt><dd>send the form</dd></dl></details>
        """
}

/// A page for an error, in the layout of whoever asked.
struct ErrorPage {
    let status: Int
    let title: String
    /// What happened.
    let detail: String
    /// What to do next, in a sentence; nil: the detail says it.
    var advice: String?
    /// Where to go on besides the start page; nil: nowhere that is sure to be there.
    var back: Link?
    /// What was typed into the form that it answers, to copy.
    var typed: [(name: String, value: String)] = []
    /// The name of whoever is signed in, where that may be why; nil: nobody, or it has nothing to do with them.
    var visitor: String?

    /// What a browser's tab and history call it.
    var name: String { status == 404 ? "Not found" : title }

    private var flower: Flower { status == 403 || status == 429 ? .notAllowed : .notFound }

    /// What happened, and what to do next. The API's sentences may begin small and end without a full stop.
    private var text: String {
        let isEnded = detail.last.map(".?!".contains) ?? true
        let sentence = "\(Words.capitalized(detail))\(isEnded ? "" : ".")"
        let other = visitor.map { "You are signed in as \($0): it may be for somebody else." }
        return [sentence, advice, other].compactMap { $0 }.joined(separator: " ")
    }

    private var ways: [Link] { [back, Link("/", "Go to the start page")].compactMap { $0 } }

    var content: HTML {
        """
        \(Elements.empty(flower, title, "\(text)", actions: ways, level: 1))\
        \(when(!typed.isEmpty, Elements.card("What you typed", RouteServer.facts(typed))))
        """
    }
}
