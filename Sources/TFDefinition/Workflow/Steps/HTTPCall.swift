import TFExpression

/// `call: http`.
package struct HTTPCall: Sendable, Hashable, Codable {
    package let method: String
    /// A text with `{name}` for top-level members of the input, or an expression.
    package let uri: ValueExpression
    package let headers: ValueExpression?
    package let query: ValueExpression?
    package let body: ValueExpression?
    package let output: Output
    /// Whether redirects are followed, and a status of 300 to 399 is not an error.
    package let redirect: Bool
    package let authentication: Authentication?

    package enum Output: String, Sendable, Hashable, Codable, CaseIterable {
        /// The body as text.
        case raw
        /// The body, read if it is JSON.
        case content
        /// The request, the status, the headers and the content.
        case response
    }

    static let keys = KeyTable(
        "\"with\"",
        [
            Key("method", .text, "GET, POST, …", isRequired: true, examples: .init(methods.map { .string($0) })),
            Key(
                "endpoint", Endpoint.shape, "Where to: a URI, or uri and authentication.", isRequired: true,
                examples: ["https://pets.example/pets/{id}"]),
            Key("headers", .either([.byName(.any), .wrapped]), "Headers by name."),
            Key("query", .either([.byName(.any), .wrapped]), "Query parameters by name."),
            Key("body", .any, "The body; JSON unless it is text."),
            Key("output", Output.shape, "What the output is: raw, content (default) or response.", standard: "content"),
            Key("redirect", .flag, "Whether redirects are followed.", standard: false),
        ])

    static let methods = ["get", "head", "post", "put", "patch", "delete", "options"]

    static func read(_ fields: Fields, _ reader: inout DefinitionReader) -> HTTPCall? {
        guard let node = fields.value("with") else {
            fields.need("with", of: "\"call: http\"", &reader.diagnostics)
            return nil
        }
        guard let with = Fields(node, keys, &reader.diagnostics) else { return nil }
        return reader.with(["secrets"]) { reader in
            let method = with.requiredText("method", of: "\"call: http\"", &reader.diagnostics)
            if let method, !methods.contains(method.lowercased()) {
                reader.diagnostics.error(
                    "\"method\" cannot be \"\(method)\"; it is one of \(listed(methods))", at: with.position("method"),
                    suggestion: nearestName(to: method.lowercased(), among: methods))
            }
            guard let endpoint = Endpoint.read("endpoint", of: "\"call: http\"", with, &reader), let method else {
                return nil
            }
            func part(_ key: String) -> ValueExpression? { with.value(key).map { ValueExpression.read($0, &reader) } }
            for key in ["headers", "query"] { checkMapping(key, with, &reader) }
            let (headers, query, body) = (part("headers"), part("query"), part("body"))
            return HTTPCall(
                method: method.uppercased(), uri: endpoint.uri, headers: headers, query: query, body: body,
                output: with.choice("output", Output.self, &reader.diagnostics) ?? .content,
                redirect: with.flag("redirect", &reader.diagnostics) ?? false, authentication: endpoint.authentication)
        }
    }

    private static func checkMapping(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) {
        guard let node = fields.value(key) else { return }
        switch node.content {
        case .mapping: break
        case .scalar(let text, _) where Expression.unwrapped(text) != nil: break
        case .scalar, .sequence:
            reader.diagnostics.error(
                "\"\(key)\" must be a mapping or an expression, not \(node.kindDescription)", at: node.position)
        }
    }
}

/// `call: openapi`: an operation of a document that describes a service.
package struct OpenAPICall: Sendable, Hashable, Codable {
    package let document: ValueExpression
    package let operation: String
    package let parameters: [ValueExpression.Member]
    package let output: HTTPCall.Output
    package let redirect: Bool
    /// How the operation signs in; the document's endpoint has its own way.
    package let authentication: Authentication?
    package let documentAuthentication: Authentication?

    static let keys = KeyTable(
        "\"with\"",
        [
            Key("document", .mapping(documentKeys), "The OpenAPI 3 or Swagger 2 document.", isRequired: true),
            Key("operationId", .text, "The operation.", isRequired: true),
            Key("parameters", .byName(.any), "Its parameters by name; body for the body."),
            Key("authentication", .mapping(Authentication.keys), "How to sign in."),
            Key(
                "output", HTTPCall.Output.shape, "What the output is: raw, content (default) or response.",
                standard: "content"),
            Key("redirect", .flag, "Whether redirects are followed.", standard: false),
        ])
    private static let documentKeys = KeyTable(
        "\"document\"",
        [Key("name", .text, "What it is called."), Key("endpoint", Endpoint.shape, "Where it is.", isRequired: true)])

    static func read(_ fields: Fields, _ reader: inout DefinitionReader) -> OpenAPICall? {
        guard let node = fields.value("with") else {
            fields.need("with", of: "\"call: openapi\"", &reader.diagnostics)
            return nil
        }
        guard let with = Fields(node, keys, &reader.diagnostics) else { return nil }
        return reader.with(["secrets"]) { reader in
            guard let documentNode = with.value("document"),
                let document = Fields(documentNode, documentKeys, &reader.diagnostics)
            else {
                with.need("document", of: "\"call: openapi\"", &reader.diagnostics)
                return nil
            }
            let operation = with.requiredText("operationId", of: "\"call: openapi\"", &reader.diagnostics)
            guard let endpoint = Endpoint.read("endpoint", of: "\"document\"", document, &reader), let operation else {
                return nil
            }
            var parameters: [ValueExpression.Member] = []
            if let node = with.value("parameters") {
                guard case .mapping(let entries) = node.content else {
                    reader.diagnostics.error(
                        "\"parameters\" must be a mapping, not \(node.kindDescription)", at: node.position)
                    return nil
                }
                parameters = entries.map { .init(name: $0.key, value: ValueExpression.read($0.value, &reader)) }
            }
            return OpenAPICall(
                document: endpoint.uri, operation: operation, parameters: parameters,
                output: with.choice("output", HTTPCall.Output.self, &reader.diagnostics) ?? .content,
                redirect: with.flag("redirect", &reader.diagnostics) ?? false,
                authentication: with.value("authentication").flatMap { Authentication.read($0, &reader) },
                documentAuthentication: endpoint.authentication)
        }
    }
}

/// The URI of a call, and how it signs in.
private struct Endpoint {
    let uri: ValueExpression
    let authentication: Authentication?

    private static let keys = KeyTable(
        "\"endpoint\"",
        [
            Key("uri", .textOrExpression, "Where to.", isRequired: true),
            Key("authentication", .mapping(Authentication.keys), "How to sign in."),
        ])
    static let shape = Shape.either([.textOrExpression, .mapping(keys)])

    static func read(
        _ key: String, of what: String, _ fields: Fields, _ reader: inout DefinitionReader
    ) -> Endpoint? {
        guard let node = fields.value(key) else {
            fields.need(key, of: what, &reader.diagnostics)
            return nil
        }
        guard case .mapping = node.content else {
            return uri(node, &reader).map { Endpoint(uri: $0, authentication: nil) }
        }
        guard let inner = Fields(node, keys, &reader.diagnostics) else { return nil }
        guard let target = inner.value("uri") else {
            inner.need("uri", of: "\"endpoint\"", &reader.diagnostics)
            return nil
        }
        let authentication = inner.value("authentication").flatMap { Authentication.read($0, &reader) }
        return uri(target, &reader).map { Endpoint(uri: $0, authentication: authentication) }
    }

    private static func uri(_ node: YAMLNode, _ reader: inout DefinitionReader) -> ValueExpression? {
        guard case .scalar(let text, _) = node.content else {
            reader.diagnostics.error("a URI must be text, not \(node.kindDescription)", at: node.position)
            return nil
        }
        if Expression.unwrapped(text) == nil { URIText.check(text, at: node.position, &reader.diagnostics) }
        return ValueExpression.read(node, &reader)
    }
}
