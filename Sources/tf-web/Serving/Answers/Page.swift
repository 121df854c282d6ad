import TFDefinition
import TFStore

/// What a page's handler makes: the router sets it into the frame of every page.
struct Page: Sendable {
    let title: String
    /// nil: nothing is shown, and the visitor goes on there.
    let location: String?
    let content: HTML
    /// nil: 200, or what follows from the form that is shown again.
    private(set) var status: Int?
    /// What is wrong with the form that it answers; the frame tells it above the content.
    private(set) var errors: [FieldError] = []
    /// Seconds after which it is worth another try.
    private(set) var retryAfter: Int?

    /// - Parameter content: everything between the header and the footer, its `h1` included.
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

    /// Another page in place of this one.
    static func elsewhere(_ location: String) -> Page { Page(at: location) }

    /// The page in answer to what was not done.
    func refusing(_ status: Int = 422, _ errors: [FieldError] = [], retryAfter: Int? = nil) -> Page {
        var page = self
        page.status = status
        page.errors = errors
        page.retryAfter = retryAfter
        return page
    }
}

/// Thrown by a change that asks first, or cannot go on: nothing is changed, and this page is shown.
struct ShownInstead: Error {
    let page: Page
}
