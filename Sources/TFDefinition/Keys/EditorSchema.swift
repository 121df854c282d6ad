import TFExpression

/// The JSON Schemas of the three kinds of files, for editors that complete and explain while one writes.
///
/// They are made from the tables that the checker uses. Draft 7 is the one that YAML language servers know.
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
            if let standard = key.standard { property["default"] = standard }
            if !key.examples.isEmpty { property["examples"] = .array(key.examples) }
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
        case .wrapped:
            return ["type": "string", "title": "an expression", "pattern": #"^[ \n]*\$\{[\s\S]*\}[ \n]*$"#]
        case .pattern(let pattern, let examples):
            return [
                "type": ["string", "number"], "pattern": .string(pattern), "examples": .strings(examples),
            ]
        case .duration:
            return [
                "type": "string", "title": "a duration", "pattern": .string(Self.durations),
                "examples": ["30m", "4h", "2d", "PT4H", "P1DT2H"],
            ]
        case .choice(let names): return ["enum": .strings(names)]
        case .list(let element): return ["type": "array", "items": .object(value(element))]
        case .texts:
            let text: JSON = ["type": ["string", "number", "boolean"]]
            return ["anyOf": [["type": "array", "items": text], ["type": "string"]]]
        case .mapping(let table): return mapping(table)
        case .open(let table):
            var schema = mapping(table)
            schema["additionalProperties"] = nil
            return schema
        case .byName(let entry): return ["type": "object", "additionalProperties": .object(value(entry))]
        case .step(let kinds): return step(kinds)
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
                definitions[name] = true  // noted before it is made, so that a shape that holds itself ends here
                definitions[name] = .object(value(shape()))
            }
            // In draft 7, "$ref" makes validators ignore all keys beside it, the description too.
            return ["allOf": [["$ref": .string("#/definitions/\(name)")]]]
        case .element: return element()
        case .any: return [:]
        }
    }

    /// The pattern of a duration: ISO 8601, or a number with its unit.
    private static let durations =
        #"^([0-9]+(\.[0-9]+)?[smhdw]|P(([0-9]+(\.[0-9]+)?[YMWD])+(T([0-9]+(\.[0-9]+)?[HMS])+)?|T([0-9]+(\.[0-9]+)?[HMS])+))$"#

    /// The schema of a step, whose kind key decides which other keys it may have.
    private mutating func step(_ kinds: [(kind: String, title: String, keys: [Key])]) -> JSONObject {
        var cases: [JSON] = []
        var offered = JSONObject()
        for (place, (kind, title, keys)) in kinds.enumerated() {
            var body = mapping(KeyTable(title, keys))
            body["title"] = .string(title)
            for (name, property) in body["properties"]?.objectValue ?? [:] where offered[name] == nil {
                offered[name] = ["description": property["description"]]
            }
            if kind == "call" { body["allOf"] = .array(calls()) }
            // A loop has "do" too, so kinds earlier in the table win.
            let before = kinds[..<place].map(\.kind).filter { other in keys.contains { $0.name == other } }
            let others = kinds[..<place].filter { $0.keys.contains { $0.name == kind } }.map(\.kind) + before
            var condition: JSONObject = ["required": [.string(kind)]]
            if !others.isEmpty { condition["not"] = ["anyOf": .array(others.map { ["required": [.string($0)]] })] }
            cases.append(["if": .object(condition), "then": .object(body)])
        }
        return [
            "type": "object", "title": "a task", "properties": .object(offered), "allOf": .array(cases),
            "anyOf": .array(kinds.map { ["title": .string($0.title), "required": [.string($0.kind)]] }),
        ]
    }

    /// The schemas of `with`, by the called function.
    private mutating func calls() -> [JSON] {
        let refused: JSON = ["anyOf": [["enum": .strings(CallReader.protocols)], ["pattern": "://"]]]
        var cases: [JSON] = [["title": "in the profile", "properties": ["call": ["not": refused]]]]
        for call in CallReader.shapes {
            var with = value(call.with)
            with["title"] = .string(call.title)
            let test: JSON =
                call.name.map { ["const": .string($0)] } ?? ["not": ["enum": .strings(CallReader.builtIn)]]
            var then: JSONObject = ["title": .string(call.title), "properties": ["with": .object(with)]]
            if call.needsWith { then["required"] = ["with"] }
            cases.append(["if": ["properties": ["call": test], "required": ["call"]], "then": .object(then)])
        }
        return cases
    }

    /// The schema of a form's element, whose type decides what `attributes` and `validations` hold.
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
