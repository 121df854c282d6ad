import TFExpression

/// Validates by the few keywords of draft 7 that our schemas use; an unknown keyword is an error of the schema.
struct SchemaValidator {
    let root: JSON

    func errors(in value: JSON) -> [String] { errors(value, root, at: "") }

    private func errors(_ value: JSON, _ schema: JSON, at path: String) -> [String] {
        guard let keywords = schema.objectValue else {
            return schema == false ? ["\(path): nothing may be here"] : []
        }
        return keywords.flatMap { check(keyword: $0, of: keywords, value, at: path) }
    }

    private func check(
        keyword: (key: String, value: JSON), of schema: JSONObject, _ value: JSON, at path: String
    ) -> [String] {
        let rule = keyword.value
        switch keyword.key {
        case "$schema", "title", "description", "definitions", "examples", "default", "then": return []
        case "$ref":
            let name = rule.stringValue?.split(separator: "/").last.map(String.init) ?? ""
            return errors(value, root["definitions"][name], at: path)
        case "type":
            let names = rule.arrayValue?.compactMap(\.stringValue) ?? [rule.stringValue ?? ""]
            return names.contains { value.isOf(type: $0) } ? [] : ["\(path): not \(names)"]
        case "enum": return rule.arrayValue?.contains(value) == true ? [] : ["\(path): not one of \(rule.text)"]
        case "properties":
            return (rule.objectValue ?? [:]).flatMap { name, inner in
                value.objectValue?[name].map { errors($0, inner, at: "\(path)/\(name)") } ?? []
            }
        case "additionalProperties":
            let known = schema["properties"]?.objectValue ?? [:]
            return (value.objectValue ?? [:]).filter { known[$0.key] == nil }
                .flatMap { errors($0.value, rule, at: "\(path)/\($0.key)") }
        case "required":
            guard let object = value.objectValue else { return [] }
            return (rule.arrayValue ?? []).compactMap(\.stringValue).filter { object[$0] == nil }
                .map { "\(path): needs \($0)" }
        case "const": return rule == value ? [] : ["\(path): not \(rule.text)"]
        case "not": return errors(value, rule, at: path).isEmpty ? ["\(path): may not be \(rule.text)"] : []
        case "items":
            return (value.arrayValue ?? []).enumerated().flatMap { errors($1, rule, at: "\(path)/\($0)") }
        case "anyOf":
            let all = (rule.arrayValue ?? []).map { errors(value, $0, at: path) }
            return all.contains(where: \.isEmpty) ? [] : all.joined() + ["\(path): none of the forms"]
        case "allOf": return (rule.arrayValue ?? []).flatMap { errors(value, $0, at: path) }
        case "if": return errors(value, rule, at: path).isEmpty ? errors(value, schema["then"] ?? true, at: path) : []
        case "minItems": return value.arrayValue.map { $0.count >= 1 } ?? true ? [] : ["\(path): empty"]
        case "minProperties", "maxProperties":
            return value.objectValue.map { $0.count == 1 } ?? true ? [] : ["\(path): not one member"]
        case "minimum": return value.doubleValue.map { $0 >= 0 } ?? true ? [] : ["\(path): below 0"]
        case "pattern":
            guard let text = value.stringValue, let pattern = try? Pattern(rule.stringValue ?? "") else { return [] }
            return pattern.firstMatch(in: Array(text.utf8), from: 0) == nil ? ["\(path): not \(rule.text)"] : []
        default: return ["\(path): the schema uses \"\(keyword.key)\""]
        }
    }
}

extension JSON {
    fileprivate func isOf(type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number: type == "number" || (type == "integer" && doubleValue.map { $0 == $0.rounded() } == true)
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
