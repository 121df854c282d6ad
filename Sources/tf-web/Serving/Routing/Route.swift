import HTTPTypes
import Hummingbird
import TFExpression
import TFStore

/// The kind of resource that a path's parameters name, for the policy.
enum ResourceKind: String, Sendable, CaseIterable {
    /// Nothing that belongs to anybody.
    case none
    /// The caller's own account.
    case account
    case site
    case company
    case ticket
    case task
}

/// One address with one method: who may call it, which action it takes on which resource, and its handler.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response
    /// The ETag of what a read gives the caller, as of a session; nil: it gives none.
    typealias Tag = @Sendable (Request, WebContext, Credential.Found?, ReadSession) throws -> String?

    /// How a request proves who sends it.
    enum Access: String, Sendable {
        /// No sign-in; pages check `Sec-Fetch-Site`, `Origin` and `_csrf`.
        case open
        /// The session cookies of a page.
        case cookie
        /// A bearer token; cookies do not count.
        case bearer
        /// No sign-in, for machines: liveness, public keys, the OpenAPI document.
        case machine
    }

    let method: HTTPRequest.Method
    let path: String
    let access: Access
    let action: Action
    let resource: ResourceKind
    /// nil for pages.
    var operation: Operation?
    /// The page with the form that is sent here; nil: this address itself, or the nearest page above it. Besides the
    /// parameters of the path it may name fields of the form: `/c/{company}/{list}?{query}`.
    var formPage: String?
    /// Its entry in the navigation of every page; nil if it has none.
    var navigation: NavigationEntry?
    /// Whether its form may carry files.
    var takesFiles = false
    /// Whether it sends a file instead of a page.
    var isFile = false
    /// Whether it only answers the page's script while somebody types, and changes nothing.
    var isQuestion = false
    /// Whether an admin without a required second factor must set it up first. Open pages never require it.
    var needsSecondFactor = true
    let handler: Handler
    /// Of an operation that reads in one snapshot; nil for all others.
    var tag: Tag?

    var isOfAPI: Bool { path.hasPrefix("/api/v1/") }

    /// Whether a person can be sent there to go on.
    var isPage: Bool {
        method == .get && !isOfAPI && !isFile && (access == .cookie || access == .open)
            && ![LivePart.suffix, "/file"].contains(where: path.hasSuffix)
    }

    fileprivate func answer(_ request: Request, _ context: WebContext) async throws -> Response {
        let response = try await handler(request, context)
        #if DEBUG
            return try await operation?.checked(response) ?? response
        #else
            return response
        #endif
    }

    var json: JSON {
        [
            "method": .string(method.rawValue), "path": .string(path), "session": .string(access.rawValue),
            "action": .string(action.rawValue), "resource": .string(resource.rawValue),
        ]
    }
}

extension RouterGroup<WebContext> {
    /// Registers routes.
    func add(_ routes: [Route]) {
        for route in routes {
            on(RouterPath(route.path), method: route.method) { request, context in
                // A page says what of its query it does not follow, that too.
                if route.method != .get || route.isOfAPI { try context.refuseNUL(in: request) }
                return try await route.answer(request, context)
            }
            guard route.method == .get else { continue }
            on(RouterPath(route.path), method: .head) { request, context in
                if route.isOfAPI { try context.refuseNUL(in: request) }
                let answer = try await route.answer(request, context)
                guard route.access == .bearer else { return answer.createHeadResponse() }
                return try await EntityTags.tagged(answer, for: request).createHeadResponse()
            }
        }
    }
}
