import TFExpression

/// The types of form elements, with the keys that each may have: the table that the checker, the readers and the
/// editors' schema share.
package enum ElementType: String, Sendable, Hashable, Codable, CaseIterable {
    case markdown
    case section
    case input
    case textarea
    case email
    case url
    case tel
    case number
    case date
    case time
    case datetime
    case dropdown
    case radio
    case checkboxes
    case checkbox
    case user
    case upload

    init?(name: String) {
        guard let type = Self.allCases.first(where: { $0.rawValue == name || $0.aliases.contains(name) }) else {
            return nil
        }
        self = type
    }

    var aliases: [String] { self == .upload ? ["file"] : [] }

    /// The type that a name from other form languages stands for, to suggest it.
    static func meant(by name: String) -> String? {
        let meant: ElementType? =
            switch name.lowercased() {
            case "integer", "int", "float", "double", "decimal", "money", "currency": .number
            case "string", "text", "textfield", "text_field", "short_text", "str": .input
            case "multiline", "paragraph", "long_text", "memo": .textarea
            case "select", "choice", "choices", "combobox", "enum", "list", "multiselect": .dropdown
            case "boolean", "bool", "switch", "toggle", "flag": .checkbox
            case "option", "options": .radio
            case "person", "people", "member", "login": .user
            case "attachment", "attachments", "files", "image": .upload
            case "phone", "telephone": .tel
            case "mail", "e-mail": .email
            case "link", "uri": .url
            case "timestamp", "date_time", "date-time": .datetime
            case "heading", "header", "group", "fieldset": .section
            default: nil
            }
        return meant?.rawValue ?? nearestName(to: name, among: allCases.map(\.rawValue))
    }

    /// The type in messages, such as "an input element".
    var phrase: String {
        let article = self == .input || self == .email || self == .upload ? "an" : "a"
        return "\(article) \(rawValue) element"
    }

    var attributes: KeyTable {
        let label = Key("label", .text, "The question, as people read it.", isRequired: true)
        let hint = Key("description", .text, "A hint under the label; Markdown.")
        let placeholder = Key("placeholder", .text, "A faint example inside the empty field.")
        let value = Key(
            "value", .textOrExpression, "What stands in the field at first; in a task's form it may be \"${ }\".")
        let keys: [Key] =
            switch self {
            case .markdown: [Key("value", .text, "Text between the fields; Markdown.", isRequired: true)]
            case .section: [Key("label", .text, "The heading.", isRequired: true), hint]
            case .input, .email, .url, .tel: [label, hint, placeholder, value]
            case .textarea:
                [label, hint, placeholder, value, Key("render", .text, "The language that the answer is shown in.")]
            case .number:
                [
                    label, hint,
                    Key("value", .either([.number, .expression]), "The number that stands there at first."),
                    Key("step", .number, "The answer goes in steps of this."),
                    Key("unit", .text, "What is counted, shown beside the field: EUR, days."),
                ]
            case .date:
                [label, hint, Key("value", .textOrExpression, "The date at first: 2026-11-22, today or today+3d.")]
            case .time: [label, hint, Key("value", .textOrExpression, "The time at first: 09:30, or now.")]
            case .datetime:
                [label, hint, Key("value", .textOrExpression, "The moment at first: 2026-11-22T09:30, or now.")]
            case .dropdown, .radio:
                [
                    label, hint, options(Self.optionShape),
                    Key(
                        "default", .either([.textOrExpression, .list(.text)]),
                        "The option chosen at first: its index from 0, or its value; with multiple also a list."),
                    Key("multiple", .flag, "Several may be chosen; the answer is a list."),
                    Key("other", .flag, "People may write something else."),
                ]
            case .checkboxes: [label, hint, options(.mapping(Self.boxOption))]
            case .checkbox:
                [label, hint, Key("value", .either([.flag, .expression]), "Whether it is ticked at first.")]
            case .user:
                [
                    label, hint,
                    Key("value", .textOrExpression, "Who is named at first: a login, me or requester."),
                    Key("role", .text, "Only holders of this company role."),
                    Key("multiple", .flag, "Several may be named; the answer is a list."),
                ]
            case .upload: [label, hint]
            }
        var ignored: [Key] = []
        if self != .markdown { ignored.append(Key(ignored: "hide_label", of: "Gitea")) }
        if self == .dropdown { ignored.append(Key(ignored: "list", of: "Gitea")) }
        return KeyTable(
            "\"attributes\" of \(phrase)", keys + ignored, elsewhere: Self.beside(keys, validations.keys, "validations")
        )
    }

    /// Keys of a mapping that stands beside this one and has none of the same name.
    private static func beside(_ keys: [Key], _ others: [Key], _ name: String) -> [String: String] {
        others.reduce(into: [:]) { homes, other in
            if !keys.contains(where: { $0.name == other.name }) { homes[other.name] = name }
        }
    }

    var validations: KeyTable {
        let required = Key("required", .flag, "The field must be filled in.")
        let requiredFor = Key("required_for", .texts, "In a task's form: must be filled in for these outcomes only.")
        let keys: [Key] =
            switch self {
            case .markdown, .section: [required]
            case .input, .textarea, .email, .url, .tel:
                [
                    required, requiredFor, Key("min_length", .count, "In characters."),
                    Key("max_length", .count, "In characters."),
                    Key("pattern", .text, "A regular expression (RE2) that the whole text must match."),
                    Key("pattern_message", .text, "What people are told when it does not."),
                    Key("regex", .text, "The same as pattern, as Gitea writes it."),
                    Key("is_number", .flag, "The text must be a number, as Gitea has it."),
                ]
            case .number:
                [
                    required, requiredFor, Key("min", .number, "The least."), Key("max", .number, "The most."),
                    Key("step", .number, "The answer goes in steps of this."),
                ]
            case .date, .datetime:
                [
                    required, requiredFor, Key("not_before", .text, "A date, today, or today+3d."),
                    Key("not_after", .text, "A date, today, or today+3d."),
                ]
            case .time:
                [
                    required, requiredFor, Key("not_before", .text, "A time of the day such as 09:00."),
                    Key("not_after", .text, "A time of the day such as 17:30."),
                ]
            case .dropdown, .radio, .checkboxes:
                [
                    required, requiredFor, Key("min_selected", .count, "The fewest options."),
                    Key("max_selected", .count, "The most options."),
                ]
            case .checkbox, .user: [required, requiredFor]
            case .upload:
                [
                    required, requiredFor, Key("accept", .texts, "File endings (.pdf) and media types (image/*)."),
                    Key("max_files", .count, "The most files, at most \(UploadField.limitFiles)."),
                    Key("max_size", .text, "The largest file: 500KB, 10MB; at most 25MB."),
                ]
            }
        return KeyTable("\"validations\" of \(phrase)", keys)
    }

    static let choiceOption = KeyTable(
        "an option",
        [
            Key("value", .text, "What is stored."), Key("label", .text, "What people read; without it, the value."),
            Key("description", .text, "A word more."),
        ])

    static let boxOption = KeyTable(
        "an option",
        [
            Key("label", .text, "What people read.", isRequired: true),
            Key("value", .text, "What is stored; without it, the label."),
            Key("required", .flag, "It must be ticked."), Key(ignored: "visible", of: "Gitea"),
        ])

    private static let optionShape = Shape.either([.text, .mapping(choiceOption)])

    private func options(_ shape: Shape) -> Key {
        Key("options", .list(shape), "What there is to choose from.", isRequired: true)
    }
}

extension FormElement {
    static let keys = KeyTable(
        "an element",
        [
            Key(
                "type", .choice(ElementType.allCases.flatMap { [$0.rawValue] + $0.aliases }),
                "What the field asks for.",
                isRequired: true),
            Key("id", .text, "The answer's name, in expressions and in the API; without it, the label."),
            Key("attributes", .any, "What it shows."), Key("validations", .any, "What an answer must be."),
            Key("visible_if", VisibilityRule.shape, "When it is asked for; without it, always."),
            Key("audience", .texts, "Who reads the answer: ticket_admin, company roles; without it, all readers."),
            Key(ignored: "visible", of: "Gitea"),
        ],
        elsewhere: ElementType.allCases.reduce(into: [:]) { homes, type in
            for name in type.attributes.names { homes[name] = "attributes" }
            for name in type.validations.names where homes[name] == nil { homes[name] = "validations" }
        })
}

extension VisibilityRule {
    static let shape: Shape = .named("condition") { .mapping(keys) }

    static let keys: KeyTable = KeyTable(
        "\"visible_if\"",
        [
            Key("field", .text, "The id of an earlier field."),
            Key("input", .text, "In a task's form: a member of the task's input."),
            Key("equals", .any, "The answer is this."), Key("not_equals", .any, "The answer is not this."),
            Key("in", .list(.any), "The answer is one of these."),
            Key("not_in", .list(.any), "The answer is none of these."),
            Key("contains", .any, "The list has this, or the text has this part."),
            Key("is_empty", .flag, "Nothing was answered."), Key("is_not_empty", .flag, "Something was answered."),
            Key("gt", .any, "More, or later, than this."), Key("gte", .any, "This, or more or later."),
            Key("lt", .any, "Less, or earlier, than this."), Key("lte", .any, "This, or less or earlier."),
            Key("all", .list(shape), "All of these conditions hold."),
            Key("any", .list(shape), "One of these conditions holds."), Key("not", shape, "This does not hold."),
        ])

    /// The keys that compare.
    static let tests = [
        "equals", "not_equals", "in", "not_in", "contains", "is_empty", "is_not_empty", "gt", "gte", "lt", "lte",
    ]
}
