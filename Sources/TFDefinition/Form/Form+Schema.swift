import TFExpression

extension Form {
    /// The answers as a JSON Schema (2020-12), for programs that submit.
    package var jsonSchema: JSON {
        var properties = JSONObject()
        for (id, element) in fields { properties[id] = element.jsonSchema }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": .object(properties),
            "required": .strings(fields.filter { $0.element.isRequired }.map(\.id)),
            "additionalProperties": false,
        ]
    }
}

extension FormElement {
    fileprivate var jsonSchema: JSON {
        var schema: JSONObject = ["title": .string(label)]
        if let description { schema["description"] = .string(description) }
        switch kind {
        case .markdown, .section: break
        case .text(let field):
            schema["type"] = "string"
            schema["minLength"] = (field.minimumLength ?? (isRequired ? 1 : nil)).map { .int($0) }
            schema["maxLength"] = field.maximumLength.map { .int($0) }
            if field.style == .email { schema["format"] = "email" }
            if field.style == .url { schema["format"] = "uri" }
        case .number(let field):
            schema["type"] = "number"
            schema["minimum"] = field.minimum.map { .double($0) }
            schema["maximum"] = field.maximum.map { .double($0) }
        case .date:
            schema["type"] = "string"
            schema["format"] = "date"
        case .choice(let field):
            let values: JSON = ["enum": .strings(field.options.map(\.value))]
            if field.isMultiple {
                schema["type"] = "array"
                schema["items"] = values
            } else {
                schema["enum"] = values["enum"]
            }
        case .checkboxes(let field):
            schema["type"] = "array"
            schema["items"] = ["enum": .strings(field.options.map(\.value))]
        case .checkbox:
            schema["type"] = "boolean"
        }
        return .object(schema)
    }
}
