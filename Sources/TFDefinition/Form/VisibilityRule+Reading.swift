import TFExpression

extension VisibilityRule {
    /// Reads an element's `visible_if`.
    /// - Parameter earlier: the fields before it, the only ones that it may name.
    static func read(
        _ fields: Fields, earlier: [FormElement], inTask: Bool, _ reader: inout DefinitionReader
    ) -> VisibilityRule? {
        guard let node = fields.value("visible_if") else { return nil }
        return RuleReader(earlier: earlier, refused: reader.refusedFields, inTask: inTask)
            .rule(node, &reader.diagnostics)
    }
}

private struct RuleReader {
    let earlier: [FormElement]
    /// Fields that could not be read; conditions that name them may be right.
    let refused: Set<String>
    let inTask: Bool

    func rule(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> VisibilityRule? {
        if let empty = node.emptyEntry(of: VisibilityRule.keys) {
            // Without it, nothing would be left of the condition, and the field be asked for always.
            diagnostics.error("\"\(empty.key)\" of a condition needs a value", at: empty.keyPosition)
            return nil
        }
        guard let fields = Fields(node, VisibilityRule.keys, what: "a condition", &diagnostics) else { return nil }
        let known = ["all", "any", "not", "field", "input"]
        let starts = known.filter(fields.has)
        guard starts.count == 1, let start = starts.first else {
            if starts.isEmpty, fields.isMisspelt(known) { return nil }
            let hint = starts.isEmpty ? "" : "; this one has \(starts.joined(separator: " and "))"
            diagnostics.error(
                "a condition has one of field, \(inTask ? "input, " : "")all, any and not\(hint)", at: node.position)
            return nil
        }
        switch start {
        case "all": return rules("all", fields, &diagnostics).map(VisibilityRule.all)
        case "any": return rules("any", fields, &diagnostics).map(VisibilityRule.any)
        case "not": return fields.value("not").flatMap { rule($0, &diagnostics) }.map(VisibilityRule.not)
        case "input":
            guard inTask else {
                diagnostics.error("\"input\" belongs in task forms", at: fields.keyPosition("input"))
                return nil
            }
            guard let name = fields.text("input", &diagnostics),
                let test = test(fields, of: nil, &diagnostics)
            else { return nil }
            return .test(.input(name), test)
        default:
            guard let id = fields.text("field", &diagnostics) else { return nil }
            if refused.contains(id) { return nil }
            guard let element = earlier.first(where: { $0.id == id }) else {
                let names = earlier.compactMap(\.id)
                diagnostics.error(
                    "there is no field \"\(id)\" before this one", at: fields.position("field"),
                    suggestion: nearestName(to: id, among: names))
                return nil
            }
            guard let test = test(fields, of: element, &diagnostics) else { return nil }
            return .test(.field(id), test)
        }
    }

    private func rules(
        _ key: String, _ fields: Fields, _ diagnostics: inout Diagnostics
    ) -> [VisibilityRule]? {
        guard let nodes = fields.list(key, &diagnostics) else { return nil }
        if nodes.isEmpty { diagnostics.error("\"\(key)\" must list at least one condition", at: fields.position(key)) }
        return nodes.compactMap { rule($0, &diagnostics) }
    }

    /// - Parameter element: the field that is compared; nil for a member of the input, whose type is not known.
    private func test(
        _ fields: Fields, of element: FormElement?, _ diagnostics: inout Diagnostics
    ) -> VisibilityRule.Test? {
        let keys = VisibilityRule.tests.filter(fields.has)
        guard keys.count == 1, let key = keys.first else {
            if keys.isEmpty, fields.isMisspelt(VisibilityRule.tests) { return nil }
            let hint = keys.isEmpty ? "" : "; this one has \(keys.joined(separator: " and "))"
            diagnostics.error(
                "a condition compares by one of \(VisibilityRule.tests.joined(separator: ", "))\(hint)",
                at: fields.node.position)
            return nil
        }
        switch key {
        case "is_empty": return fields.flag(key, &diagnostics).map { $0 ? .isEmpty : .isNotEmpty }
        case "is_not_empty": return fields.flag(key, &diagnostics).map { $0 ? .isNotEmpty : .isEmpty }
        case "in", "not_in":
            guard let nodes = fields.list(key, &diagnostics) else { return nil }
            if nodes.count > Form.maximumOptions {
                diagnostics.error(
                    "\"\(key)\" lists \(nodes.count) values; at most \(Form.maximumOptions)", at: fields.position(key))
            }
            let values = nodes.prefix(Form.maximumOptions).compactMap { value($0, of: element, &diagnostics) }
            return key == "in" ? .oneOf(values) : .noneOf(values)
        default:
            guard let node = fields.node(key), let value = value(node, of: element, &diagnostics) else { return nil }
            if ["gt", "gte", "lt", "lte"].contains(key), let element, !element.isOrdered {
                diagnostics.error(
                    "\"\(key)\" compares numbers, dates and times; \"\(element.label)\" is \(element.type.phrase)",
                    at: fields.keyPosition(key))
                return nil
            }
            switch key {
            case "equals": return .equals(value)
            case "not_equals": return .notEquals(value)
            case "contains": return .contains(value)
            case "gt": return .greater(value)
            case "gte": return .atLeast(value)
            case "lt": return .less(value)
            default: return .atMost(value)
            }
        }
    }

    /// Reads a compared value by the field's type: `1.10` is a number for a number field, else text.
    private func value(_ node: YAMLNode, of element: FormElement?, _ diagnostics: inout Diagnostics) -> JSON? {
        guard case .scalar(let text, _) = node.content, !node.isNull else {
            diagnostics.error("a condition compares with one value, not \(node.kindDescription)", at: node.position)
            return nil
        }
        guard let element else { return node.json }
        let wrong: String? =
            switch element.kind {
            case .number: Double(text) == nil ? "a number" : nil
            case .date: CalendarDate(text) == nil ? "a date such as 2026-11-22" : nil
            case .time: TimeOfDay(text) == nil ? "a time such as 09:30" : nil
            case .datetime:
                TypedMoment(text, offset: { _ in 0 }) == nil ? "a date and time such as 2026-11-22T09:30:00Z" : nil
            case .checkbox: node.json.boolValue == nil ? "true or false" : nil
            case .markdown, .section, .text, .choice, .checkboxes, .user, .upload: nil
            }
        if let wrong {
            diagnostics.error(
                "\"\(element.label)\" is \(element.type.phrase); it compares with \(wrong), not \"\(text)\"",
                at: node.position)
            return nil
        }
        if let options = element.closedOptions, !options.contains(text) {
            diagnostics.error(
                "\"\(element.label)\" has no option \"\(text)\"; it has \(listed(options))",
                at: node.position, suggestion: nearestName(to: text, among: options))
            return nil
        }
        switch element.kind {
        case .number: return Double(text).map { .double($0) }
        case .checkbox: return node.json
        case .markdown, .section, .text, .date, .time, .datetime, .choice, .checkboxes, .user, .upload:
            return .string(text)
        }
    }
}

extension YAMLNode {
    /// The first of a table's keys that has no value.
    fileprivate func emptyEntry(of table: KeyTable) -> Entry? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.value.isNull && table.names.contains($0.key) }
    }
}

extension FormElement {
    fileprivate var isOrdered: Bool {
        switch kind {
        case .number, .date, .time, .datetime: true
        case .text(let field): field.isNumber
        case .markdown, .section, .choice, .checkboxes, .checkbox, .user, .upload: false
        }
    }

    /// All values that an answer can have, if they are limited.
    fileprivate var closedOptions: [String]? {
        switch kind {
        case .choice(let field): field.allowsOther ? nil : field.options.map(\.value)
        case .checkboxes(let field): field.options.map(\.value)
        case .markdown, .section, .text, .number, .date, .time, .datetime, .checkbox, .user, .upload: nil
        }
    }
}
