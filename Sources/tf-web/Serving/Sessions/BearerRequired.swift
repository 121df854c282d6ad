import HTTPTypes
import Hummingbird
import TFStore

/// Accepts bearer tokens only: access tokens and API keys. Cookies do not count, even if the header is invalid.
struct BearerRequired: RouterMiddleware {
    typealias Context = WebContext

    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let token = Self.token(request), let credential = Sessions(site: site).credential(bearer: token) else {
            throw Failure.unauthorized
        }
        var context = context
        context.credential = credential
        // Anybody can invent a key, so it is looked up before any of the body is read.
        if case .key = credential, request.method != .get, request.method != .head,
            try await site.signedIn(context) == nil
        {
            throw Failure.unauthorized
        }
        return try await next(request, context)
    }

    /// The token of the one `Authorization` header.
    static func token(_ request: Request) -> String? {
        let headers = request.headers[values: .authorization]
        guard headers.count == 1, let header = headers.first, header.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(header.dropFirst("bearer ".count))
    }
}

extension Request {
    /// Whether a header claims to hold a bearer token, of any form. A proxy's own `Basic` is not meant for this site.
    var hasBearer: Bool {
        headers[values: .authorization].contains { $0.prefix { $0 != " " }.lowercased() == "bearer" }
    }
}
