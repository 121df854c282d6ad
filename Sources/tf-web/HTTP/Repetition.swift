import HTTPTypes
import Hummingbird
import NIOCore
import TFDefinition
import TFExpression
import TFStore
import TFSystem

/// Gives a request that was sent before with the same `Idempotency-Key` the same answer, without doing it again.
struct OncePerKey: RouterMiddleware {
    typealias Context = WebContext

    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard request.method != .get, request.method != .head,
            let key = request.headers[SecurityHeaders.name("Idempotency-Key")],
            APIDesk.type(request) != "multipart/form-data"
        else { return try await next(request, context) }
        guard !key.isEmpty, TextLimit.requestKey.holds(key), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Failure.invalid([
                FieldError(
                    field: "Idempotency-Key",
                    message:
                        "\"Idempotency-Key\" has 1 to \(TextLimit.requestKey.characters) printable ASCII characters")
            ])
        }
        var (request, context) = (request, context)
        let body = try await request.collectBody(upTo: PostedForm.maximumBytes)
        let digest = Base64URL.encode(Digest.sha256(body.readableBytesView))
        context.submission = site.submission("api \(key)", of: "\(request.method) \(request.uri.path) \(digest)")
        return try await Repetition(site: site).answer(context) { try await next(request, context) }
    }
}

/// Keeps the answers of requests that changed something, and gives them again.
///
/// An answer with a secret that is shown once, such as an invitation's link, is not kept: whoever read the store could use
/// it. Who repeats such a request is told that it was done, or gets a new secret that ends the first.
struct Repetition {
    /// Longer answers are made anew, by reading what the first request changed.
    private static let longestBody = 65_536

    let site: Site

    func answer(_ context: WebContext, _ work: () async throws -> Response) async throws -> Response {
        guard context.submission != nil else { return try await work() }
        let store = site.store.acting(for: context.caller).under(context.submission)
        if let earlier = try await store.read({ try $0.earlierAnswer() }), let response = Self.response(earlier) {
            return response
        }
        let response = try await work()
        guard response.status.code < 400, !context.notes.answerHoldsSecret,
            let (kept, response) = try await Self.keep(response)
        else { return response }
        try await store.keepAnswer(kept)
        return response
    }

    private static func keep(_ response: Response) async throws -> (JSON, Response)? {
        guard let length = response.body.contentLength, length <= longestBody else { return nil }
        let body = try await BodyCollector.bytes(of: response.body)
        let headers = response.headers.map { JSON.array([.string($0.name.rawName), .string($0.value)]) }
        var copy = response
        copy.body = .init(byteBuffer: body)
        return (
            [
                "status": .int(response.status.code), "headers": .array(headers),
                "body": .string(String(buffer: body)),
            ], copy
        )
    }

    private static func response(_ kept: JSON) -> Response? {
        guard let status = kept["status"].intValue, let body = kept["body"].stringValue else { return nil }
        var response = Response(
            status: .init(code: status), body: .init(byteBuffer: ByteBuffer(string: body)))
        for header in kept["headers"].arrayValue ?? [] {
            guard let pair = header.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let field = HTTPField.Name(name), let value = pair[1].stringValue
            else { continue }
            response.headers.append(HTTPField(name: field, value: value))
        }
        return response
    }
}
