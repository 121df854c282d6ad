import HTTPTypes

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
