import TFExpression

extension Form {
    /// The answers as a JSON Schema (2020-12), for programs that submit, with what a program needs to draw the form.
    ///
    /// Beyond the schema's own words: options are `const` with `title` and `description`; `x-type` is the element's type;
    /// `x-visible-if` is the condition as a definition has it, `x-visible-if-words` the same for people; `default` is
    /// what stands in the field at first, `x-default` the word for what is known only when it is opened (`today+3d`,
    /// `now`, `me`, `requester`); `x-unit`, `x-multiline`, `x-placeholder`, `x-render`, `x-step`, `x-not-before`,
    /// `x-not-after`, `x-role`, `x-accept`, `x-max-bytes`, `x-other`, `x-audience`, `x-required-for` and
    /// `x-pattern-message` are the definition's. `x-elements` is all that the form shows, in its order. A field with a
    /// condition is never `required` here.
    /// - Parameter prefilled: what a task's expressions gave, by id; they are the defaults then.
    package func jsonSchema(prefilled: JSONObject = [:]) -> JSON {
        var properties = JSONObject()
        for (id, element) in fields {
            var schema = element.jsonSchema
            if let value = prefilled[id], value != .null {
                schema["default"] = value
                schema["x-default"] = nil
            }
            schema.merge(condition(of: element)) { $1 }
            properties[id] = .object(schema)
        }
        let required = fields.filter { $0.element.isAlwaysAnswered && $0.element.visibleIf == nil }.map(\.id)
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": .object(properties),
            "required": .strings(required),
            "additionalProperties": false,
            "x-elements": .array(elements.map(shown)),
        ]
    }

    /// An element's place in the form: a field by its name, what is between fields with its text.
    private func shown(_ element: FormElement) -> JSON {
        if let id = element.id { return ["field": .string(id)] }
        var members: JSONObject = ["type": .string(element.type.rawValue)]
        if case .markdown(let text) = element.kind {
            members["markdown"] = .string(text)
        } else {
            members["title"] = .string(element.label)
            members["description"] = element.description.map { .string($0) }
        }
        members.merge(condition(of: element)) { $1 }
        return .object(members)
    }

    private func condition(of element: FormElement) -> JSONObject {
        guard let rule = element.visibleIf else { return [:] }
        return ["x-visible-if": rule.json, "x-visible-if-words": .string(rule.words(self))]
    }
}

extension VisibilityRule {
    /// As a definition has it: `{"field": "system", "equals": "Payroll"}`, `{"all": [ … ]}`.
    fileprivate var json: JSON {
        switch self {
        case .all(let rules): return ["all": .array(rules.map(\.json))]
        case .any(let rules): return ["any": .array(rules.map(\.json))]
        case .not(let rule): return ["not": rule.json]
        case .test(let subject, let test):
            var members: JSONObject =
                switch subject {
                case .field(let id): ["field": .string(id)]
                case .input(let name): ["input": .string(name)]
                }
            let (name, value) = test.json
            members[name] = value
            return .object(members)
        }
    }
}

extension VisibilityRule.Test {
    fileprivate var json: (name: String, value: JSON) {
        switch self {
        case .equals(let value): ("equals", value)
        case .notEquals(let value): ("not_equals", value)
        case .oneOf(let values): ("in", .array(values))
        case .noneOf(let values): ("not_in", .array(values))
        case .contains(let value): ("contains", value)
        case .isEmpty: ("is_empty", true)
        case .isNotEmpty: ("is_not_empty", true)
        case .greater(let value): ("gt", value)
        case .atLeast(let value): ("gte", value)
        case .less(let value): ("lt", value)
        case .atMost(let value): ("lte", value)
        }
    }
}

extension FormElement {
    /// Whether a form without its answer is refused: boxes also if one of them has to be ticked.
    fileprivate var isAlwaysAnswered: Bool {
        guard !isRequired, case .checkboxes(let field) = kind else { return isRequired }
        return field.options.contains(where: \.isRequired)
    }

    fileprivate var jsonSchema: JSONObject {
        var schema: JSONObject = ["title": .string(label)]
        schema["description"] = description.map { .string($0) }
        schema["x-type"] = .string(type.rawValue)
        schema["x-audience"] = audience.isEmpty ? nil : .strings(audience)
        schema["x-required-for"] = requiredFor.isEmpty ? nil : .strings(requiredFor)
        switch kind {
        case .markdown, .section: break
        case .text(let field): text(field, &schema)
        case .number(let field): number(field, &schema)
        case .date(let field):
            schema.merge(["type": "string", "format": "date"]) { $1 }
            setDefault(field.value?.text, isFixed: field.value?.isFixed == true, &schema)
            setBounds(field.notBefore?.text, field.notAfter?.text, &schema)
        case .time(let field):
            schema.merge(["type": "string", "pattern": "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"]) { $1 }
            setDefault(field.value, isFixed: field.value != InitialWord.now.rawValue, &schema)
            setBounds(field.notBefore?.description, field.notAfter?.description, &schema)
        case .datetime(let field):
            // A local time, in the company's time zone, is taken as well; the format wants one with a zone.
            schema.merge(["type": "string", "format": "date-time"]) { $1 }
            setDefault(field.value, isFixed: field.value != InitialWord.now.rawValue, &schema)
            setBounds(field.notBefore?.text, field.notAfter?.text, &schema)
        case .choice(let field): choice(field, &schema)
        case .checkboxes(let field): boxes(field, &schema)
        case .checkbox(let value):
            schema["type"] = "boolean"
            if isRequired, visibleIf == nil { schema["const"] = true }
            schema["default"] = .bool(value)
        case .user(let field):
            if field.isMultiple {
                list(of: ["type": "string"], isRequired ? 1 : nil, nil, &schema)
            } else {
                schema["type"] = "string"
            }
            schema["x-role"] = field.role.map { .string($0) }
            let people = field.typed(.optional(field.value))
            let isFixed = people.allSatisfy { InitialWord(rawValue: $0) == nil }
            let value: JSON = field.isMultiple ? .strings(people) : .optional(people.first)
            if !people.isEmpty { schema[isFixed ? "default" : "x-default"] = value }
        case .upload(let field):
            list(of: ["type": "string"], isRequired ? 1 : nil, field.maximumFiles, &schema)
            schema["x-accept"] = field.accept.isEmpty ? nil : .strings(field.accept)
            schema["x-max-bytes"] = .int(field.maximumBytes)
        }
        return schema
    }

    private func text(_ field: TextField, _ schema: inout JSONObject) {
        schema["type"] = "string"
        schema["minLength"] = (field.minimumLength ?? (isRequired ? 1 : nil)).map { .int($0) }
        schema["maxLength"] = field.maximumLength.map { .int($0) }
        if let pattern = field.pattern {
            schema["pattern"] = .string("^(?:\(pattern.pattern.source))$")
            schema["x-pattern-message"] = pattern.message.map { .string($0) }
        }
        if field.style == .email { schema["format"] = "email" }
        if field.style == .url { schema["format"] = "uri" }
        if field.style == .area { schema["x-multiline"] = true }
        if field.isNumber { schema["x-is-number"] = true }
        schema["x-placeholder"] = field.placeholder.map { .string($0) }
        schema["x-render"] = field.render.map { .string($0) }
        setDefault(field.value, isFixed: true, &schema)
    }

    private func number(_ field: NumberField, _ schema: inout JSONObject) {
        schema["type"] = "number"
        schema["minimum"] = field.minimum.map { .double($0) }
        schema["maximum"] = field.maximum.map { .double($0) }
        // "multipleOf" counts from 0, our steps from the minimum.
        if (field.minimum ?? 0) == 0 { schema["multipleOf"] = field.step.map { .double($0) } }
        schema["x-step"] = field.step.map { .double($0) }
        schema["x-unit"] = field.unit.map { .string($0) }
        schema["default"] = field.value.map { .double($0) }
    }

    private func choice(_ field: ChoiceField, _ schema: inout JSONObject) {
        let known = Self.options(field.options.map { ($0.value, $0.label, $0.description) })
        let other: JSON = ["type": "string", "maxLength": .int(TextLimit.otherOption.characters)]
        let option: JSON = field.allowsOther ? ["anyOf": [known, other]] : known
        if field.allowsOther { schema["x-other"] = true }
        if field.isMultiple {
            list(of: option, field.minimumSelected ?? (isRequired ? 1 : nil), field.maximumSelected, &schema)
            if !field.initial.isEmpty { schema["default"] = .strings(field.initial) }
        } else {
            schema["type"] = "string"
            schema.merge(option.objectValue ?? [:]) { $1 }
            setDefault(field.initial.first, isFixed: true, &schema)
        }
    }

    private func boxes(_ field: CheckboxesField, _ schema: inout JSONObject) {
        list(
            of: Self.options(field.options.map { ($0.value, $0.label, nil) }),
            field.minimumSelected ?? (isRequired ? 1 : nil), field.maximumSelected, &schema)
        let required = field.options.filter(\.isRequired).map {
            JSON.object(["contains": ["const": .string($0.value)]])
        }
        if !required.isEmpty { schema["allOf"] = .array(required) }
    }

    /// One of some values, each with the words that people read.
    private static func options(_ options: [(value: String, label: String, description: String?)]) -> JSON {
        if options.isEmpty { return ["not": [:]] }
        let choices = options.map { option -> JSON in
            var choice: JSONObject = ["const": .string(option.value), "title": .string(option.label)]
            choice["description"] = option.description.map { .string($0) }
            return .object(choice)
        }
        return ["oneOf": .array(choices)]
    }

    private func list(of items: JSON, _ minimum: Int?, _ maximum: Int?, _ schema: inout JSONObject) {
        schema["type"] = "array"
        schema["items"] = items
        schema["uniqueItems"] = true
        schema["minItems"] = minimum.map { .int($0) }
        schema["maxItems"] = maximum.map { .int($0) }
    }

    /// - Parameter isFixed: false: a word for what is known only when the form is opened.
    private func setDefault(_ value: String?, isFixed: Bool, _ schema: inout JSONObject) {
        guard let value else { return }
        schema[isFixed ? "default" : "x-default"] = .string(value)
    }

    private func setBounds(_ notBefore: String?, _ notAfter: String?, _ schema: inout JSONObject) {
        schema["x-not-before"] = notBefore.map { .string($0) }
        schema["x-not-after"] = notAfter.map { .string($0) }
    }
}
