import TFExpression

/// One entry of a form's `body`: a field, or text between fields.
package struct FormElement: Sendable, Hashable, Codable {
    /// The name of the answer; nil for elements without one.
    package let id: String?
    package let label: String
    /// The hint under the label, as Markdown.
    package let description: String?
    package let isRequired: Bool
    /// The outcomes of a task for which an answer is required.
    package let requiredFor: [String]
    package let kind: Kind
    /// When the element is shown; nil: always.
    package let visibleIf: VisibilityRule?
    /// Who may read the answer besides the person who gave it: `ticket_admin` and company roles; empty: all readers.
    package let audience: [String]
    /// The expression in `value` or `default`, in task bodies.
    package let prefill: Expression?

    /// What the element shows or asks for.
    package indirect enum Kind: Sendable, Hashable, Codable {
        /// Text between fields, as Markdown.
        case markdown(String)
        /// A heading, with the elements after it.
        case section
        case text(TextField)
        case number(NumberField)
        case date(DateField)
        case time(TimeField)
        case datetime(DateTimeField)
        case choice(ChoiceField)
        case checkboxes(CheckboxesField)
        /// One box; `value`: whether it is ticked at first.
        case checkbox(value: Bool)
        case user(UserField)
        case upload(UploadField)
    }

    /// The field's name, for elements that are fields.
    package var field: (id: String, element: FormElement)? { id.map { ($0, self) } }

    /// Whether the answer is one text.
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

/// One text, of one line or of several.
package struct TextField: Sendable, Hashable, Codable {
    /// What kind of text is typed; the words are the element's `type`.
    package enum Style: String, Sendable, Hashable, Codable {
        case line = "input"
        case area = "textarea"
        case email
        case url
        case tel
    }

    package let style: Style
    package let placeholder: String?
    /// The initial value.
    package let value: String?
    /// The language that a textarea's answer is shown in, as GitHub has it.
    package let render: String?
    /// In Unicode scalars, as the other.
    package let minimumLength: Int?
    package let maximumLength: Int?
    /// The pattern that the whole text must match.
    package let pattern: FieldPattern?
    /// Gitea's `is_number`: the text must be a number.
    package let isNumber: Bool
}

/// A pattern, with the message for a text that does not match it.
package struct FieldPattern: Sendable, Hashable, Codable {
    package let pattern: Pattern
    /// The message; nil: the pattern itself is shown.
    package let message: String?
}

/// A number, in a unit if the definition names one.
package struct NumberField: Sendable, Hashable, Codable {
    /// The initial value.
    package let value: Double?
    package let minimum: Double?
    package let maximum: Double?
    /// Only whole multiples of it above the minimum, or above 0, are taken.
    package let step: Double?
    /// What stands behind the number, such as `EUR`.
    package let unit: String?
}

/// A day.
package struct DateField: Sendable, Hashable, Codable {
    /// The initial value.
    package let value: DateBound?
    package let notBefore: DateBound?
    package let notAfter: DateBound?
}

/// A time of the day.
package struct TimeField: Sendable, Hashable, Codable {
    /// The initial value, as it would be typed, or `now`.
    package let value: String?
    package let notBefore: TimeOfDay?
    package let notAfter: TimeOfDay?
}

/// A moment, typed in the company's time zone and kept in UTC; its bounds are days there.
package struct DateTimeField: Sendable, Hashable, Codable {
    /// The initial value, as it would be typed, or `now`.
    package let value: String?
    package let notBefore: DateBound?
    package let notAfter: DateBound?
}

/// One or several of some options.
package struct ChoiceField: Sendable, Hashable, Codable {
    package let options: [Option]
    package let isMultiple: Bool
    /// Whether the options are shown as radio buttons instead of a list; of several, both are boxes.
    package let isRadio: Bool
    /// The initially chosen options, in the order of `default`; at most one unless `isMultiple`.
    package let initial: [String]
    /// Whether a free text may be given instead of an option, or beside several.
    package let allowsOther: Bool
    package let minimumSelected: Int?
    package let maximumSelected: Int?

    package struct Option: Sendable, Hashable, Codable {
        package let value: String
        package let label: String
        package let description: String?
    }
}

/// Boxes, each of which is ticked or not.
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
    /// The initial value: a login or name, `me` or `requester`; several are separated by commas.
    package let value: String?
}

/// Files.
package struct UploadField: Sendable, Hashable, Codable {
    package static let largestBytes = 25 << 20
    package static let limitFiles = 20

    /// Endings such as `.pdf` and media types such as `image/*`; empty: any.
    package let accept: [String]
    package let maximumFiles: Int
    /// The largest size of each file in bytes.
    package let maximumBytes: Int

    package init(accept: [String], maximumFiles: Int, maximumBytes: Int) {
        self.accept = accept
        self.maximumFiles = maximumFiles
        self.maximumBytes = maximumBytes
    }

    /// The kinds of files as people call them: `.pdf` and `application/pdf` are PDF, `image/*` are pictures.
    package var acceptInWords: String {
        accept.map { kind in
            switch kind {
            case "image/*": return "pictures"
            case "audio/*": return "sound"
            case "video/*": return "videos"
            case "text/*", "text/plain": return "plain text"
            case "application/pdf": return "PDF"
            case _ where kind.hasPrefix("."): return kind.dropFirst().uppercased()
            default: return kind
            }
        }.joined(separator: ", ")
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
