import HTTPTypes
import Hummingbird
import TFConfiguration
import TFExpression

/// Endpoints for machines without a sign-in: liveness, public keys, and the files that pages refer to.
struct WellKnown: Sendable {
    /// How long other servers may keep the public keys, in seconds.
    static let keyMemory: Int64 = 300

    let site: Site

    func addRoutes(to routes: inout RouteTable) {
        routes.machine("/healthz", health)
        routes.machine("/metrics", metrics)
        routes.machine("/.well-known/jwks.json", keys)
        routes.machine("/.well-known/openid-configuration", configuration)
        for asset in Asset.all {
            routes.machine(asset.path) { request, _ in asset.response(to: request) }
        }
        // Pages name their icon, but some browsers request this address anyway.
        routes.machine("/favicon.ico") { _, _ in
            Response(status: .noContent, headers: [.cacheControl: "max-age=86400"])
        }
    }

    @Sendable private func health(_ request: Request, _ context: WebContext) async throws -> Response {
        _ = try await site.store.read { try $0.leaderLease() }
        return .json(["status": "ok"])
    }

    /// Metrics for Prometheus: for whoever shows the site's token, and only without one for clients on
    /// this machine, as `MetricsServer` answers. What a proxy passes on comes from elsewhere, even if the proxy is here.
    @Sendable private func metrics(_ request: Request, _ context: WebContext) async throws -> Response {
        guard site.metricsToken.map({ $0.isSame(as: BearerRequired.token(request)) }) ?? isDirect(request, context)
        else {
            throw Failure.unauthorized
        }
        let text = site.metrics.text(gauges: try await WebGauges(site: site).read())
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// Whether a program on this machine asks this process itself.
    private func isDirect(_ request: Request, _ context: WebContext) -> Bool {
        let host = request.head.authority?.replacing(/:\d+$/, with: "").lowercased() ?? ""
        let isLocal =
            host == "localhost" || AddressRange.isLoopback(String(host.trimmingPrefix("[").prefix { $0 != "]" }))
        let isForwarded = ["Forwarded", "X-Forwarded-For", "Via"].contains {
            request.headers[SecurityHeaders.name($0)] != nil
        }
        return AddressRange.isLoopback(context.address) && isLocal && !isForwarded
    }

    @Sendable private func keys(_ request: Request, _ context: WebContext) async throws -> Response {
        let keys = site.keys.entries.map(\.key.jwk)
        var response = Response.json(["keys": .array(keys)])
        response.headers[.cacheControl] = "max-age=\(Self.keyMemory)"
        return response
    }

    @Sendable private func configuration(_ request: Request, _ context: WebContext) async throws -> Response {
        .json([
            "issuer": .string(site.settings.baseURL),
            "jwks_uri": .string("\(site.settings.baseURL)/.well-known/jwks.json"),
            "token_endpoint": .string("\(site.settings.baseURL)/api/v1/auth/token"),
            "introspection_endpoint": .string("\(site.settings.baseURL)/api/v1/auth/introspect"),
            "grant_types_supported": ["password", "refresh_token"], "response_types_supported": ["token"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"],
            "claims_supported": .strings(AccessToken.claimNames),
        ])
    }
}
