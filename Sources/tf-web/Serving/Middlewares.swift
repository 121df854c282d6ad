import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import TFConfiguration
import TFDefinition
import TFExpression
import TFStore
import TFSystem

/// Adds security headers to every answer, including errors.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = WebContext

    let isSecure: Bool

    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        Self.add(to: &response.headers, isSecure: isSecure)
        // Not on a 404: a resource that does not exist and one that the visitor may not see must give the same bytes.
        if response.status != .notFound { response.headers[Self.requestID] = context.requestID }
        return response
    }

    /// Adds what an answer has, also one that a connection gives before any middleware sees its request.
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        // A download sets a stricter policy of its own.
        if headers[.contentSecurityPolicy] == nil { headers[.contentSecurityPolicy] = policy }
        headers[.xContentTypeOptions] = "nosniff"
        headers[name("Referrer-Policy")] = "same-origin"
        headers[name("Cross-Origin-Opener-Policy")] = "same-origin"
        if isSecure { headers[.strictTransportSecurity] = "max-age=31536000; includeSubDomains" }
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    }

    private static let requestID = name("X-Request-Id")

    static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is a header's name") }
        return name
    }
}

/// Answers only requests for the base URL's host; if that is a loopback name, also for the other loopback names on its
/// port.
struct HostCheck: RouterMiddleware {
    typealias Context = WebContext

    private let allowed: Set<String>
    private let scheme: String

    init(baseURL: String) {
        scheme = baseURL.hasPrefix("https:") ? "https" : "http"
        let authority = Self.plain(baseURL.split(separator: "/").last.map(String.init) ?? "", scheme: scheme)
        let port = authority.split(separator: ":").last.map { ":\($0)" } ?? ""
        let loopback = ["localhost", "127.0.0.1", "[::1]"]
        let isLoopback = loopback.contains { authority == $0 || authority.hasPrefix($0 + ":") }
        allowed = isLoopback ? Set(loopback.map { authority.contains(":") ? $0 + port : $0 }) : [authority]
    }

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard
            request.uri.path == "/healthz" || request.uri.path == "/metrics"
                || allowed.contains(Self.plain(request.head.authority?.lowercased() ?? "", scheme: scheme))
        else {
            throw Failure.misdirected
        }
        return try await next(request, context)
    }

    /// A host without the port that its scheme has by default: some clients send it.
    static func plain(_ authority: String, scheme: String) -> String {
        let port = scheme == "https" ? ":443" : ":80"
        return authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority
    }
}

/// Turns every error into an answer: a page, or problem+json under `/api`.
struct ErrorAnswers: RouterMiddleware {
    typealias Context = WebContext

    let site: Site
    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var request = request
        if request.headers[.contentLength] != nil || request.headers[.transferEncoding] != nil {
            let isHeldBack = request.headers[.expect]?.lowercased() == "100-continue"
            request.body = RequestBody(
                asyncSequence: ClientBody(body: request.body, asking: isHeldBack ? context.channel : nil))
        }
        do {
            try request.demandLength(upTo: FormIntake.maximumBytes)
            try request.demandUncompressed()
            return try await next(request, context)
        } catch let thrown {
            let refused = thrown as? RefusedForm
            let error = refused?.cause ?? thrown
            if StoreError.isTemporary(error) {
                context.logger.error("the store refuses writes at present", metadata: ["error": "\(error)"])
            }
            if error is FileFailure {
                context.logger.error("a file cannot be used at present", metadata: ["error": "\(error)"])
            }
            if error is CancellationError {
                context.logger.debug("a request ended with its client", metadata: ["request": "\(context.requestID)"])
            }
            let failure = Failure(error) ?? Self.failure(error)
            guard let failure else {
                context.logger.error(
                    "a request failed",
                    metadata: [
                        "path": "\(table.loggedPath(request, context))", "method": "\(request.method)",
                        "error": "\(error)", "request": "\(context.requestID)",
                    ])
                return await answer(
                    ErrorPage(
                        status: 500, title: "Something went wrong",
                        detail: "Nothing of it was saved. Request \(context.requestID).",
                        advice: "Try it again. If that fails too, tell those who run the site this number.",
                        back: back(from: request, 500), typed: refused?.typed ?? []), request, context)
            }
            if case .forbidden(let sentence) = failure { await noteRefusal(sentence, request, context) }
            var response: Response
            if request.uri.path.hasPrefix("/api/") {
                response = .json(failure.problem, status: failure.status, type: "application/problem+json")
            } else {
                response = await answer(
                    ErrorPage(
                        status: failure.status, title: failure.title, detail: failure.detail, advice: failure.advice,
                        back: back(from: request, failure.status), typed: refused?.typed ?? []), request, context)
            }
            failure.addHeaders(to: &response.headers)
            for cookie in context.notes.cookies {
                response.headers.append(HTTPField(name: .setCookie, value: cookie))
            }
            return response
        }
    }

    /// Writes the refusal of a known caller to the audit log.
    private func noteRefusal(_ sentence: String, _ request: Request, _ context: WebContext) async {
        guard let caller = context.notes.caller else { return }
        let subject = AuditSubject.request("\(request.method.rawValue) \(table.loggedPath(request, context))")
        do {
            let company = try await company(of: request, context)
            try await site.store.acting(for: caller).writeAside { session in
                if let company {
                    try session.inside(company.id).note(.refused, subject, new: .string(sentence), now: site.now)
                } else {
                    try session.note(.refused, subject, new: .string(sentence), now: site.now)
                }
            }
        } catch {
            context.logger.error("a refusal was not noted", metadata: ["error": "\(error)"])
        }
    }

    /// The company that the address names; nil if there is none.
    private func company(of request: Request, _ context: WebContext) async throws -> Company? {
        guard let slug = context.notes.route?.part("{company}", of: request.uri.path) else { return nil }
        return try await site.store.read { try $0.company(slug) }
    }

    private func answer(_ error: ErrorPage, _ request: Request, _ context: WebContext) async -> Response {
        if request.uri.path.hasPrefix("/api/") {
            let problem: JSON = [
                "type": "about:blank", "title": .string(error.title), "status": .int(error.status),
                "detail": .string(error.detail),
            ]
            return .json(problem, status: error.status, type: "application/problem+json")
        }
        return await table.server.shown(error, request, context, of: table)
    }

    /// The page that can be asked for again, or from which a form was sent. Of what is not there, nothing is told by its
    /// address.
    private func back(from request: Request, _ status: Int) -> Link? {
        guard status != 404 else { return nil }
        let label = "Load the page again"
        guard request.method == .get || request.method == .head else {
            let page = table.page(after: LocalPath.checked(request.uri.path))
            return page == "/" ? nil : Link(page, label)
        }
        guard [429, 500, 503].contains(status) else { return nil }
        return Link(LocalPath.checked(request.uri.description), label)
    }

    /// The failure for an error of the framework or the database.
    private static func failure(_ error: any Error) -> Failure? {
        if StoreError.needsOperator(error) { return .unavailable }
        if case .refused(_, _, let code)? = error as? FileFailure {
            return [EMFILE, ENFILE].contains(code) ? .busy : .unavailable
        }
        // When the server stops, the client may try again later.
        if StoreError.isTemporary(error) || error is DescriptorsUsedUp || error is CancellationError { return .busy }
        guard let error = error as? any HTTPResponseError else { return nil }
        switch error.status.code {
        case 404: return .notFound
        case 413: return .tooLarge(limit: nil)
        case 400..<500: return .unreadable
        default: return nil
        }
    }
}

extension Failure {
    /// Adds what says more about it to programs.
    func addHeaders(to headers: inout HTTPFields) {
        switch self {
        case .methodNotAllowed(let methods): headers[.allow] = methods.joined(separator: ", ")
        case .unknownMethod: headers[.allow] = Self.methods.joined(separator: ", ")
        case .tooMany(let seconds): headers[.retryAfter] = String(seconds)
        case .busy, .unavailable: headers[.retryAfter] = "2"
        case .unauthorized, .wrongCredentials, .wrongRefreshToken: headers[.wwwAuthenticate] = "Bearer"
        case .preconditionFailed(let current): headers[.eTag] = current
        case .badRequest, .forbidden, .notFound, .conflict, .tooLarge, .unsupportedMediaType, .invalid, .diagnostics,
            .misdirected:
            break
        }
    }

    /// Those that addresses of this site take: which address was meant is not known where its method cannot be read.
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    /// The problem+json body (RFC 9457), with our member `errors`.
    var problem: JSON {
        var members: JSONObject = [
            "type": "about:blank", "title": .string(title), "status": .int(status), "detail": .string(detail),
        ]
        switch self {
        case .invalid(let errors):
            members["errors"] = .array(
                errors.prefix(FieldError.limit).map { ["field": .string($0.field), "message": .string($0.message)] })
        case .diagnostics(let diagnostics): members["errors"] = .array(diagnostics.map(\.json))
        case .badRequest, .unauthorized, .wrongCredentials, .wrongRefreshToken, .forbidden, .notFound,
            .methodNotAllowed, .unknownMethod, .conflict, .preconditionFailed, .tooLarge, .unsupportedMediaType,
            .misdirected, .tooMany,
            .busy, .unavailable:
            break
        }
        return .object(members)
    }
}
