import TFExpression

/// Dropdowns, radios and checkboxes.
extension FormReader {
    func choice(
        _ type: ElementType, _ attributes: Fields, _ validations: Fields?, _ values: LiteralValues,
        _ diagnostics: inout Diagnostics
    ) -> FormElement.Kind? {
        guard let nodes = options(attributes, validations, &diagnostics) else { return nil }
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
        let counts = bounds("min_selected", "max_selected", validations, &diagnostics)
        let isMultiple = attributes.flag("multiple", &diagnostics) ?? false
        let allowsOther = attributes.flag("other", &diagnostics) ?? false
        if !isMultiple, !attributes.isMisspelt(["multiple"]) {
            for key in ["min_selected", "max_selected"] {
                guard let validations, validations.value(key) != nil else { continue }
                diagnostics.warning(
                    "\"\(key)\" has no effect without \"multiple: true\"", at: validations.keyPosition(key))
            }
        } else if !allowsOther {
            checkFewest(counts.minimum, of: options.count, nodes, validations, &diagnostics)
        }
        return .choice(
            ChoiceField(
                options: options, isMultiple: isMultiple, isRadio: type == .radio,
                initial: initialOptions(options, isMultiple: isMultiple, values, &diagnostics),
                allowsOther: allowsOther,
                minimumSelected: counts.minimum, maximumSelected: counts.maximum))
    }

    /// Checks that there are as many options as must be chosen. Those that were refused count too.
    private func checkFewest(
        _ minimum: Int?, of count: Int, _ nodes: [YAMLNode], _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) {
        guard let minimum, let validations, !nodes.isEmpty, count == nodes.count, minimum > count else { return }
        diagnostics.error(
            "\"min_selected\" is above the number of options, \(count)", at: validations.position("min_selected"))
    }

    private func option(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ChoiceField.Option? {
        if case .scalar(let text, _) = node.content {
            guard text.contains(where: { !$0.isWhitespace }) else {
                diagnostics.error("an option must not be empty", at: node.position)
                return nil
            }
            return ChoiceField.Option(value: text.foldingLineEnds, label: text, description: nil)
        }
        guard let fields = Fields(node, ElementType.choiceOption, &diagnostics) else { return nil }
        let label = fields.text("label", &diagnostics)
        guard let value = fields.text("value", &diagnostics) ?? label else {
            fields.need("value", of: "an option", &diagnostics)
            return nil
        }
        if !fields.has("value") {
            diagnostics.warning("an option needs no \"label:\"; write its text alone", at: node.position)
        }
        return ChoiceField.Option(
            value: value.foldingLineEnds, label: label ?? value,
            description: fields.text("description", &diagnostics))
    }

    /// `default`: an option's index, as on GitHub, or its value; where several may be chosen, also a list of them.
    private func initialOptions(
        _ options: [ChoiceField.Option], isMultiple: Bool, _ values: LiteralValues, _ diagnostics: inout Diagnostics
    ) -> [String] {
        guard let node = values.node("default") else { return [] }
        var nodes = [node]
        if isMultiple, case .sequence(let elements) = node.content { nodes = elements }
        var initial: [String] = []
        for node in nodes {
            guard let value = initialOption(node, options, &diagnostics), !initial.contains(value) else { continue }
            initial.append(value)
        }
        return initial
    }

    private func initialOption(
        _ node: YAMLNode, _ options: [ChoiceField.Option], _ diagnostics: inout Diagnostics
    ) -> String? {
        guard case .scalar(let written, _) = node.content else {
            diagnostics.error("\"default\" must be text, not \(node.kindDescription)", at: node.position)
            return nil
        }
        let text = written.foldingLineEnds
        if let option = options.first(where: { $0.value == text }) { return option.value }
        if let index = Int(text), options.indices.contains(index) { return options[index].value }
        diagnostics.error(
            "\"default\" must be one of the options or an index from 0 to \(max(0, options.count - 1))",
            at: node.position, suggestion: nearestName(to: text, among: options.map(\.value)))
        return nil
    }

    func checkboxes(
        _ attributes: Fields, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> FormElement.Kind? {
        guard let nodes = options(attributes, validations, &diagnostics) else { return nil }
        var options: [CheckboxesField.Option] = []
        for node in nodes {
            guard let fields = Fields(node, ElementType.boxOption, &diagnostics),
                let label = fields.requiredText("label", of: "an option of checkboxes", &diagnostics)
            else { continue }
            let value = (fields.text("value", &diagnostics) ?? label).foldingLineEnds
            if options.contains(where: { $0.label == label }) {
                diagnostics.error("the option \"\(label)\" stands twice", at: fields.position("label"))
            } else if options.contains(where: { $0.value == value }) {
                diagnostics.error("the value \"\(value)\" stands twice", at: fields.position("value"))
            }
            options.append(
                CheckboxesField.Option(
                    value: value, label: label, isRequired: fields.flag("required", &diagnostics) ?? false))
        }
        let counts = bounds("min_selected", "max_selected", validations, &diagnostics)
        checkFewest(counts.minimum, of: options.count, nodes, validations, &diagnostics)
        let required = options.count(where: \.isRequired)
        if let most = counts.maximum, let validations, most < required {
            diagnostics.error(
                "\"max_selected\" is below the number of options that must be ticked, \(required)",
                at: validations.position("max_selected"))
        }
        return .checkboxes(
            CheckboxesField(options: options, minimumSelected: counts.minimum, maximumSelected: counts.maximum))
    }

    private func options(
        _ attributes: Fields, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> [YAMLNode]? {
        guard let nodes = attributes.list("options", &diagnostics) else {
            if attributes.value("options") == nil, !attributes.isMisspelt(["options"]) {
                diagnostics.error(
                    "\"options\" must list at least one option",
                    at: attributes.has("options") ? attributes.keyPosition("options") : attributes.node.position)
            }
            return nil
        }
        let position = attributes.position("options")
        if nodes.isEmpty {
            // Live files have it; nobody could ever answer where an answer is required.
            if validations?.node("required")?.json == true {
                diagnostics.error("\"options\" is empty, so that this required field cannot be filled in", at: position)
            } else {
                diagnostics.warning("\"options\" is empty; there is nothing to choose", at: position)
            }
        } else if nodes.count > Form.maximumOptions {
            diagnostics.error(
                "\"options\" must list 1 to \(Form.maximumOptions) options, not \(nodes.count)", at: position)
        }
        return Array(nodes.prefix(Form.maximumOptions))
    }
}
