import HTTPTypes
import Hummingbird
import NIOCore
import TFSystem

/// Adds an `ETag` to answers to reads, and answers 304 if the caller already has that state. Whoever asks keeps the state
/// themselves: no cache may store it.
struct EntityTags: RouterMiddleware {
    typealias Context = WebContext

    /// Bytes; longer answers are sent without this check.
    private static let longestBody = 1 << 20

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        return request.method == .get ? try await Self.tagged(response, for: request) : response
    }

    /// The answer to a read with its tag, also where only its head is sent; 304 if the caller knows it.
    static func tagged(_ answer: Response, for request: Request) async throws -> Response {
        var response = answer
        guard response.status == .ok, response.headers[.contentDisposition] == nil,
            let length = response.body.contentLength, length <= longestBody
        else { return response }
        if response.headers[.eTag] == nil {
            let body = try await BodyCollector.bytes(of: response.body)
            response.headers[.eTag] = tag(of: body)
            response.body = .init(byteBuffer: body)
        }
        guard let tag = response.headers[.eTag], isKnown(tag, to: request) else { return response }
        return Response(status: .notModified, headers: [.eTag: tag])
    }

    private static func tag(of body: ByteBuffer) -> String {
        "\"\(Base64URL.encode(Digest.sha256(body.readableBytesView).prefix(16)))\""
    }

    /// The tag that the answer to a read gets; nil: it gets none.
    static func tag(of reply: Reply) -> String? {
        guard reply.status == .ok, reply.headers[.contentDisposition] == nil else { return nil }
        if let tag = reply.headers[.eTag] { return tag }
        let body = reply.bytes
        return body.readableBytes <= longestBody ? tag(of: body) : nil
    }

    /// Whether one of the tags of `If-Match` is that of what is there (RFC 9110, 13.1.1: strong comparison).
    static func matches(_ wanted: String, _ tag: String?) -> Bool {
        tags(wanted).contains { $0 == tag }
    }

    private static func tags(_ list: String) -> [String] {
        list.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
    }

    /// Whether `If-None-Match` says that the caller has this state already (RFC 9110, 13.1.2: weak comparison).
    static func isKnown(_ tag: String, to request: Request) -> Bool {
        guard let known = request.headers[.ifNoneMatch] else { return false }
        return known == "*"
            || tags(known).contains { $0 == tag || $0 == "W/\(tag)" }
    }
}
