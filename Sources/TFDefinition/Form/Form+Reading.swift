import TFExpression

/// Which keys an element's `attributes` and `validations` may have: the table that the checker and the readers share.
private enum ElementType: String, CaseIterable {
    case markdown
    case section
    case input
    case textarea
    case email
    case url
    case tel
    case number
    case date
    case dropdown
    case radio
    case checkboxes
    case checkbox

    /// For messages: "an input element".
    var phrase: String { "\(rawValue.hasPrefix("i") || rawValue.hasPrefix("e") ? "an" : "a") \(rawValue) element" }

    var attributes: [String] {
        switch self {
        case .markdown: ["value"]
        case .section: ["label", "description"]
        case .input, .email, .url, .tel: ["label", "description", "placeholder", "value"]
        case .textarea: ["label", "description", "placeholder", "value", "render"]
        case .number: ["label", "description", "value", "step", "unit"]
        case .date: ["label", "description", "value"]
        case .dropdown: ["label", "description", "options", "default", "multiple"]
        case .radio: ["label", "description", "options", "default"]
        case .checkboxes: ["label", "description", "options"]
        case .checkbox: ["label", "description", "value"]
        }
    }

    var validations: [String] {
        switch self {
        case .markdown, .section: ["required"]
        case .input, .textarea, .email, .url, .tel: ["required", "required_for", "min_length", "max_length"]
        case .number: ["required", "required_for", "min", "max", "step"]
        case .date: ["required", "required_for", "not_before", "not_after"]
        case .dropdown: ["required", "required_for", "min_selected", "max_selected"]
        case .radio, .checkboxes, .checkbox: ["required", "required_for"]
        }
    }
}

extension Form {
    /// Ids that a task's output uses itself.
    static let reservedTaskIDs: Set<String> = ["outcome", "by", "at", "visit"]

    /// Reads a `body` list by GitHub's rules and ours.
    static func read(_ nodes: [YAMLNode], at position: Position, inTask: Bool, _ diagnostics: inout Diagnostics) -> Form
    {
        if nodes.isEmpty { diagnostics.error("\"body\" must hold at least one element", at: position) }
        if nodes.count > maximumElements {
            diagnostics.error("\"body\" holds \(nodes.count) elements; at most \(maximumElements)", at: position)
        }
        var reader = FormReader(inTask: inTask)
        let elements = nodes.prefix(maximumElements).compactMap { reader.element($0, &diagnostics) }
        if !nodes.isEmpty, elements.count == nodes.count, !elements.contains(where: { $0.id != nil }), !inTask {
            diagnostics.error("\"body\" must hold a field, not only markdown", at: position)
        }
        return Form(elements: elements)
    }
}

/// Reads elements one after the other and remembers the ids and labels seen.
private struct FormReader {
    let inTask: Bool
    private var ids: Set<String> = []
    private var labels: Set<String> = []

    init(inTask: Bool) { self.inTask = inTask }

    mutating func element(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> FormElement? {
        let keys = ["type", "id", "attributes", "validations", "visible"]
        guard let fields = Fields(node, "an element", known: keys, &diagnostics) else { return nil }
        if fields.has("visible") {
            diagnostics.warning("\"visible\" has no effect here", at: fields.keyPosition("visible"))
        }
        guard fields.requiredText("type", of: "an element", &diagnostics) != nil,
            let type = fields.choice("type", ElementType.self, &diagnostics)
        else { return nil }
        guard let attributesNode = fields.value("attributes") else {
            diagnostics.error("\(type.phrase) needs \"attributes\"", at: node.position)
            return nil
        }
        let what = type.phrase
        guard
            let attributes = Fields(
                attributesNode, "\"attributes\" of \(what)", known: type.attributes, &diagnostics)
        else { return nil }
        let validations = fields.value("validations").flatMap {
            Fields($0, "\"validations\" of \(what)", known: type.validations, &diagnostics)
        }
        return element(type, fields, attributes, validations, &diagnostics)
    }

    private mutating func element(
        _ type: ElementType, _ fields: Fields, _ attributes: Fields, _ validations: Fields?,
        _ diagnostics: inout Diagnostics
    ) -> FormElement? {
        let what = type.phrase
        if type == .markdown {
            guard let text = attributes.requiredText("value", of: what, &diagnostics) else { return nil }
            if fields.has("id") {
                diagnostics.warning("a markdown element has no \"id\"", at: fields.keyPosition("id"))
            }
            return FormElement(
                id: nil, label: "", description: nil, isRequired: false, requiredFor: [], kind: .markdown(text))
        }
        guard let label = attributes.requiredText("label", of: what, &diagnostics) else { return nil }
        if type != .section, !labels.insert(label).inserted {
            diagnostics.error("the label \"\(label)\" stands twice in this form", at: attributes.position("label"))
        }
        let id = type == .section ? nil : identifier(fields, label: label, attributes, &diagnostics)
        let required = validations?.flag("required", &diagnostics) ?? false
        let requiredFor = validations?.texts("required_for", &diagnostics) ?? []
        if !requiredFor.isEmpty, !inTask {
            diagnostics.error(
                "\"required_for\" belongs in task forms", at: validations?.keyPosition("required_for") ?? .start)
        }
        guard let kind = kind(type, attributes, validations, &diagnostics) else { return nil }
        return FormElement(
            id: id, label: label, description: attributes.text("description", &diagnostics),
            isRequired: required, requiredFor: requiredFor.map(\.text), kind: kind)
    }

    private mutating func identifier(
        _ fields: Fields, label: String, _ attributes: Fields, _ diagnostics: inout Diagnostics
    ) -> String? {
        let written = fields.text("id", &diagnostics)
        let id = written ?? Slug.make(label, separator: "_")
        let position = written == nil ? attributes.position("label") : fields.position("id")
        let isValid =
            !id.isEmpty && id.utf8.count <= 100
            && id.utf8.allSatisfy { byte in
                let scalar = Character(Unicode.Scalar(byte))
                return scalar.isASCII && (scalar.isLetter || scalar.isNumber) || byte == 0x2D || byte == 0x5F
            }
        if !isValid {
            diagnostics.error(
                written == nil
                    ? "the label \"\(label)\" gives no id; write one" : "\"id\" may hold letters, digits, - and _ only",
                at: position)
        } else if !ids.insert(id).inserted {
            diagnostics.error("the id \"\(id)\" stands twice in this form", at: position)
        } else if inTask, Form.reservedTaskIDs.contains(id) {
            diagnostics.error(
                "the id \"\(id)\" is the name of a part of every task's output; choose another", at: position)
        }
        return id
    }

    private func kind(
        _ type: ElementType, _ attributes: Fields, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> FormElement.Kind? {
        switch type {
        case .markdown, .section: return .section
        case .input: return .text(text(.line, attributes, validations, &diagnostics))
        case .textarea: return .text(text(.area, attributes, validations, &diagnostics))
        case .email: return .text(text(.email, attributes, validations, &diagnostics))
        case .url: return .text(text(.url, attributes, validations, &diagnostics))
        case .tel: return .text(text(.tel, attributes, validations, &diagnostics))
        case .number:
            return .number(
                NumberField(
                    value: attributes.number("value", &diagnostics), minimum: validations?.number("min", &diagnostics),
                    maximum: validations?.number("max", &diagnostics),
                    step: attributes.number("step", &diagnostics) ?? validations?.number("step", &diagnostics),
                    unit: attributes.text("unit", &diagnostics)))
        case .date: return .date(date(attributes, validations, &diagnostics))
        case .dropdown, .radio: return choice(type, attributes, validations, &diagnostics)
        case .checkboxes: return checkboxes(attributes, &diagnostics)
        case .checkbox: return .checkbox(value: attributes.flag("value", &diagnostics) ?? false)
        }
    }

    private func text(
        _ style: TextField.Style, _ attributes: Fields, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> TextField {
        TextField(
            style: style, placeholder: attributes.text("placeholder", &diagnostics),
            value: attributes.text("value", &diagnostics), render: attributes.text("render", &diagnostics),
            minimumLength: validations?.count("min_length", &diagnostics),
            maximumLength: validations?.count("max_length", &diagnostics))
    }

    private func date(
        _ attributes: Fields, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> DateField {
        let value = attributes.text("value", &diagnostics)
        if let value, CalendarDate(value) == nil {
            diagnostics.error("\"value\" must be a date such as 2026-11-22", at: attributes.position("value"))
        }
        return DateField(
            value: value, notBefore: bound("not_before", validations, &diagnostics),
            notAfter: bound("not_after", validations, &diagnostics))
    }

    private func bound(_ key: String, _ validations: Fields?, _ diagnostics: inout Diagnostics) -> DateBound? {
        guard let text = validations?.text(key, &diagnostics) else { return nil }
        guard let bound = DateBound(text) else {
            diagnostics.error(
                "\"\(key)\" must be a date, today or today+3d, not \"\(text)\"",
                at: validations?.position(key) ?? .start)
            return nil
        }
        return bound
    }

    private func choice(
        _ type: ElementType, _ attributes: Fields, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> FormElement.Kind? {
        guard let nodes = options(attributes, &diagnostics) else { return nil }
        var options: [ChoiceField.Option] = []
        for node in nodes {
            guard let option = option(node, &diagnostics) else { continue }
            if options.contains(where: { $0.value == option.value }) {
                diagnostics.error("the option \"\(option.value)\" stands twice", at: node.position)
            }
            if option.label.lowercased() == "none", type == .dropdown {
                diagnostics.error(
                    "the option \"None\" is reserved: a dropdown that is not required offers it itself",
                    at: node.position)
            }
            options.append(option)
        }
        return .choice(
            ChoiceField(
                options: options, isMultiple: attributes.flag("multiple", &diagnostics) ?? false,
                isRadio: type == .radio, initial: initialOption(options, attributes, &diagnostics),
                minimumSelected: validations?.count("min_selected", &diagnostics),
                maximumSelected: validations?.count("max_selected", &diagnostics)))
    }

    private func option(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ChoiceField.Option? {
        if case .scalar(let text, _) = node.content {
            guard text.contains(where: { !$0.isWhitespace }) else {
                diagnostics.error("an option must not be empty", at: node.position)
                return nil
            }
            return ChoiceField.Option(value: text, label: text, description: nil)
        }
        let known = ["value", "label", "description"]
        guard let fields = Fields(node, "an option", known: known, &diagnostics) else { return nil }
        let label = fields.text("label", &diagnostics)
        guard let value = fields.text("value", &diagnostics) ?? label else {
            diagnostics.error("an option needs \"value\"", at: node.position)
            return nil
        }
        if !fields.has("value") {
            diagnostics.warning("an option needs no \"label:\"; write its text alone", at: node.position)
        }
        return ChoiceField.Option(
            value: value, label: label ?? value, description: fields.text("description", &diagnostics))
    }

    /// `default`: an option's index, as on GitHub, or its value.
    private func initialOption(
        _ options: [ChoiceField.Option], _ attributes: Fields, _ diagnostics: inout Diagnostics
    ) -> String? {
        guard let text = attributes.text("default", &diagnostics) else { return nil }
        if let option = options.first(where: { $0.value == text }) { return option.value }
        if let index = Int(text), options.indices.contains(index) { return options[index].value }
        diagnostics.error(
            "\"default\" must be one of the options or an index from 0 to \(max(0, options.count - 1))",
            at: attributes.position("default"), suggestion: nearestName(to: text, among: options.map(\.value)))
        return nil
    }

    private func checkboxes(_ attributes: Fields, _ diagnostics: inout Diagnostics) -> FormElement.Kind? {
        guard let nodes = options(attributes, &diagnostics) else { return nil }
        var options: [CheckboxesField.Option] = []
        for node in nodes {
            guard let fields = Fields(node, "an option", known: ["label", "value", "required"], &diagnostics),
                let label = fields.requiredText("label", of: "an option of checkboxes", &diagnostics)
            else { continue }
            if options.contains(where: { $0.label == label }) {
                diagnostics.error("the option \"\(label)\" stands twice", at: fields.position("label"))
            }
            options.append(
                CheckboxesField.Option(
                    value: fields.text("value", &diagnostics) ?? label, label: label,
                    isRequired: fields.flag("required", &diagnostics) ?? false))
        }
        return .checkboxes(CheckboxesField(options: options))
    }

    private func options(_ attributes: Fields, _ diagnostics: inout Diagnostics) -> [YAMLNode]? {
        guard let nodes = attributes.list("options", &diagnostics) else {
            if attributes.value("options") == nil {
                diagnostics.error("\"options\" must list at least one option", at: attributes.node.position)
            }
            return nil
        }
        if nodes.isEmpty || nodes.count > Form.maximumOptions {
            diagnostics.error(
                "\"options\" must list 1 to \(Form.maximumOptions) options, not \(nodes.count)",
                at: attributes.position("options"))
        }
        return nodes
    }
}
