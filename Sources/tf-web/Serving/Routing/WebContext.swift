import Foundation
import Hummingbird
import NIOCore
import TFConfiguration
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// What is known about one request while it is handled.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// What the request shows to prove who sends it; nil if it shows nothing.
    var credential: Credential?
    /// The cookie that identifies a browser before anybody has signed in; nil if there is none.
    var preLogin: String?
    /// What was typed, if a page is shown again because of it.
    var typed = TypedInput()
    /// The path of the page that is shown in answer to another request; nil: the request's own.
    var shownPath: String?
    /// The idempotency key that was sent; nil: there is none.
    var sentKey: SentKey?
    /// The idempotency key of a request whose body, with a file, only its handler reads; nil: there is none.
    var keyOfFile: String?
    /// The fields of an unsafe page request, after its CSRF check.
    var form = PostedForm()
    /// A multipart body that the handler reads later, since only it knows which files the form accepts.
    var unreadBody: Request?
    /// Why parameters of a page's query are not followed.
    var passedOver: [FieldError] = []
    /// What is told once.
    var flash: Flash?
    /// The request's route; nil until it is found.
    private(set) var route: Route?
    private(set) var table: RouteTable?
    /// The client's IP address; behind a trusted proxy, the one that the proxy reports.
    var address: String
    /// Facts for the access log, collected while the request is handled.
    let notes = RequestNotes()
    /// The request's id, in the log and in messages to the visitor.
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

    /// The same for a read that belongs to the request.
    func asking(_ read: Route) -> WebContext {
        var context = self
        context.route = read
        return context
    }

    /// The action of the route.
    var action: Action { route?.action ?? .useSite }

    /// - Throws: `Failure.invalid` for U+0000 in the query: the store would search only for the text before it.
    func refuseNUL(in request: Request) throws {
        // A quick check for the usual case; a literal percent sign is written %25.
        guard request.uri.query?.utf8.contains("%00".utf8) == true else { return }
        var errors: [FieldError] = []
        for (name, value) in request.uri.queryParameters where Self.holdsNUL(name) || Self.holdsNUL(value) {
            errors.append(.nul(in: name.percentDecoded ?? String(name)))
        }
        guard errors.isEmpty else {
            throw Failure.invalid(route?.isOfAPI == true ? errors : errors.map(\.forPeople))
        }
    }

    private static func holdsNUL(_ text: Substring) -> Bool {
        text.utf8.contains(0) || text.percentDecoded?.hasNUL == true
    }
}

/// An account with a live session.
struct SignedIn: Sendable {
    let identity: Identity
    /// `absent` for a program with an API key.
    let session: SessionID

    var account: Account { identity.account }
}

extension SessionID {
    /// In the place of a session's id, for whoever has none.
    static let absent = SessionID("")
}
