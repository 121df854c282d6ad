import HTTPTypes
import TFDefinition
import TFExpression

/// The API's OpenAPI document, generated from the route table. Source: OpenAPI 3.1.1.
struct OpenAPI {
    static let path = "/api/openapi.json"

    let document: JSON

    init(_ table: RouteTable, baseURL: String) {
        var components: JSONObject = [:]
        var paths: JSONObject = [:]
        for route in table.routes {
            guard var operation = route.operation else { continue }
            var item = paths[route.path]?.objectValue ?? [:]
            if table.read(ofObjectOf: route) != nil, !operation.failures.contains(412) {
                operation.failures.append(412)
            }
            item[route.method.rawValue.lowercased()] = Self.describe(route, operation, &components)
            paths[route.path] = .object(item)
        }
        _ = Shape.problem.schema(&components)
        document = [
            "openapi": "3.1.1",
            "info": [
                "title": "TicketFlower", "version": "1",
                "description": """
                Tickets, tasks, workers and definitions of the companies on this site. Errors are RFC 9457 problems; \
                lists are pages: send `next` as `after` for the next one. Times are RFC 3339, UTC.
                """,
            ],
            "servers": [["url": .string(baseURL)]], "paths": .object(paths),
            "components": [
                "schemas": .object(components),
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer",
                        "description": "An access token of /api/v1/auth/token, or an API key of a service account.",
                    ]
                ],
            ],
        ]
    }

    private static func describe(_ route: Route, _ operation: Operation, _ components: inout JSONObject) -> JSON {
        var members: JSONObject = [
            "operationId": .string(operation.id), "summary": .string(operation.summary),
            "tags": [.string(tag(route.path))],
        ]
        let parameters =
            pathParameters(route.path, &components) + queryParameters(operation, &components)
            + headerParameters(route, operation)
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = operation.body { members["requestBody"] = describe(body, &components) }
        members["responses"] = responses(route, operation, &components)
        members["security"] = route.access == .bearer ? [["bearer": []]] : []
        return .object(members)
    }

    /// The tag of an operation: `tickets` for `/api/v1/companies/{company}/tickets/{number}`.
    private static func tag(_ path: String) -> String {
        let parts = path.split(separator: "/").dropFirst(2).filter { !$0.hasPrefix("{") }
        return String((parts.first == "companies" ? parts.dropFirst().first : parts.first) ?? "companies")
    }

    // MARK: Requests

    private static func pathParameters(_ path: String, _ components: inout JSONObject) -> [JSON] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            let shape: Shape =
                switch name {
                case "number", "task": .id
                case "id": path.contains("attachments") ? .text(1, 100) : .id
                case "login": .login
                case "kind": .words(DefinitionKind.self)
                default: .slug
                }
            return [
                "name": .string(name), "in": "path", "required": true, "schema": shape.schema(&components),
            ]
        }
    }

    private static func queryParameters(_ operation: Operation, _ components: inout JSONObject) -> [JSON] {
        operation.query.map { parameter in
            [
                "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
                "description": .string(parameter.help), "schema": schema(ofQuery: parameter, &components),
            ]
        }
    }

    /// A parameter that is left empty is none, if there need not be one.
    private static func schema(ofQuery parameter: Operation.Parameter, _ components: inout JSONObject) -> JSON {
        let schema = parameter.shape.schema(&components)
        guard !parameter.isRequired else { return schema }
        return ["anyOf": [schema, ["type": "string", "pattern": "^\\s*$"]]]
    }

    private static func headerParameters(_ route: Route, _ operation: Operation) -> [JSON] {
        var parameters: [JSON] = []
        func header(_ name: String, _ help: String, _ schema: JSON = ["type": "string"]) {
            parameters.append([
                "name": .string(name), "in": "header", "required": false, "description": .string(help),
                "schema": schema,
            ])
        }
        if route.access == .bearer, route.method != .get, operation.isRepeatable {
            header(
                "Idempotency-Key", "The same request with the same key, within 24 hours, gets the same answer.",
                [
                    "type": "string", "minLength": 1, "maxLength": .int(TextLimit.requestKey.characters),
                    "pattern": "^[ -~]+$",
                ])
        }
        if case .events = operation.body {
            for name in EventAttributes.required + EventAttributes.optional where name != "datacontenttype" {
                header(
                    "ce-\(name)",
                    "The event's `\(name)`, percent-encoded, where the body is its data; extensions likewise.")
            }
        }
        if operation.failures.contains(412) {
            header(
                "If-Match", "The ETag that was read of the object; a stale one is answered 412, with the present one.")
        }
        if route.method == .put, case .yaml = operation.body {
            header("If-None-Match", "`*`: it makes a new one, or none if there is one (412).")
        }
        if route.method == .get {
            header("If-None-Match", "The ETag that you have; 304 if nothing has changed since.\(tableHint(operation))")
        }
        return parameters
    }

    private static func tableHint(_ operation: Operation) -> String {
        if case .table = operation.answer { return " A CSV table has no ETag." }
        return ""
    }

    private static func describe(_ body: Operation.Body, _ components: inout JSONObject) -> JSON {
        func content(_ types: [String], _ schema: JSON, isRequired: Bool = true) -> JSON {
            let content = JSONObject(
                types.map { ($0, ["schema": schema] as JSON) }, uniquingKeysWith: { first, _ in first })
            return ["required": .bool(isRequired), "content": .object(content)]
        }
        switch body {
        case .json(let shape): return content(["application/json"], shape.schema(&components))
        case .optional(let shape):
            return content(["application/json"], shape.schema(&components), isRequired: false)
        case .form(let shape): return content(["application/x-www-form-urlencoded"], shape.schema(&components))
        case .file:
            return content(
                ["multipart/form-data"],
                [
                    "type": "object", "required": ["file"], "additionalProperties": false,
                    "properties": ["file": ["type": "string", "format": "binary"]],
                ])
        case .yaml: return content(["application/yaml"], [:])
        case .events(let event, let limit):
            let one: JSON = ["schema": event.schema(&components)]
            return [
                "required": false,
                "description": "In a request with `ce-` headers, the event's data of any type.",
                "content": [
                    EventType.one: one, "application/json": one,
                    EventType.list: ["schema": Shape.list(event, most: limit).schema(&components)],
                    "*/*": ["schema": [:]],
                ],
            ]
        }
    }

    // MARK: Responses

    private static func responses(_ route: Route, _ operation: Operation, _ components: inout JSONObject) -> JSON {
        var responses: JSONObject = [:]
        for status in [operation.status] + (operation.otherStatus.map { [$0] } ?? []) {
            responses[String(status)] = success(route, operation, status, &components)
        }
        if route.method == .get, route.access == .bearer {
            let text = "Nothing has changed since the `If-None-Match` that was sent.\(tableHint(operation))"
            responses["304"] = ["description": .string(text)]
        }
        for status in failures(route, operation) {
            responses[String(status)] = [
                "description": .string(reason(status, operation)),
                "content": ["application/problem+json": ["schema": Shape.problem.schema(&components)]],
            ]
        }
        return .object(responses)
    }

    private static func success(
        _ route: Route, _ operation: Operation, _ status: Int, _ components: inout JSONObject
    ) -> JSON {
        let done = status == 201 ? "It is made." : status == 204 ? "It is done." : "It is so."
        var members: JSONObject = [
            "description": .string([done, operation.note].compactMap(\.self).joined(separator: " "))
        ]
        var headers = operation.headers
        if status == 201 { headers["Location"] = "The address of what was made." }
        if case .table = operation.answer {
            headers[CSV.nextHeader] = "Of a CSV table that does not hold all rows: the `after` of the next."
        }
        if !headers.isEmpty {
            let described = headers.sorted { $0.key < $1.key }.map { name, help -> (String, JSON) in
                (name, ["description": .string(help), "schema": ["type": "string"]])
            }
            members["headers"] = .object(JSONObject(described, uniquingKeysWith: { first, _ in first }))
        }
        switch operation.answer {
        case .none: break
        case .json(let shape): members["content"] = ["application/json": ["schema": shape.schema(&components)]]
        case .table(let shape):
            members["content"] = [
                "application/json": ["schema": Shape.page(of: shape).schema(&components)],
                "text/csv": ["schema": ["type": "string"]],
            ]
        case .yaml: members["content"] = ["application/yaml": ["schema": [:]]]
        case .file: members["content"] = ["application/octet-stream": ["schema": [:]]]
        }
        return .object(members)
    }

    /// The error statuses that follow from the operation's access, body and resource.
    private static func failures(_ route: Route, _ operation: Operation) -> [Int] {
        var statuses: Set<Int> = Set(operation.failures).union([400, 503])
        if route.access == .bearer { statuses.formUnion([401, 403]) }
        if route.path.contains("{") { statuses.insert(404) }
        if operation.body != nil { statuses.formUnion([413, 415, 422]) }
        if operation.takesVersion { statuses.insert(409) }
        if !operation.query.isEmpty || route.method != .get || !route.path.contains("{") { statuses.insert(422) }
        if route.method == .get { statuses.insert(422) }
        return statuses.sorted()
    }

    private static func reason(_ status: Int, _ operation: Operation) -> String {
        if status == 422, case .yaml = operation.body {
            return "The text has errors: `errors` has its problems, line by line. Or a parameter does not fit."
        }
        return reasons[status] ?? "It was not done."
    }

    private static let reasons: [Int: String] = [
        400: "The request cannot be read.", 401: "What signs in is missing or wrong.",
        403: "You can see it and may not do this.", 404: "There is nothing at this address that you can see.",
        409: "Somebody was faster, or it is in another state; nothing was changed.", 412: "It was changed meanwhile.",
        413: "The request is larger than is read here.", 415: "The body is of another type than is read here.",
        422: "What was sent does not fit, field by field.", 429: "Too many tries; wait as long as `Retry-After` says.",
        503: "The server has too much to do at present, or cannot save; nothing was done.",
    ]
}

extension Operation {
    /// Whether it names the version that was read: a stale one is refused.
    fileprivate var takesVersion: Bool {
        switch body {
        case .json(let shape), .optional(let shape), .form(let shape):
            shape.memberNames.contains(FieldReader.versionName)
        case .file, .yaml, .events, nil: false
        }
    }

    /// Whether a repeated request gets the first answer: an introspection is answered anew.
    fileprivate var isRepeatable: Bool {
        switch body {
        case .form: false
        case .file, .json, .optional, .yaml, .events, nil: true
        }
    }
}

extension Shape {
    /// The names of an object's members, in whatever way it is described.
    fileprivate var memberNames: [String] {
        switch self {
        case .object(let members), .open(let members, _): members.map(\.name)
        case .named(_, let shape), .orNull(let shape): shape.memberNames
        case .either(let shapes): shapes.flatMap(\.memberNames)
        case .any, .text, .integer, .flag, .choice, .list, .map: []
        }
    }
}
