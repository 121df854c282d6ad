import TFExpression

extension Form {
    /// The answers as a JSON Schema (2020-12), for programs that submit.
    ///
    /// A field with a condition is never `required` here; `x-visible-if` tells the condition in words.
    package var jsonSchema: JSON {
        var properties = JSONObject()
        for (id, element) in fields {
            var schema = element.jsonSchema
            if let rule = element.visibleIf { schema["x-visible-if"] = .string(rule.words(self)) }
            properties[id] = .object(schema)
        }
        let required = fields.filter { $0.element.isRequired && $0.element.visibleIf == nil }.map(\.id)
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": .object(properties),
            "required": .strings(required),
            "additionalProperties": false,
        ]
    }
}

extension FormElement {
    fileprivate var jsonSchema: JSONObject {
        var schema: JSONObject = ["title": .string(label)]
        if let description { schema["description"] = .string(description) }
        switch kind {
        case .markdown, .section: break
        case .text(let field):
            schema["type"] = "string"
            schema["minLength"] = (field.minimumLength ?? (isRequired ? 1 : nil)).map { .int($0) }
            schema["maxLength"] = field.maximumLength.map { .int($0) }
            schema["pattern"] = field.pattern.map { .string("^(?:\($0.pattern.source))$") }
            if field.style == .email { schema["format"] = "email" }
            if field.style == .url { schema["format"] = "uri" }
        case .number(let field):
            schema["type"] = "number"
            schema["minimum"] = field.minimum.map { .double($0) }
            schema["maximum"] = field.maximum.map { .double($0) }
            // "multipleOf" counts from 0, our steps from the minimum.
            if (field.minimum ?? 0) == 0 { schema["multipleOf"] = field.step.map { .double($0) } }
        case .date: schema.merge(["type": "string", "format": "date"]) { $1 }
        case .time: schema.merge(["type": "string", "pattern": "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"]) { $1 }
        case .datetime: schema.merge(["type": "string", "format": "date-time"]) { $1 }
        case .choice(let field): choice(field, &schema)
        case .checkboxes(let field):
            list(
                of: ["enum": .strings(field.options.map(\.value))], field.minimumSelected, field.maximumSelected,
                &schema)
        case .checkbox: schema["type"] = "boolean"
        case .user(let field):
            let login: JSON = ["type": "string"]
            if field.isMultiple {
                list(of: login, isRequired ? 1 : nil, nil, &schema)
            } else {
                schema["type"] = "string"
            }
            schema["x-role"] = field.role.map { .string($0) }
        case .upload(let field):
            list(of: ["type": "string"], isRequired ? 1 : nil, field.maximumFiles, &schema)
            schema["x-accept"] = field.accept.isEmpty ? nil : .strings(field.accept)
            schema["x-max-bytes"] = .int(field.maximumBytes)
        }
        return schema
    }

    private func choice(_ field: ChoiceField, _ schema: inout JSONObject) {
        let values = JSON.strings(field.options.map(\.value))
        let option: JSON =
            field.allowsOther ? ["anyOf": [["enum": values], ["type": "string", "maxLength": 200]]] : ["enum": values]
        if field.isMultiple {
            list(of: option, field.minimumSelected, field.maximumSelected, &schema)
        } else {
            for (name, value) in option.objectValue ?? [:] { schema[name] = value }
        }
    }

    private func list(of items: JSON, _ minimum: Int?, _ maximum: Int?, _ schema: inout JSONObject) {
        schema["type"] = "array"
        schema["items"] = items
        schema["uniqueItems"] = true
        schema["minItems"] = minimum.map { .int($0) }
        schema["maxItems"] = maximum.map { .int($0) }
    }
}
