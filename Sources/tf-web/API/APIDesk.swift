import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Takes bearer tokens; cookies do not count here, and a bad header never falls back to one.
struct BearerRequired: RouterMiddleware {
    typealias Context = WebContext

    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer "),
            let signedIn = try await SessionDesk(site: site).signedIn(
                access: String(header.dropFirst("bearer ".count)), use: .api)
        else { throw Failure.unauthorized }
        var context = context
        context.signedIn = signedIn
        return try await next(request, context)
    }
}

/// What every operation of the API starts from.
struct APIDesk: Sendable {
    let site: Site

    var access: Access { Access(store: site.store) }

    /// The members of a JSON body, read strictly.
    /// - Parameter also: another type that is JSON too.
    func body(_ request: Request, also: String? = nil) async throws -> JSON {
        guard Self.isJSON(request) || (also != nil && Self.type(request) == also) else {
            throw Failure.unsupportedMediaType("application/json")
        }
        return try Self.members(try await Self.bytes(request))
    }

    /// A body that may be absent, or empty whatever its type says: then it has no members.
    func optionalBody(_ request: Request) async throws -> JSON {
        let bytes = try await Self.bytes(request)
        guard !bytes.isEmpty else { return .object([:]) }
        guard Self.isJSON(request) else { throw Failure.unsupportedMediaType("application/json") }
        return try Self.members(bytes)
    }

    private static func isJSON(_ request: Request) -> Bool { type(request) == "application/json" }

    private static func type(_ request: Request) -> String? {
        request.headers[.contentType]?.split(separator: ";").first?.lowercased()
    }

    private static func bytes(_ request: Request) async throws -> [UInt8] {
        var request = request
        return Array(try await request.collectBody(upTo: PostedForm.maximumBytes).readableBytesView)
    }

    private static func members(_ bytes: [UInt8]) throws -> JSON {
        do {
            let json = try JSON(parsing: bytes)
            guard case .object = json else { throw Failure.badRequest("The body must be a JSON object.") }
            return json
        } catch let error as JSONSyntaxError {
            throw Failure.badRequest("The body is \(error).")
        }
    }

    func refuseUnknown(_ body: JSON, known: [String]) throws {
        let errors = (body.objectValue ?? [:]).keys.filter { !known.contains($0) }.map { name in
            let nearest = nearestName(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
            return FieldError(field: name, message: "There is no member \"\(name)\" here\(nearest)")
        }
        guard errors.isEmpty else { throw Failure.invalid(errors) }
    }

    func text(_ body: JSON, _ name: String, isRequired: Bool = false) throws -> String? {
        let value = body[name]
        if value == .null {
            if isRequired { throw Failure.invalid([FieldError(field: name, message: "\"\(name)\" is missing")]) }
            return nil
        }
        guard let text = value.stringValue else {
            throw Failure.invalid([FieldError(field: name, message: "\"\(name)\" must be a string")])
        }
        return text
    }

    /// The answers of a definition's form; absent: none.
    func answers(_ body: JSON) throws -> JSONObject {
        if body["form"] == .null { return [:] }
        guard let answers = body["form"].objectValue else {
            throw Failure.invalid([FieldError(field: "form", message: "\"form\" must be an object")])
        }
        return answers
    }

    func version(_ body: JSON) throws -> Int? {
        guard body["version"] != .null else { return nil }
        guard let version = body["version"].intValue else {
            throw Failure.invalid([FieldError(field: "version", message: "\"version\" must be an integer")])
        }
        return version
    }

    /// A moment: RFC 3339, or a local date with a time in the company's zone; absent: nil. Milliseconds since 1970.
    func moment(_ body: JSON, _ name: String, in company: Company) throws -> Int64? {
        guard let text = try text(body, name) else { return nil }
        guard let moment = company.moment(text) else {
            throw Failure.invalid([
                FieldError(
                    field: name,
                    message: "\"\(name)\" must be a date with a time, such as 2026-01-05T09:00:00Z, not \"\(text)\"")
            ])
        }
        return moment
    }

    /// `{items, next}`.
    func page(_ items: [JSON], next: JSON?) -> Response {
        .json(["items": .array(items), "next": next ?? .null])
    }

    func limit(_ request: Request) -> Int {
        min(200, max(1, request.uri.queryParameters["limit"].flatMap { Int($0) } ?? 50))
    }
}
