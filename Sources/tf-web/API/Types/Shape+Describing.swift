import TFExpression

extension Shape {
    static var loginPattern: String {
        guard case .text(let rule) = login else { return "" }
        return rule.pattern ?? ""
    }

    /// The shape as JSON Schema.
    /// - Parameter components: receives every named shape inside.
    func schema(_ components: inout JSONObject) -> JSON {
        switch self {
        case .any: return [:]
        case .flag: return ["type": "boolean"]
        case .choice(let words): return ["type": "string", "enum": .strings(words)]
        case .integer(let range):
            var members: JSONObject = ["type": "integer", "minimum": .int(range.lowerBound)]
            if range.upperBound != .max { members["maximum"] = .int(range.upperBound) }
            return .object(members)
        case .text(let rule): return rule.schema
        case .list(let element, let most):
            var members: JSONObject = ["type": "array", "items": element.schema(&components)]
            if let most { members["maxItems"] = .int(most) }
            return .object(members)
        case .map(let element):
            return ["type": "object", "additionalProperties": element.schema(&components)]
        case .orNull(let shape): return ["anyOf": [shape.schema(&components), ["type": "null"]]]
        case .either(let shapes): return ["anyOf": .array(shapes.map { $0.schema(&components) })]
        case .named(let name, let shape):
            if components[name] == nil {
                components[name] = .null
                components[name] = shape.schema(&components)
            }
            return ["$ref": .string("#/components/schemas/\(name)")]
        case .object(let members): return Self.schema(members, others: false, &components)
        case .open(let members, let others):
            return Self.schema(members, others: others.schema(&components), &components)
        }
    }

    private static func schema(_ members: [Member], others: JSON, _ components: inout JSONObject) -> JSON {
        var properties: JSONObject = [:]
        for member in members {
            var schema = member.shape.schema(&components).objectValue ?? [:]
            if let help = member.help { schema["description"] = .string(help) }
            properties[member.name] = .object(schema)
        }
        let required = members.filter(\.isRequired).map(\.name)
        var schema: JSONObject = [
            "type": "object", "properties": .object(properties), "additionalProperties": others,
        ]
        if !required.isEmpty { schema["required"] = .strings(required) }
        return .object(schema)
    }
}

extension Shape.TextRule {
    fileprivate var schema: JSON {
        var members: JSONObject = ["type": "string"]
        if shortest > 0 { members["minLength"] = .int(shortest) }
        if let limit { members["maxLength"] = .int(limit.characters) }
        if let format { members["format"] = .string(format) }
        if let pattern { members["pattern"] = .string(pattern) }
        return .object(members)
    }
}
