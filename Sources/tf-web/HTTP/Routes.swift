import HTTPTypes
import Hummingbird

/// Registers routes, and answers 405 with `Allow` where an address is known and the method is not.
struct Routes {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    private let group: RouterGroup<WebContext>
    private var methods: [String: [HTTPRequest.Method]] = [:]

    init(_ group: RouterGroup<WebContext>) { self.group = group }

    mutating func get(_ path: String, _ handler: @escaping Handler) { on(.get, path, handler) }

    mutating func post(_ path: String, _ handler: @escaping Handler) { on(.post, path, handler) }

    mutating func delete(_ path: String, _ handler: @escaping Handler) { on(.delete, path, handler) }

    mutating func put(_ path: String, _ handler: @escaping Handler) { on(.put, path, handler) }

    private mutating func on(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
        group.on(RouterPath(path), method: method) { request, context in try await handler(request, context) }
        methods[path, default: []].append(method)
        if method == .get {
            group.on(RouterPath(path), method: .head) { request, context in
                try await handler(request, context).createHeadResponse()
            }
            methods[path]?.append(.head)
        }
    }

    /// Call once, after the last route.
    func refuseOtherMethods() {
        for (path, known) in methods {
            let names = known.map(\.rawValue)
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete] where !known.contains(method) {
                group.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw Failure.methodNotAllowed(names)
                }
            }
        }
    }
}
