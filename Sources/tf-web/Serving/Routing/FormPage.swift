import HTTPTypes
import Hummingbird

/// The page on which a form stands.
struct FormPage {
    let route: Route
    let path: String
    /// What the page is asked for; nil: nothing.
    let query: String?

    /// Its address.
    var address: String { path + (query.map { "?\($0)" } ?? "") }

    /// The request for the page, made of the one that sent the form.
    func request(_ sent: Request) -> Request {
        guard let query else { return sent }
        var head = sent.head
        head.path = "\(sent.uri.path)?\(query)"
        return Request(head: head, body: sent.body)
    }
}
