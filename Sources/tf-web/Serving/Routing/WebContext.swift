import Foundation
import Hummingbird
import NIOCore
import TFConfiguration
import TFDefinition
import TFExpression
import TFStore
import TFSystem

/// What is known about one request while it is answered.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// What says who sends the request; nil: nothing does.
    var credential: Credential?
    /// The value of the cookie that tells browsers apart before anybody has signed in; nil: there is none.
    var preLogin: String?
    /// What was typed into the page that is shown again because of it.
    var typed = TypedInput()
    /// The address of the page that is shown in answer to another; nil: the request's own.
    var shownPath: String?
    /// The idempotency key that was sent; nil: there is none.
    var sentKey: SentKey?
    /// The fields of an unsafe page request, after its CSRF check.
    var form = PostedForm()
    /// A multipart body that its page will read, since only the page knows which files its form takes.
    var unreadBody: Request?
    /// A sentence to show once.
    var flash: String?
    /// By which route it came; nil until one is found.
    private(set) var route: Route?
    private(set) var table: RouteTable?
    /// Where the request comes from; behind a trusted proxy, from whom that has it.
    var address: String
    /// Facts for the access log, collected while the request is handled.
    let notes = RequestNotes()
    /// The request's own name, in the log and in what the visitor is told.
    let requestID: String
    /// The client's connection.
    let channel: any Channel

    init(source: Source) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress.map(AddressRange.plain) ?? "unknown"
        requestID = Random.token()
        channel = source.channel
    }

    func on(_ route: Route, of table: RouteTable) -> WebContext {
        var context = self
        context.route = route
        context.table = table
        notes.route = route
        return context
    }

    /// What the route is for.
    var action: Action { route?.action ?? .useSite }

    /// - Throws: `Failure.invalid` for U+0000 in the query: the store would look for what stands before it.
    func refuseNUL(in request: Request) throws {
        // Most addresses hold none; a percent sign itself is written %25.
        guard request.uri.query?.utf8.contains("%00".utf8) == true else { return }
        var errors: [FieldError] = []
        for (name, value) in request.uri.queryParameters where Self.holdsNUL(name) || Self.holdsNUL(value) {
            errors.append(.nul(in: name.removingPercentEncoding ?? String(name)))
        }
        guard errors.isEmpty else { throw Failure.invalid(errors) }
    }

    private static func holdsNUL(_ text: Substring) -> Bool {
        text.utf8.contains(0) || text.removingPercentEncoding?.hasNUL == true
    }
}

/// Somebody with a live session.
struct SignedIn: Sendable {
    let identity: Identity
    /// Empty for a program that came with a key.
    let session: String

    var account: Account { identity.account }
}
