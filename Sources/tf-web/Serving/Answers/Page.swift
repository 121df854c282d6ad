import TFDefinition
import TFEngine
import TFStore

/// What a page's handler returns; the router puts it into the layout that all pages share.
struct Page: Sendable {
    let title: String
    /// The address to redirect to instead of showing a page; nil to show this one.
    let location: String?
    /// All of it, or what stands above the live part.
    let content: HTML
    /// The part of the content that the script keeps up to date; nil if there is none.
    private(set) var live: HTML?
    /// The content below the live part.
    private(set) var after = HTML.empty
    /// The tabs above the live part, if the script keeps their counts up to date too.
    private(set) var tabs = HTML.empty
    /// How often the script asks for that part, in seconds.
    private(set) var liveSeconds = 15
    /// The list in the navigation to which this page belongs; nil: the page itself is in the navigation, or none is.
    private(set) var section: NavigationEntry.Position?
    /// In which time zones its times are, in a sentence; nil: in that of its company, else in UTC.
    private(set) var zones: String?
    /// nil: 200, or the status that follows from the form that is shown again.
    private(set) var status: Int?
    /// The errors of the form that was sent, shown above the content.
    private(set) var errors: [FieldError] = []
    /// Why parameters of the address are not followed, which shows only while the page is made.
    private(set) var passedOver: [FieldError] = []
    /// The visitor's new notifications that lead to this page: who has opened it has read them.
    private(set) var notices: [NotificationID] = []
    /// Seconds after which the visitor may try again.
    private(set) var retryAfter: Int?

    /// - Parameter content: everything between the page's header and footer, including the `h1`.
    init(_ title: String, _ content: HTML) {
        self.title = title
        self.content = content
        location = nil
    }

    /// A page with a part that the script keeps up to date; its route must say so.
    /// - Parameters:
    ///   - before: the content above that part.
    ///   - live: that part, the same at every moment while nothing has changed.
    ///   - tabs: the tabs in the content above it, whose counts follow.
    init(_ title: String, _ before: HTML, live: HTML, _ after: HTML = .empty, tabs: HTML = .empty) {
        self.title = title
        content = before
        self.live = live
        self.after = after
        self.tabs = tabs
        location = nil
    }

    private init(at location: String) {
        title = ""
        content = .empty
        self.location = location
    }

    /// A redirect to another page.
    static func elsewhere(_ location: String) -> Page { Page(at: location) }

    /// The same page, as one of those that a list in the navigation leads to.
    func under(_ section: NavigationEntry.Position) -> Page {
        var page = self
        page.section = section
        return page
    }

    /// The same page, whose times are in several zones.
    func with(zones: String?) -> Page {
        var page = self
        page.zones = zones
        return page
    }

    /// The same page, with which these notifications are read.
    func reading(_ notices: [NotificationID]) -> Page {
        var page = self
        page.notices = notices
        return page
    }

    /// The same page, whose live part is asked for so often.
    func renewed(everySeconds seconds: Int) -> Page {
        var page = self
        page.liveSeconds = seconds
        return page
    }

    /// The same page, which says of these parameters of its address why they are not followed.
    func passingOver(_ errors: [FieldError]) -> Page {
        var page = self
        page.passedOver += errors.map(\.forPeople)
        return page
    }

    /// The same page as the answer to a request that was refused.
    func refusing(_ status: Int = 422, _ errors: [FieldError] = [], retryAfter: Int? = nil) -> Page {
        var page = self
        page.status = status
        page.errors = errors
        page.retryAfter = retryAfter
        return page
    }
}

/// Thrown by a change that asks for confirmation first or cannot continue: nothing is changed, and this page is shown. Also
/// thrown where a page has nothing to show, and the visitor may know why.
struct ShownInstead: Error {
    let page: Page
}
