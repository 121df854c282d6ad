import Hummingbird
import TFStore

/// What is known about one request while it is answered.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who is signed in; nil on the pages and operations that need nobody.
    var signedIn: SignedIn?
    /// The fields of an unsafe page request, after its CSRF check.
    var form = PostedForm()
    /// A multipart body that its page will read, since only the page knows which files its form takes.
    var unreadBody: Request?
    /// A sentence to show once.
    var flash: String?

    /// Where the request comes from, for throttling.
    let address: String

    init(source: Source) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// Somebody with a live session.
struct SignedIn: Sendable {
    let identity: Identity
    let session: String

    var account: Account { identity.account }
}
