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
        "ticketflower_web_requests_total", .counter, "Requests by method and status.")
    static let duration = MetricRegistry.Family(
        "ticketflower_web_request_seconds", .histogram, "Time to answer a request.")

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
        metrics.add(to: Self.requests, ["method": request.method.rawValue, "status": String(status)])
        metrics.observe(elapsed / 1_000, in: Self.duration)
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
