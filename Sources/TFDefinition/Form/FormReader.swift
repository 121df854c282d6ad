import TFExpression

extension Form {
    /// Ids that a task's output uses itself.
    static let reservedTaskIDs: Set<String> = ["outcome", "by", "at", "visit"]

    /// Reads a `body` list by GitHub's rules and ours.
    static func read(_ nodes: [YAMLNode], at position: Position, inTask: Bool, _ reader: inout DefinitionReader) -> Form
    {
        if nodes.isEmpty { reader.diagnostics.error("\"body\" must hold at least one element", at: position) }
        if nodes.count > maximumElements {
            reader.diagnostics.error("\"body\" holds \(nodes.count) elements; at most \(maximumElements)", at: position)
        }
        var form = FormReader(inTask: inTask)
        let elements = nodes.prefix(maximumElements).compactMap { form.element($0, &reader) }
        if !nodes.isEmpty, elements.count == nodes.count, !elements.contains(where: { $0.id != nil }), !inTask {
            reader.diagnostics.error("\"body\" must hold a field, not only markdown", at: position)
        }
        return Form(elements: elements)
    }
}

/// Reads elements one after the other and remembers what came before.
struct FormReader {
    let inTask: Bool
    /// The fields so far, for conditions of later ones.
    private(set) var earlier: [FormElement] = []
    /// Instructions of all patterns so far: compiling them takes time by these.
    var patternSize = 0
    static let maximumPatternSize = 120_000

    private var ids: Set<String> = []
    private var labels: Set<String> = []

    init(inTask: Bool) { self.inTask = inTask }

    mutating func element(_ node: YAMLNode, _ reader: inout DefinitionReader) -> FormElement? {
        guard let fields = Fields(node, FormElement.keys, &reader.diagnostics) else { return nil }
        let element = element(fields, &reader)
        if let element {
            earlier.append(element)
        } else if case .scalar(let id, _)? = fields.value("id")?.content {
            reader.refusedFields.insert(id)
        }
        return element
    }

    private mutating func element(_ fields: Fields, _ reader: inout DefinitionReader) -> FormElement? {
        guard let type = type(fields, &reader.diagnostics) else { return nil }
        guard let attributesNode = fields.value("attributes") else {
            fields.need("attributes", of: type.phrase, &reader.diagnostics)
            return nil
        }
        guard let attributes = Fields(attributesNode, type.attributes, &reader.diagnostics) else { return nil }
        let validations = fields.value("validations").flatMap { Fields($0, type.validations, &reader.diagnostics) }
        return element(type, fields, attributes, validations, &reader)
    }

    private func type(_ fields: Fields, _ diagnostics: inout Diagnostics) -> ElementType? {
        guard let text = fields.requiredText("type", of: "an element", &diagnostics) else { return nil }
        if let type = ElementType(name: text) { return type }
        let names = ElementType.allCases.map(\.rawValue)
        diagnostics.error(
            "\"type\" cannot be \"\(text)\"; it is one of \(names.joined(separator: ", "))",
            at: fields.position("type"),
            suggestion: ElementType.meant(by: text))
        return nil
    }

    private mutating func element(
        _ type: ElementType, _ fields: Fields, _ attributes: Fields, _ validations: Fields?,
        _ reader: inout DefinitionReader
    ) -> FormElement? {
        let what = type.phrase
        let rule = VisibilityRule.read(fields, earlier: earlier, inTask: inTask, &reader)
        if type == .markdown {
            guard let text = attributes.requiredText("value", of: what, &reader.diagnostics) else { return nil }
            attributes.warnOfShownExpressions(["value"], &reader.diagnostics)
            if fields.has("id") {
                reader.diagnostics.warning("a markdown element has no \"id\"", at: fields.keyPosition("id"))
            }
            return FormElement(
                id: nil, label: "", description: nil, isRequired: false, requiredFor: [], kind: .markdown(text),
                visibleIf: rule, audience: [], prefill: nil)
        }
        guard let label = attributes.requiredText("label", of: what, &reader.diagnostics) else { return nil }
        if type != .section, !labels.insert(label).inserted {
            reader.diagnostics.error(
                "the label \"\(label)\" stands twice in this form", at: attributes.position("label"))
        }
        let id = type == .section ? nil : identifier(fields, label: label, attributes, &reader.diagnostics)
        let required = validations?.flag("required", &reader.diagnostics) ?? false
        let requiredFor = validations?.texts("required_for", &reader.diagnostics) ?? []
        if let first = requiredFor.first {
            if inTask {
                for outcome in requiredFor { reader.outcomes.append((outcome.text, label, outcome.position)) }
            } else {
                reader.diagnostics.error("\"required_for\" belongs in task forms", at: first.position)
            }
        }
        attributes.warnOfShownExpressions(["label", "description", "placeholder", "unit"], &reader.diagnostics)
        let isComputed = computes(type, attributes, &reader.diagnostics)
        let prefill = inTask ? prefill(attributes, &reader) : nil
        guard let kind = kind(type, attributes, validations, isComputed: isComputed, &reader) else { return nil }
        return FormElement(
            id: id, label: label, description: attributes.text("description", &reader.diagnostics),
            isRequired: required, requiredFor: requiredFor.map(\.text), kind: kind, visibleIf: rule,
            audience: audience(fields, &reader), prefill: prefill)
    }

    private mutating func identifier(
        _ fields: Fields, label: String, _ attributes: Fields, _ diagnostics: inout Diagnostics
    ) -> String? {
        let written = fields.text("id", &diagnostics)
        let id = written ?? Slug.id(ofLabel: label)
        let position = written == nil ? attributes.position("label") : fields.position("id")
        let isValid =
            !id.isEmpty && id.utf8.count <= Slug.longestID
            && id.utf8.allSatisfy { byte in
                let scalar = Character(Unicode.Scalar(byte))
                return scalar.isASCII && (scalar.isLetter || scalar.isNumber) || byte == 0x2D || byte == 0x5F
            }
        if !isValid {
            diagnostics.error("\"id\" may hold letters, digits, - and _ only", at: position)
        } else if !ids.insert(id).inserted {
            let remedy = written == nil ? "; write an \"id\" beside this label" : ""
            diagnostics.error("the id \"\(id)\" stands twice in this form\(remedy)", at: position)
        } else if inTask, Form.reservedTaskIDs.contains(id) {
            diagnostics.error(
                "the id \"\(id)\" is the name of a part of every task's output; choose another", at: position)
        }
        return id
    }

    /// `value` or `default` of a task's field, where it is one whole `${ }`.
    private func prefill(_ attributes: Fields, _ reader: inout DefinitionReader) -> Expression? {
        for key in ["value", "default"] {
            guard let node = attributes.value(key), case .scalar(let text, _) = node.content,
                Expression.unwrapped(text) != nil
            else { continue }
            let expression = node.expression(text, variables: WorkflowDefinition.variables, &reader.diagnostics)
            if let expression { reader.refer(to: expression, at: node.position) }
            return expression
        }
        return nil
    }

    private func audience(_ fields: Fields, _ reader: inout DefinitionReader) -> [String] {
        let names = fields.texts("audience", &reader.diagnostics)
        for name in names where name.text != "ticket_admin" {
            AssignmentRule.refer(toRole: name.text, at: name.position, &reader)
        }
        return names.map(\.text)
    }
}
