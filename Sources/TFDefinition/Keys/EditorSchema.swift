import TFExpression

/// The JSON Schemas of the three kinds of files, for editors that complete and explain while one writes.
///
/// Made from the same tables that the checker uses. Draft 7, the one that YAML language servers know.
package enum EditorSchema {
    package static func schema(of kind: DefinitionKind) -> JSON {
        let table =
            switch kind {
            case .ticket: TicketDefinition.keys
            case .task: TaskDefinition.keys
            case .workflow: WorkflowDefinition.keys
            }
        var builder = SchemaBuilder()
        var schema: JSONObject = [
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": .string("TicketFlower \(kind.rawValue) definition"),
        ]
        for (name, value) in builder.mapping(table) { schema[name] = value }
        if !builder.definitions.isEmpty { schema["definitions"] = .object(builder.definitions) }
        return .object(schema)
    }
}

private struct SchemaBuilder {
    var definitions = JSONObject()

    mutating func mapping(_ table: KeyTable) -> JSONObject {
        var schema: JSONObject = ["type": "object", "additionalProperties": false]
        var properties = JSONObject()
        for key in table.keys {
            var property = value(key.shape)
            property["description"] = .string(key.summary)
            properties[key.name] = .object(property)
        }
        schema["properties"] = .object(properties)
        let required = table.keys.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema["required"] = .strings(required) }
        return schema
    }

    private mutating func value(_ shape: Shape) -> JSONObject {
        switch shape {
        // A field that wants text takes any plain scalar as it is written.
        case .text: return ["type": ["string", "number", "boolean"]]
        case .template: return ["type": ["string", "number", "boolean"]]
        case .textOrExpression: return ["type": ["string", "number", "boolean"]]
        case .expression: return ["type": ["string", "number", "boolean"]]
        case .flag: return ["type": "boolean"]
        case .number: return ["type": "number"]
        case .count: return ["type": "integer", "minimum": 0]
        case .duration:
            return ["type": "string", "pattern": #"^([0-9.]+[smhdw]|P[0-9.YMWDTHS]+)$"#, "examples": ["4h", "P1DT2H"]]
        case .choice(let names): return ["enum": .strings(names)]
        case .list(let element): return ["type": "array", "items": .object(value(element))]
        case .texts:
            let text: JSON = ["type": ["string", "number", "boolean"]]
            return ["anyOf": [["type": "array", "items": text], ["type": "string"]]]
        case .mapping(let table): return mapping(table)
        case .namedEntries(let entry):
            return [
                "type": "array", "minItems": 1,
                "items": [
                    "type": "object", "minProperties": 1, "maxProperties": 1,
                    "additionalProperties": .object(value(entry)),
                ],
            ]
        case .either(let shapes):
            var schemas: [JSON] = []
            for shape in shapes { schemas.append(.object(value(shape))) }
            return ["anyOf": .array(schemas)]
        case .named(let name, let shape):
            if definitions[name] == nil {
                definitions[name] = true  // there is one now: a shape that holds itself ends here
                definitions[name] = .object(value(shape()))
            }
            // Beside "$ref" draft 7 ignores every other key, the description too.
            return ["allOf": [["$ref": .string("#/definitions/\(name)")]]]
        case .element: return element()
        case .any: return [:]
        }
    }

    /// An element of a form: its type decides what `attributes` and `validations` hold.
    private mutating func element() -> JSONObject {
        var schema = mapping(FormElement.keys)
        var cases: [JSON] = []
        for type in ElementType.allCases {
            let names = JSON.strings([type.rawValue] + type.aliases)
            let attributes = JSON.object(mapping(type.attributes))
            let validations = JSON.object(mapping(type.validations))
            cases.append([
                "if": ["properties": ["type": ["enum": names]], "required": ["type"]],
                "then": [
                    "properties": ["attributes": attributes, "validations": validations], "required": ["attributes"],
                ],
            ])
        }
        schema["allOf"] = .array(cases)
        return schema
    }
}
