import HTTPTypes
import Hummingbird
import Logging
import TFConfiguration
import TFStore

/// Logs one line per request, without the query, body, cookies and the secrets in its path, and counts it in the
/// metrics.
struct AccessLog: RouterMiddleware {
    typealias Context = WebContext

    static let requests = MetricRegistry.Family(
        "tf_web_requests_total", .counter, "Requests by method, route and status.")
    static let duration = MetricRegistry.Family(
        "tf_web_request_seconds", .histogram, "Time to answer a request, by route.")

    static let families = [requests, duration]

    let table: RouteTable
    let logger: Logger
    let metrics: MetricRegistry

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
        let status = response.status.code
        // Addresses that no route has are counted together: a visitor can make up any number of them.
        let route = context.notes.route?.path ?? "none"
        let method = context.notes.route == nil ? "any" : request.method.rawValue
        metrics.add(to: Self.requests, ["method": method, "route": route, "status": String(status)])
        metrics.observe(elapsed / 1_000, in: Self.duration, ["route": route])
        guard logger.logLevel <= .info else { return response }
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "path": "\(table.loggedPath(request, context))",
            "status": "\(status)", "ms": "\((elapsed * 10).rounded() / 10)", "request": "\(context.requestID)",
            "address": "\(context.notes.caller?.address ?? context.address)",
        ]
        if let login = context.notes.caller?.name { metadata["login"] = "\(login)" }
        if let length = response.body.contentLength { metadata["bytes"] = "\(length)" }
        logger.info("request", metadata: metadata)
        return response
    }
}
