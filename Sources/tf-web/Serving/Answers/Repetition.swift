import HTTPTypes
import Hummingbird
import NIOCore
import TFDefinition
import TFExpression
import TFStore
import TFSystem

/// Reads the `Idempotency-Key` of an operation: a request that is sent again with the same key gets the same answer.
struct OncePerKey: RouterMiddleware {
    typealias Context = WebContext

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard request.method != .get, request.method != .head,
            let key = request.headers[SecurityHeaders.name("Idempotency-Key")]
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
        if request.mediaType == "multipart/form-data" {
            context.keyOfFile = key
            return try await next(request, context)
        }
        let body = try await request.wholeBody()
        let digest = Base64URL.encode(Digest.sha256(body.readableBytesView))
        context.sentKey = SentKey(name: "api \(key)", request: "\(request.method) \(request.uri.path) \(digest)")
        return try await next(request, context)
    }
}

/// Replays the first answer to a repeated request whose handler takes several transactions on purpose (`routes.own`):
/// it writes definition files, waits for jobs, hashes a password, or makes a link. A change that is one transaction
/// keeps its answer in that transaction (`RouteServer.change`).
///
/// The answer is stored after the work. If the process ends before that, or if two such requests run at once, the work
/// is done twice: what they create has its own name or replaces the earlier one, and jobs are leased again.
///
/// An answer with a secret that is shown once, such as an invitation's link, is not stored, because anybody who can
/// read the store could use it. A person who sends its form again, as by loading the page anew, is told that it was done.
/// A program that repeats such a request gets a new secret that replaces the first, or hears that it was done.
struct Repetition {
    /// Bytes; longer answers are not stored, and the work is done again.
    private static let longestBody = 65_536

    let site: Site

    private static let told = "It was done before, and shown then: once and no more. If that is lost, make another."

    /// - Parameter page: the address of the form's page; nil for a program.
    func answer(
        _ key: IdempotencyKey?, _ context: WebContext, page: String?, _ work: () async throws -> Response
    ) async throws -> Response {
        guard let key else { return try await work() }
        if let earlier = try await site.store.read({ try Reply(earlier: key, $0) }) { return earlier.response }
        let response = try await work()
        guard response.status.code < 400 else { return response }
        if context.notes.answerHoldsSecret {
            // A sign-in shows nothing.
            if let page, response.status == .ok {
                let answer = site.seen(page, saying: Flash(Self.told))
                do {
                    try await site.store.writeAside { try $0.keep(answer.stored, for: key) }
                } catch {
                    // What is shown once must be seen.
                    site.logger.warning("a repeated request will not be known", metadata: ["error": "\(error)"])
                }
            }
            return response
        }
        guard context.notes.isAnswerRepeated,
            let answer = try await Reply(response, limit: Self.longestBody)
        else { return response }
        try await site.store.writeAside { try $0.keep(answer.stored, for: key) }
        return answer.response
    }
}
