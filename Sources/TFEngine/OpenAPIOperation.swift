import TFDefinition
import TFExpression

/// One operation of an OpenAPI 3 or Swagger 2 document: what is needed to make its request.
struct OpenAPIOperation: Sendable, Hashable {
    /// The method in upper case.
    let method: String
    /// The server's URL with the path, in which `{name}` is not replaced yet.
    let url: String
    let parameters: [Parameter]
    /// Whether arguments that are not parameters go into the body.
    let takesBody: Bool
    /// Whether the body is a form; otherwise it is JSON.
    let isForm: Bool

    struct Parameter: Sendable, Hashable {
        enum Place: String, Sendable, Hashable {
            case path
            case query
            case header
            case cookie
            case body
            case formData
        }

        let name: String
        let place: Place
        let isRequired: Bool
    }

    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// Finds an operation in a document.
    /// - Parameter url: where the document came from; servers may be relative to it.
    init(document text: String, url: String, id: String, at reference: String) throws(WorkflowError) {
        let document = try Self.parse(text, url: url, at: reference)
        let paths = document["paths"].objectValue ?? [:]
        for (path, item) in paths {
            for method in Self.methods where item[method]["operationId"] == .string(id) {
                let operation = item[method]
                self.method = method.uppercased()
                self.url = Self.server(document, item, operation, url) + path
                let all = (item["parameters"].arrayValue ?? []) + (operation["parameters"].arrayValue ?? [])
                parameters = all.compactMap { Self.parameter(Self.resolved($0, document)) }
                let content = Self.resolved(operation["requestBody"], document)["content"].objectValue ?? [:]
                takesBody = !content.isEmpty
                isForm =
                    content["application/json"] == nil && content["application/x-www-form-urlencoded"] != nil
                    || parameters.contains { $0.place == .formData }
                return
            }
        }
        let known = paths.values.flatMap { item in Self.methods.compactMap { item[$0]["operationId"].stringValue } }
        let nearest = nearestName(to: id, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
        throw WorkflowError(
            .configuration, status: 500, title: "There is no such operation",
            detail: "the document at \(url) has no operation \"\(id)\"\(nearest)", at: reference)
    }

    private static func parse(_ text: String, url: String, at reference: String) throws(WorkflowError) -> JSON {
        if let json = try? JSON(parsing: text) { return json }  // a document that is not JSON may be YAML
        guard let json = YAMLNode.json(of: Array(text.utf8)), json.objectValue != nil else {
            throw WorkflowError(
                .communication, status: 502, title: "The document cannot be read",
                detail: "\(url) gave neither JSON nor YAML", at: reference)
        }
        return json
    }

    private static func resolved(_ value: JSON, _ document: JSON) -> JSON {
        guard let pointer = value["$ref"].stringValue, pointer.hasPrefix("#/") else { return value }
        return pointer.unicodeScalars.dropFirst(2).split(separator: "/").reduce(document) { value, part in
            value[String(part).replacingBytes(of: "~1", with: "/").replacingBytes(of: "~0", with: "~")]
        }
    }

    private static func parameter(_ value: JSON) -> Parameter? {
        guard let name = value["name"].stringValue,
            let place = value["in"].stringValue.flatMap(Parameter.Place.init)
        else { return nil }
        return Parameter(name: name, place: place, isRequired: value["required"] == true)
    }

    private static func server(_ document: JSON, _ item: JSON, _ operation: JSON, _ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        let origin = parts.prefix(3).joined(separator: "/")
        if document["swagger"] != .null {
            let scheme = (document["schemes"].arrayValue ?? []).compactMap(\.stringValue).max { $0.count < $1.count }
            let base = document["basePath"].stringValue.map { $0 == "/" ? "" : $0 } ?? ""
            guard let host = document["host"].stringValue else { return origin + base }
            return "\(scheme ?? String(parts[0].dropLast()))://\(host)\(base)"
        }
        let server = [operation, item, document].lazy.compactMap { $0["servers"].arrayValue?.first }.first ?? .null
        var address = server["url"].stringValue ?? "/"
        for (name, variable) in server["variables"].objectValue ?? [:] {
            address = address.replacingBytes(of: "{\(name)}", with: variable["default"].displayText)
        }
        if address.hasPrefix("/") { address = origin + address }
        if !address.contains("://") {
            address = url.split(separator: "/").dropLast().joined(separator: "/") + "/" + address
        }
        return address.hasSuffix("/") ? String(address.dropLast()) : address
    }

    // MARK: Requests

    typealias Made = (url: String, query: [(String, String)], headers: [HTTPRequest.Header], body: JSON?)

    /// Makes the request from arguments by name. `body` is the body; arguments that the document does not know go into
    /// it.
    func request(_ given: JSONObject, at reference: String) throws(WorkflowError) -> Made {
        var url = url
        var query: [(String, String)] = []
        var headers: [HTTPRequest.Header] = []
        var body: JSON?
        var form: [(String, String)] = []
        var rest = given
        for parameter in parameters {
            guard let value = rest.removeValue(forKey: parameter.name), value != .null else {
                guard parameter.isRequired, parameter.place != .body || (given["body"] == nil && rest.isEmpty) else {
                    continue
                }
                throw WorkflowError(
                    .validation, status: 400, title: "A parameter is missing",
                    detail: "the operation needs \"\(parameter.name)\"", at: reference)
            }
            let texts = (value.arrayValue ?? [value]).map(\.displayText)
            switch parameter.place {
            case .path:
                url = url.replacingBytes(
                    of: "{\(parameter.name)}", with: percentEncoded(texts.joined(separator: ",")))
            case .query: query += texts.map { (parameter.name, $0) }
            case .header: headers.append(.init(name: parameter.name, value: texts.joined(separator: ", ")))
            case .cookie: headers.append(.init(name: "Cookie", value: "\(parameter.name)=\(texts.joined())"))
            case .body: body = value
            case .formData: form += texts.map { (parameter.name, $0) }
            }
        }
        if let whole = rest.removeValue(forKey: "body"), body == nil { body = whole }
        if body == nil, !rest.isEmpty, takesBody || parameters.contains(where: { $0.place == .body }) {
            body = .object(rest)
        } else if body == nil {
            query += rest.filter { $0.value != .null }.map { ($0.key, $0.value.displayText) }
        }
        if isForm {
            let members = form + (body?.objectValue ?? [:]).map { ($0.key, $0.value.displayText) }
            headers.append(.init(name: "Content-Type", value: "application/x-www-form-urlencoded"))
            body = .string(String(Run.adding(members, to: "").dropFirst()))
        }
        return (url, query, headers, body)
    }
}
