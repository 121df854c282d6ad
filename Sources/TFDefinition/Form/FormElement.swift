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
    /// nil: always shown.
    package let visibleIf: VisibilityRule?
    /// Who reads the answer besides the one who gave it: `ticket_admin` and company roles; empty: whoever reads the rest.
    package let audience: [String]
    /// In task bodies: what `value` or `default` computes from the task's input.
    package let prefill: Expression?

    package indirect enum Kind: Sendable, Hashable, Codable {
        case markdown(String)
        case section
        case text(TextField)
        case number(NumberField)
        case date(DateField)
        case time(TimeField)
        case datetime(DateTimeField)
        case choice(ChoiceField)
        case checkboxes(CheckboxesField)
        case checkbox(value: Bool)
        case user(UserField)
        case upload(UploadField)
    }

    /// The field's name, for elements that are fields.
    package var field: (id: String, element: FormElement)? { id.map { ($0, self) } }

    /// Whether its answer is one text.
    var isText: Bool {
        switch kind {
        case .text, .date, .time, .datetime: true
        case .choice(let field): !field.isMultiple
        case .user(let field): !field.isMultiple
        case .markdown, .section, .number, .checkboxes, .checkbox, .upload: false
        }
    }

    /// The element's `type`, as answers keep it.
    package var type: ElementType {
        switch kind {
        case .markdown: .markdown
        case .section: .section
        case .text(let field):
            switch field.style {
            case .line: .input
            case .area: .textarea
            case .email: .email
            case .url: .url
            case .tel: .tel
            }
        case .number: .number
        case .date: .date
        case .time: .time
        case .datetime: .datetime
        case .choice(let field): field.isRadio ? .radio : .dropdown
        case .checkboxes: .checkboxes
        case .checkbox: .checkbox
        case .user: .user
        case .upload: .upload
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
    /// What the whole text must match.
    package let pattern: FieldPattern?
    /// Gitea's `is_number`: the text must be one.
    package let isNumber: Bool
}

/// A pattern with what a person is told when a text does not match it.
package struct FieldPattern: Sendable, Hashable, Codable {
    package let pattern: Pattern
    /// nil: the pattern itself is shown.
    package let message: String?
}

package struct NumberField: Sendable, Hashable, Codable {
    package let value: Double?
    package let minimum: Double?
    package let maximum: Double?
    package let step: Double?
    package let unit: String?
}

package struct DateField: Sendable, Hashable, Codable {
    package let value: DateBound?
    package let notBefore: DateBound?
    package let notAfter: DateBound?
}

package struct TimeField: Sendable, Hashable, Codable {
    /// As it would be typed, or `now`.
    package let value: String?
    package let notBefore: TimeOfDay?
    package let notAfter: TimeOfDay?
}

/// A moment, typed in the company's time zone and kept in UTC; its bounds are days there.
package struct DateTimeField: Sendable, Hashable, Codable {
    /// As it would be typed, or `now`.
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
    /// Any other text may be given instead of an option, or beside several.
    package let allowsOther: Bool
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
    package let minimumSelected: Int?
    package let maximumSelected: Int?

    package struct Option: Sendable, Hashable, Codable {
        package let value: String
        package let label: String
        package let isRequired: Bool
    }
}

/// Members of the company.
package struct UserField: Sendable, Hashable, Codable {
    package let isMultiple: Bool
    /// The company role that they must hold.
    package let role: String?
    /// A login or a name, `me` or `requester`; several with commas between.
    package let value: String?
}

package struct UploadField: Sendable, Hashable, Codable {
    package static let largestBytes = 25 << 20
    package static let mostFiles = 20

    /// Endings such as `.pdf` and media types such as `image/*`; empty: any.
    package let accept: [String]
    package let maximumFiles: Int
    /// Of each file.
    package let maximumBytes: Int

    package init(accept: [String], maximumFiles: Int, maximumBytes: Int) {
        self.accept = accept
        self.maximumFiles = maximumFiles
        self.maximumBytes = maximumBytes
    }

    /// Whether a file's name or media type is one of those accepted.
    package func accepts(name: String, mediaType: String) -> Bool {
        accept.isEmpty
            || accept.contains { rule in
                if rule.hasPrefix(".") { return name.lowercased().hasSuffix(rule.lowercased()) }
                let wanted = rule.lowercased()
                let given = mediaType.lowercased()
                return wanted == given || wanted == "*/*"
                    || (wanted.hasSuffix("/*") && given.hasPrefix(wanted.dropLast()))
            }
    }
}
