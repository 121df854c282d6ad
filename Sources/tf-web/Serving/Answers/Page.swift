import TFDefinition
import TFStore

/// What a page's handler returns; the router puts it into the layout that all pages share.
struct Page: Sendable {
    let title: String
    /// The address to redirect to instead of showing a page; nil to show this one.
    let location: String?
    let content: HTML
    /// nil: 200, or the status that follows from the form that is shown again.
    private(set) var status: Int?
    /// The errors of the form that was sent, shown above the content.
    private(set) var errors: [FieldError] = []
    /// Seconds after which the visitor may try again.
    private(set) var retryAfter: Int?

    /// - Parameter content: everything between the page's header and footer, including the `h1`.
    init(_ title: String, _ content: HTML) {
        self.title = title
        self.content = content
        location = nil
    }

    private init(at location: String) {
        title = ""
        content = .empty
        self.location = location
    }

    /// A redirect to another page.
    static func elsewhere(_ location: String) -> Page { Page(at: location) }

    /// The same page as the answer to a request that was refused.
    func refusing(_ status: Int = 422, _ errors: [FieldError] = [], retryAfter: Int? = nil) -> Page {
        var page = self
        page.status = status
        page.errors = errors
        page.retryAfter = retryAfter
        return page
    }
}

/// Thrown by a change that asks for confirmation first or cannot continue: nothing is changed, and this page is shown.
struct ShownInstead: Error {
    let page: Page
}
