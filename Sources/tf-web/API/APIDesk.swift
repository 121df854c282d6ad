import HTTPTypes
import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What every operation of the API starts from.
struct APIDesk: Sendable {
    let site: Site

    var access: Access { Access(site: site) }

    // MARK: Bodies

    /// The members of a JSON body, as the route's operation describes it.
    func body(_ request: Request, _ context: WebContext) async throws -> JSON {
        switch context.route?.operation?.body {
        case .json(let shape):
            guard Self.isJSON(request) else { throw Failure.unsupportedMediaType("application/json") }
            return try Self.checked(try await Self.bytes(request), shape)
        case .optional(let shape):
            let bytes = try await Self.bytes(request)
            guard !bytes.isEmpty else { return [:] }
            guard Self.isJSON(request) else { throw Failure.unsupportedMediaType("application/json") }
            return try Self.checked(bytes, shape)
        case .form(let shape):
            guard Self.type(request) == "application/x-www-form-urlencoded" else {
                throw Failure.unsupportedMediaType("application/x-www-form-urlencoded")
            }
            let form = try PostedForm(try await Self.bytes(request))
            let members = JSONObject(form.fields.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { $1 })
            return try Self.checked(.object(members), shape)
        case .file, .yaml, .events, nil: return [:]
        }
    }

    static func type(_ request: Request) -> String? {
        request.headers[.contentType]?.split(separator: ";").first?.lowercased()
    }

    private static func isJSON(_ request: Request) -> Bool { type(request) == "application/json" }

    static func bytes(_ request: Request) async throws -> [UInt8] {
        var request = request
        return Array(try await request.collectBody(upTo: PostedForm.maximumBytes).readableBytesView)
    }

    private static func checked(_ bytes: [UInt8], _ shape: Shape) throws -> JSON {
        do {
            return try checked(try JSON(parsing: bytes), shape)
        } catch let error as JSONSyntaxError {
            throw Failure.badRequest("The body is \(error).")
        }
    }

    private static func checked(_ body: JSON, _ shape: Shape) throws -> JSON {
        guard case .object = body else { throw Failure.badRequest("The body must be a JSON object.") }
        if let field = body.pathOfNUL { throw Failure.invalid([.nul(in: field)]) }
        let errors = shape.errors(in: body)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        return body
    }

    /// A moment: RFC 3339, or a local date with a time in the company's zone; absent: nil. Milliseconds since 1970.
    func moment(_ body: JSON, _ name: String, in company: Company) -> Int64? {
        body[name].stringValue.flatMap { company.moment($0) }
    }

    // MARK: Queries

    /// The values of the query, as the route's operation describes them.
    func query(_ request: Request, _ context: WebContext) throws -> Query {
        var values: [String: JSON] = [:]
        var errors: [FieldError] = []
        var unknown: [String] = []
        let known = context.route?.operation?.query ?? []
        for (key, value) in request.uri.queryParameters {
            let (name, text) = (String(key), String(value))
            guard let parameter = known.first(where: { $0.name == name }) else {
                unknown.append(name)
                continue
            }
            guard values[name] == nil else {
                errors.append(FieldError(field: name, message: "\"\(name)\" is there more than once"))
                continue
            }
            let typed = Self.typed(text, parameter.shape)
            errors += parameter.shape.errors(in: typed, at: name)
            values[name] = typed
        }
        for parameter in known where parameter.isRequired && values[parameter.name] == nil {
            errors.append(FieldError(field: parameter.name, message: "\"\(parameter.name)\" is missing"))
        }
        errors += FieldError.unknown(unknown, among: known.map(\.name)) { name, hint in
            FieldError(field: name, message: "There is no parameter \"\(name)\" here\(hint)")
        }
        guard errors.isEmpty else { throw Failure.invalid(errors.sorted { $0.field < $1.field }) }
        return Query(values: values)
    }

    /// A query's text as the value that its shape asks for, where it is one.
    private static func typed(_ text: String, _ shape: Shape) -> JSON {
        switch shape {
        case .integer:
            text.wholeMatch(of: /-?[0-9]{1,18}/) != nil ? Int64(text).map { .int($0) } ?? .string(text) : .string(text)
        case .flag: text == "true" ? true : text == "false" ? false : .string(text)
        case .any, .text, .choice, .list, .object, .open, .map, .orNull, .either, .named: .string(text)
        }
    }

    struct Query: Sendable {
        fileprivate let values: [String: JSON]

        func text(_ name: String) -> String? { values[name]?.stringValue }

        func number(_ name: String) -> Int? { values[name]?.intValue }

        func isTrue(_ name: String) -> Bool { values[name] == true }

        /// Whether the list is to be a table for a spreadsheet.
        var isTable: Bool { text("format") == "csv" }

        var limit: Int { number("limit") ?? (isTable ? CSV.limitRows : 50) }

        /// `next` of the page before, where it is a number.
        /// - Throws: `Failure.invalid` for what no page gave.
        func after<ID: RowID>() throws -> ID? {
            guard let text = text("after") else { return nil }
            guard let id = ID(text), id.rawValue >= 0 else { throw Self.notOurs }
            return id
        }

        static let notOurs = Failure.invalid([
            FieldError(field: "after", message: "\"after\" must be the \"next\" of the page before")
        ])
    }

    // MARK: Answers

    /// `{items, next}`.
    func page(_ items: [some Answer], next: String? = nil) -> Response {
        .json(["items": .array(items.map(\.json)), "next": .optional(next)])
    }

    func created(_ value: some Answer, at location: String) -> Response {
        var response = Response.json(value.json, status: 201)
        response.headers[.location] = location
        return response
    }
}
