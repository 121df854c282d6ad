import Hummingbird

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
