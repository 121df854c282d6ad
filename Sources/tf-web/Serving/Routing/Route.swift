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

/// Every route of the site, in one table from which routes are registered, listed, documented and tested.
struct RouteTable: Sendable {
    private(set) var routes: [Route] = []
    /// The parts of their paths.
    private var parts: [[Substring]] = []
    private var byEndpoint: [String: Int] = [:]
    /// The pages in the navigation, in order.
    private(set) var navigationRoutes: [(route: Route, entry: NavigationEntry)] = []
    let server: RouteServer

    init(_ site: Site) { server = RouteServer(site: site) }

    /// Whether there is a page for search.
    var hasSearch: Bool { byEndpoint["GET /search"] != nil }

    mutating func machine(_ path: String, _ handler: @escaping Route.Handler) {
        add(
            Route(
                method: .get, path: path, access: .machine, action: .askAsMachine, resource: .none, handler: handler))
    }

    mutating func add(_ route: Route) {
        byEndpoint["\(route.method.rawValue) \(route.path)"] = routes.count
        routes.append(route)
        parts.append(route.path.split(separator: "/"))
        if let entry = route.navigation {
            navigationRoutes.append((route, entry))
            navigationRoutes.sort { $0.entry.position.rawValue < $1.entry.position.rawValue }
        }
    }

    /// The route that the framework's router chose for a request.
    func route(_ method: HTTPRequest.Method, endpoint: String?) -> Route? {
        let method = method == .head ? HTTPRequest.Method.get : method
        return byEndpoint["\(method.rawValue) \(endpoint ?? "")"].map { routes[$0] }
    }

    func routes(_ access: Route.Access, isOfAPI: Bool = false) -> [Route] {
        routes.filter { $0.access == access && $0.isOfAPI == isOfAPI }
    }

    /// The read of the object that an operation changes or acts on: of `PATCH …/tickets/{number}` and of
    /// `POST …/tickets/{number}/comments` it is `GET …/tickets/{number}`. nil: there is no such object.
    func read(ofObjectOf route: Route) -> Route? {
        guard route.isOfAPI, route.access == .bearer, route.method != .get else { return nil }
        // What is sent to a list makes something new, and acts on nothing.
        if route.method != .post, let read = taggedRead(at: route.path) { return read }
        let above = route.path.split(separator: "/").dropLast()
        guard let last = above.last, last.hasPrefix("{"), last != "{company}" || route.method != .post else {
            return nil
        }
        return taggedRead(at: "/" + above.joined(separator: "/"))
    }

    private func taggedRead(at path: String) -> Route? {
        byEndpoint["GET \(path)"].map { routes[$0] }.flatMap { $0.tag == nil ? nil : $0 }
    }

    /// The methods that an address allows, HEAD with GET; empty if there is no such address.
    func methods(at path: Substring) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        let matching = routes(at: parts)
        // A literal part wins over a parameter, as in the router.
        let best = matching.map { Self.literals($0.path) }.max()
        return matching.filter { Self.literals($0.path) == best }.reduce(into: []) { methods, route in
            methods.append(route.method)
            if route.method == .get { methods.append(.head) }
        }
    }

    /// The page with a form that was sent to `path`: the page that its route names, else the address itself or the
    /// nearest page above it.
    func page(of form: PostedForm, sentTo path: String) -> FormPage? {
        var parts = path.split(separator: "/")
        var query: String?
        let named = routes(at: parts).first { $0.formPage != nil && $0.method == .post }
        if let named, let page = named.formPage {
            let values = Dictionary(
                zip(named.path.split(separator: "/"), parts), uniquingKeysWith: { first, _ in first })
            let sides = page.split(separator: "?")
            parts = sides[0].split(separator: "/").map { values[$0] ?? Self.field($0, of: form)?[...] ?? $0 }
            query = sides.dropFirst().first.flatMap { Self.field($0, of: form) }
        }
        while !parts.isEmpty {
            let route = routes(at: parts).first { route in
                route.method == .get && !route.isOfAPI && (route.access == .cookie || route.access == .open)
            }
            if let route { return FormPage(route: route, path: "/" + parts.joined(separator: "/"), query: query) }
            parts.removeLast()
        }
        return nil
    }

    /// The page at which to go on when an address of this site was asked for: there, or where that is no page but a form's
    /// address, a file or nothing, at the nearest page above it.
    func page(after next: String) -> String {
        var parts = next.prefix { $0 != "?" && $0 != "#" }.split(separator: "/")
        if isPage(parts) { return next }
        while !parts.isEmpty {
            parts.removeLast()
            if isPage(parts) { break }
        }
        return "/" + parts.joined(separator: "/")
    }

    private func isPage(_ parts: [Substring]) -> Bool {
        let matching = routes(at: parts).filter { $0.method == .get }
        // A literal part wins over a parameter, as in the router.
        return matching.max { Self.literals($0.path) < Self.literals($1.path) }?.isPage == true
    }

    /// The value of the form's field that `{…}` names; nil if there is none, or none that an address can have there.
    private static func field(_ name: Substring, of form: PostedForm) -> String? {
        guard name.hasPrefix("{"), let value = form.text(String(name.dropFirst().dropLast())) else { return nil }
        let isPlain = value.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/#?".utf8.contains($0) }
        return isPlain ? value : nil
    }

    /// The routes of an address with these parts, those of all methods.
    private func routes(at asked: [Substring]) -> [Route] {
        parts.indices.filter { index in
            let wanted = parts[index]
            return wanted.count == asked.count && zip(wanted, asked).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }.map { routes[$0] }
    }

    private static func literals(_ pattern: String) -> Int {
        pattern.split(separator: "/").count { !$0.hasPrefix("{") }
    }
}

/// Notes the route of each request before any check.
struct KnownRoute: RouterMiddleware {
    typealias Context = WebContext

    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let route = table.route(request.method, endpoint: context.endpointPath) else {
            return try await next(request, context)
        }
        return try await next(request, context.on(route, of: table))
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

/// Answers 405 with `Allow` if an address exists but not with this method. A browser that asks for the address of a form,
/// as from its history, is led to the page on which the form stands.
struct MethodCheck: RouterMiddleware {
    typealias Context = WebContext

    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = table.methods(at: request.uri.path[...])
            guard methods.isEmpty || methods.contains(request.method) else {
                if let page = formPage(request, context) { return .seeOther(page) }
                throw Failure.methodNotAllowed(methods.map(\.rawValue))
            }
            throw Failure.notFound
        }
    }

    /// The address of the page whose form is sent to the address that a browser asks for, or the start page; nil for
    /// programs.
    private func formPage(_ request: Request, _ context: WebContext) -> String? {
        let path = request.uri.path
        guard request.method == .get, request.headers[.accept]?.contains("text/html") == true,
            !path.hasPrefix("/api/")
        else { return nil }
        // A page at the very address would lead to itself, one with a name in braces nowhere.
        guard let page = table.page(of: context.form, sentTo: path), page.path != path, !page.path.contains("{")
        else { return "/" }
        return page.address
    }
}

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
