import TFExpression

/// One entry of a form's `body`: a field, or text between fields.
package struct FormElement: Sendable, Hashable, Codable {
    /// Where the answer is kept and posted; nil for elements that ask nothing.
    package let id: String?
    package let label: String
    /// The hint under the label, as Markdown.
    package let description: String?
    package let isRequired: Bool
    /// Asked for only with these outcomes of a task.
    package let requiredFor: [String]
    package let kind: Kind

    package indirect enum Kind: Sendable, Hashable, Codable {
        case markdown(String)
        case section
        case text(TextField)
        case number(NumberField)
        case date(DateField)
        case choice(ChoiceField)
        case checkboxes(CheckboxesField)
        case checkbox(value: Bool)
    }

    /// The field's name, for elements that are fields.
    package var field: (id: String, element: FormElement)? { id.map { ($0, self) } }

    /// What the field asks for before anybody typed: `value` and `default` of the definition.
    package var initialValue: JSON {
        switch kind {
        case .markdown, .section: .null
        case .text(let field): .optional(field.value)
        case .number(let field): field.value.map { .double($0) } ?? .null
        case .date(let field): .optional(field.value)
        case .choice(let field): .optional(field.initial)
        case .checkboxes: []
        case .checkbox(let value): .bool(value)
        }
    }
}

package struct TextField: Sendable, Hashable, Codable {
    package enum Style: String, Sendable, Hashable, Codable {
        case line = "input"
        case area = "textarea"
        case email
        case url
        case tel
    }

    package let style: Style
    package let placeholder: String?
    package let value: String?
    /// The language that a textarea's answer is shown in, as GitHub has it.
    package let render: String?
    package let minimumLength: Int?
    package let maximumLength: Int?
}

package struct NumberField: Sendable, Hashable, Codable {
    package let value: Double?
    package let minimum: Double?
    package let maximum: Double?
    package let step: Double?
    package let unit: String?
}

package struct DateField: Sendable, Hashable, Codable {
    package let value: String?
    package let notBefore: DateBound?
    package let notAfter: DateBound?
}

package struct ChoiceField: Sendable, Hashable, Codable {
    package let options: [Option]
    package let isMultiple: Bool
    /// Radios instead of a list.
    package let isRadio: Bool
    /// The option chosen at first.
    package let initial: String?
    package let minimumSelected: Int?
    package let maximumSelected: Int?

    package struct Option: Sendable, Hashable, Codable {
        package let value: String
        package let label: String
        package let description: String?
    }
}

package struct CheckboxesField: Sendable, Hashable, Codable {
    package let options: [Option]

    package struct Option: Sendable, Hashable, Codable {
        package let value: String
        package let label: String
        package let isRequired: Bool
    }
}

/// A form: its elements in the order in which they are shown.
package struct Form: Sendable, Hashable, Codable {
    package static let maximumElements = 100
    package static let maximumOptions = 500

    package let elements: [FormElement]

    package init(elements: [FormElement]) { self.elements = elements }

    /// The elements that ask for something.
    package var fields: [(id: String, element: FormElement)] { elements.compactMap(\.field) }

    package func field(_ id: String) -> FormElement? { elements.first { $0.id == id } }

    /// The answers before anybody typed.
    package var initialAnswers: JSONObject {
        var answers = JSONObject()
        for (id, element) in fields where element.initialValue != .null { answers[id] = element.initialValue }
        return answers
    }
}
