import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import TFConfiguration
import TFStore

/// What the inner parts of a request tell the outer ones.
final class RequestNotes: Sendable {
    private struct State {
        var caller: Caller?
        var route: Route?
    }

    private let state = Mutex(State())

    var caller: Caller? {
        get { state.withLock { $0.caller } }
        set { state.withLock { $0.caller = newValue } }
    }

    var route: Route? {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }
}

/// Takes the client's address from a trusted proxy.
struct ClientAddress: RouterMiddleware {
    typealias Context = WebContext

    let proxies: [AddressRange]

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard isProxy(context.address) else { return try await next(request, context) }
        var context = context
        let chain = request.headers[values: SecurityHeaders.name("X-Forwarded-For")].joined(separator: ",")
            .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        // From the right: the first that is no proxy of ours is the client; what stands before it, anybody wrote.
        if let client = chain.last(where: { !isProxy($0) }), AddressRange.bytes(of: client) != nil {
            context.address = client
        }
        return try await next(request, context)
    }

    private func isProxy(_ address: String) -> Bool {
        guard let bytes = AddressRange.bytes(of: address) else { return false }
        return proxies.contains { $0.contains(bytes) }
    }
}

/// One line a request, without queries, bodies, cookies or what stands in an address that is secret; and the figures.
struct AccessLog: RouterMiddleware {
    typealias Context = WebContext

    static let requests = MetricRegistry.Family(
        "ticketflower_web_requests_total", .counter, "Requests by method and status.")
    static let duration = MetricRegistry.Family(
        "ticketflower_web_request_seconds", .histogram, "Time to answer a request.")

    let logger: Logger
    let metrics: MetricRegistry
    let table: RouteTable

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
        let route = context.notes.route
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "path": "\(route?.path.contains("{token}") == true ? route?.path ?? "" : request.uri.path)",
            "status": "\(status)", "ms": "\((elapsed * 10).rounded() / 10)", "request": "\(context.requestID)",
            "address": "\(context.notes.caller?.address ?? context.address)",
        ]
        if let login = context.notes.caller?.name { metadata["login"] = "\(login)" }
        if let length = response.body.contentLength { metadata["bytes"] = "\(length)" }
        logger.info("request", metadata: metadata)
        return response
    }
}
