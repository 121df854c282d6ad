import HTTPTypes
import Hummingbird
import NIOCore
import TFSystem

/// Adds an `ETag` to answers to reads, and answers 304 if the caller already has that state.
struct EntityTags: RouterMiddleware {
    typealias Context = WebContext

    /// Bytes; longer answers are sent without this check.
    private static let longestBody = 1 << 20

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard request.method == .get, response.status == .ok, response.headers[.contentDisposition] == nil,
            let length = response.body.contentLength, length <= Self.longestBody
        else { return response }
        if response.headers[.eTag] == nil {
            let body = try await BodyCollector.bytes(of: response.body)
            response.headers[.eTag] = "\"\(Base64URL.encode(Digest.sha256(body.readableBytesView).prefix(16)))\""
            response.body = .init(byteBuffer: body)
        }
        response.headers[.cacheControl] = "private, no-cache"
        guard let tag = response.headers[.eTag], Self.isKnown(tag, to: request) else { return response }
        return Response(status: .notModified, headers: [.eTag: tag, .cacheControl: "private, no-cache"])
    }

    /// Whether `If-None-Match` says that the caller has this state already (RFC 9110, 13.1.2: weak comparison).
    static func isKnown(_ tag: String, to request: Request) -> Bool {
        guard let known = request.headers[.ifNoneMatch] else { return false }
        return known == "*"
            || known.split(separator: ",").map { $0.filter { $0 != " " } }.contains { $0 == tag || $0 == "W/\(tag)" }
    }
}
