import TFEngine
import TFStore

/// Who sees a page, and in which company.
struct Viewer: Sendable {
    let signedIn: SignedIn
    /// nil on pages that belong to no company.
    let company: Company?
    /// nil if they could not be read.
    let figures: HeaderFigures?
    /// Their open tasks in their other companies.
    var tasksElsewhere: [CompanyID: Int] = [:]
    /// For whoever runs the site: companies of which they are no member, one more than is shown if there are many.
    var foreignCompanies: [Company] = []
}

/// The layout that all pages share: header, navigation, banner and footer.
struct Frame {
    let title: String
    /// nil before sign-in.
    let viewer: Viewer?
    let csrf: String
    /// Whether its forms get an idempotency key, which is another one each time.
    var isKeyed = true
    /// A success message, shown once.
    var flash: Flash?
    /// Whether the page shows a form with errors: its title then begins with "Error: ".
    var isError = false
    /// Whether there is a page for search.
    var hasSearch = true
    /// The address of the page.
    var path = ""
    /// Whether the browser shows that address, so that links can be relative to it.
    var isAtPath = false
    /// The list to which a page of one thing belongs.
    var section: NavigationEntry.Position?
    /// In which time zones the page's times are, in a sentence; nil: in that of its company, else in UTC.
    var zones: String?
    /// The pages in the navigation that the visitor's roles allow.
    var links: [NavigationLink] = []
    var look = Look()

    /// How a person wants to see and use the pages, from the browser's cookies.
    struct Look: Sendable {
        /// `light` or `dark`; nil: as the system has it.
        var theme: String?
        /// Whether single letters do something.
        var hasKeys = false
    }

    private var company: Company? { viewer?.company }

    func page(_ content: HTML) -> HTML {
        let fullTitle = (isError ? "Error: " : "") + title + (company.map { " – \($0.name)" } ?? "") + " – TicketFlower"
        let theme: HTML? = look.theme.map { #" data-theme="\#($0)""# }
        return """
            <!DOCTYPE html><html lang=en\(theme)\(when(look.hasKeys, #" data-keys="on""#))>\
            <meta name=viewport content="width=device-width"><title>\(fullTitle)</title>\
            <link rel=icon href=\(Asset.icon.path)>\
            <link rel=stylesheet href=\(Asset.styleSheet.path)>\
            <script type=module src=\(Asset.script.path)></script>\
            <a class=skip-link href=#main>Skip to content</a>\(header)\
            <main id=main tabindex=-1>\(banner)\(content)</main>\(footer)
            """
    }

    private var banner: HTML {
        guard let flash, !isError else { return .empty }
        return #"<div class="banner done" role="alert"><p><b>Done.</b> \#(flash.html)</p></div>"#
    }

    private var header: HTML {
        let mark: HTML = "<a href=/><img src=\(Asset.icon.path) alt=TicketFlower width=24 height=24></a>"
        guard let viewer else { return #"<header class="top"><div>\#(mark)<b>TicketFlower</b></div></header>"# }
        return """
            <header class=top><div>\(mark)\(companySwitcher(viewer))\
            <nav aria-label=Main>\(links.map(link))</nav>\(when(hasSearch, search))\
            \(availability(viewer))\
            \(FrameParts.bell(viewer.figures?.unread ?? 0, isCurrent: path == "/notifications"))\
            \(FrameParts.accountMenu(viewer.signedIn.account, hidden))</div></header>
            """
    }

    /// How many companies somebody chooses among who runs the site; the others are in their list.
    static let limitForeign = 12

    private func companySwitcher(_ viewer: Viewer) -> HTML {
        let own = viewer.signedIn.identity.memberships.values.map(\.company)
        let companies = (own + viewer.foreignCompanies.prefix(Self.limitForeign)).sorted { $0.slug < $1.slug }
        let others = companies.filter { $0.id != company?.id }
        guard !others.isEmpty else { return "\(company.map { c -> HTML in "<b>\(c.name)</b>" })" }
        let entries = others.map { other -> HTML in
            let count = viewer.tasksElsewhere[other.id] ?? 0
            let tasks: HTML = when(
                count > 0,
                #" <span class="count hot">\#(Elements.counted(count, upTo: HeaderFigures.limit))<span class="vh"> open tasks</span></span>"#
            )
            return #"<li><a href="/c/\#(other.slug)">\#(other.name)\#(tasks)</a></li>"#
        }
        return """
            <details class="pop"><summary><span class="vh">Company: </span>\(company?.name ?? "Companies")</summary>\
            <ul>\(entries)\(when(viewer.foreignCompanies.count > Self.limitForeign, Self.all))</ul></details>
            """
    }

    private static let all: HTML = "<li><a href=/admin/companies>All companies</a></li>"

    private func link(_ link: NavigationLink) -> HTML {
        let isCurrent = section.map { $0 == link.position } ?? (link.path == path)
        let count = link.position == .myTasks ? viewer?.figures?.tasks ?? 0 : 0
        return """
            <a href=\(HTML.value(relative(link.path)))\(when(isCurrent, " aria-current=page"))>\(link.label)\
            \(when(count > 0, " <b>\(Elements.counted(count, upTo: HeaderFigures.limit))</b>"))</a>
            """
    }

    /// The address of a link as it is shortest: beside the page, or below that.
    private func relative(_ link: String) -> String {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return isAtPath && folder.utf8.count > 1 && link.hasPrefix(folder) ? String(link.dropFirst(folder.count)) : link
    }

    private var search: HTML {
        """
        <form role=search action=/search><input type=search name=q aria-label=Search placeholder=Search>\
        \(company.map { c -> HTML in "<input type=hidden name=company value=\(c.slug)>" })</form>
        """
    }

    /// The worker's switch; it says what becomes of their tasks before they go.
    private func availability(_ viewer: Viewer) -> HTML {
        guard let company, let isAvailable = viewer.figures?.isAvailable,
            links.contains(where: { $0.position == .myTasks })
        else { return .empty }
        return FrameParts.availability(isAvailable, in: company, hidden)
    }

    /// The hidden fields of one of its forms.
    private var hidden: HTML {
        isKeyed ? Elements.hidden(csrf: csrf) : #"<input type=hidden name="_csrf" value="\#(csrf)">"#
    }

    private var footer: HTML {
        guard viewer != nil else { return .empty }
        let help: HTML = "<a class=end href=\(HelpPage.path)>Help</a>"
        let zones = zones ?? Times.zoneInWords(company)
        return """
            <footer class=foot>\(company?.name ?? "TicketFlower"). \(zones)\(when(look.hasKeys, FrameParts.keys))\(help)</footer>
            """
    }
}

extension Company {
    /// Its time in words: "Berlin time".
    var timeInWords: String { Words.time(inZone: timezone) }
}

extension Identity {
    /// One of their companies, whose time is that of all; nil: they have none, or in several zones.
    var companyOfTime: Company? {
        let companies = memberships.values.map(\.company)
        return Set(companies.map(\.timezone)).count == 1 ? companies.first : nil
    }

    /// In which zones the times of a page about all of somebody's companies are; nil: they have one company, or none.
    var zonesInWords: String? {
        let companies = memberships.values.map(\.company).sorted { $0.name < $1.name }
        guard companies.count > 1 else { return nil }
        let zones = Set(companies.map(\.timezone))
        guard zones.count > 1 else { return "Times are \(companies[0].timeInWords)." }
        return
            "Times are each company’s own: \(companies.map { "\($0.name) \($0.timeInWords)" }.joined(separator: ", "))."
    }
}
