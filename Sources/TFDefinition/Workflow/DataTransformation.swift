import TFExpression

/// `input`, `output` or `export` of a workflow or step: how a value is transformed, and its schema.
package struct DataTransformation: Sendable, Hashable, Codable {
    package let schema: JSONSchema?
    /// The transformed value; nil: the value as it is.
    package let value: ValueExpression?

    static let schemaKeys = KeyTable(
        "\"schema\"",
        [
            Key("format", .text, "json."), Key("document", .any, "The JSON Schema.", isRequired: true),
        ])

    static func keys(_ what: String, _ member: String) -> KeyTable {
        KeyTable(
            "\"\(what)\"",
            [
                Key(
                    member, .either([.expression, .byName(.any)]), "An expression, or a value with expressions in it."),
                Key("schema", .mapping(schemaKeys), "What the value must look like."),
            ])
    }

    /// Reads `input: {from}`, `output: {as}` and `export: {as}`.
    static func read(
        _ key: String, _ member: String, _ fields: Fields, _ reader: inout DefinitionReader,
        variables: Set<String> = []
    ) -> DataTransformation? {
        guard let node = fields.value(key), let inner = Fields(node, keys(key, member), &reader.diagnostics)
        else { return nil }
        let schema = inner.value("schema").flatMap { readSchema($0, &reader) }
        let value: ValueExpression? = reader.with(variables) { reader in
            guard let node = inner.value(member), ValueExpression.isOfDSL(node, member, &reader.diagnostics)
            else { return nil }
            return ValueExpression.readExpression(node, &reader)
        }
        return DataTransformation(schema: schema, value: value)
    }

    private static func readSchema(_ node: YAMLNode, _ reader: inout DefinitionReader) -> JSONSchema? {
        guard let fields = Fields(node, schemaKeys, besides: ["resource"], &reader.diagnostics) else { return nil }
        if fields.has("resource") {
            reader.diagnostics.error(
                "a schema from elsewhere is not supported; write it as \"document\"", at: fields.keyPosition("resource")
            )
            return nil
        }
        if let format = fields.text("format", &reader.diagnostics),
            format.split(separator: ":").first.map(String.init) != "json"
        {
            reader.diagnostics.error(
                "the format of a schema must be json, not \"\(format)\"", at: fields.position("format"))
        }
        guard let document = fields.value("document") else {
            fields.need("document", of: "\"schema\"", &reader.diagnostics)
            return nil
        }
        return JSONSchema.read(document, &reader.diagnostics)
    }
}
