import TFExpression

/// `call: ticket-update`, `ticket-comment`, `ticket-open`.
package struct TicketFunction: Sendable, Hashable, Codable {
    package enum Name: String, Sendable, Hashable, Codable, CaseIterable {
        case update = "ticket-update"
        case comment = "ticket-comment"
        case open = "ticket-open"

        var parameters: [String] {
            switch self {
            case .update: ["status", "priority", "title", "labels"]
            case .comment: ["body", "internal"]
            case .open: ["type", "form", "requester"]
            }
        }

        /// The keys of `with`, for editors.
        var keys: KeyTable {
            let text = Shape.textOrExpression
            let keys: [Key] =
                switch self {
                case .update:
                    [
                        Key("status", text, "The ticket's visible status."),
                        Key("priority", .either([Priority.shape, .wrapped]), "Its priority."),
                        Key("title", text, "Its title."),
                        Key("labels", .either([.list(text), .wrapped]), "Its labels, all of them."),
                    ]
                case .comment:
                    [
                        Key("body", text, "What is said; Markdown.", isRequired: true),
                        Key(
                            "internal", .either([.flag, .wrapped]), "Whether only those who work on it read it.",
                            standard: false),
                    ]
                case .open:
                    [
                        Key("type", text, "The type of the ticket.", isRequired: true),
                        Key("form", .either([.byName(.any), .wrapped]), "Its answers by the fields' ids."),
                        Key("requester", text, "A login; without it, this ticket's requester."),
                    ]
                }
            return KeyTable("\"with\" of \"\(rawValue)\"", keys)
        }

        /// Whether it needs the instance's own ticket.
        var changesItsTicket: Bool {
            switch self {
            case .update, .comment: true
            case .open: false
            }
        }

        var required: [String] {
            switch self {
            case .update: []
            case .comment: ["body"]
            case .open: ["type"]
            }
        }
    }

    package let name: Name
    package let arguments: [ValueExpression.Member]
}

extension TicketFunction {
    static func read(
        _ name: Name, _ arguments: [YAMLNode.Entry], _ fields: Fields, _ reader: inout DefinitionReader
    ) -> TicketFunction {
        for argument in arguments where !name.parameters.contains(argument.key) {
            reader.diagnostics.error(
                "unknown key \"\(argument.key)\"; \"\(name.rawValue)\" has \(listed(name.parameters))",
                at: argument.keyPosition, suggestion: nearestName(to: argument.key, among: name.parameters))
        }
        let meant = arguments.filter { !name.parameters.contains($0.key) }
            .map { nearestName(to: $0.key, among: name.parameters) }
        for key in name.required where !arguments.contains(where: { $0.key == key }) && !meant.contains(key) {
            if fields.isMisspelt(["with"]) { break }
            reader.diagnostics.error("\"\(name.rawValue)\" needs \"\(key)\" in \"with\"", at: fields.position("call"))
        }
        if name == .update, arguments.isEmpty, !fields.isMisspelt(["with"]) {
            reader.diagnostics.error(
                "\"ticket-update\" changes nothing: it needs one of \(listed(name.parameters))",
                at: fields.position("call"))
        }
        let members = arguments.map {
            ValueExpression.Member(name: $0.key, value: ValueExpression.read($0.value, &reader))
        }
        for (argument, member) in zip(arguments, members) {
            if let value = member.value.constant { check(argument, value, &reader) }
        }
        if name == .open { checkOpening(arguments, members, &reader) }
        return TicketFunction(name: name, arguments: members)
    }

    /// Checks written values; computed ones are checked by the same rules at run time.
    private static func check(_ argument: YAMLNode.Entry, _ value: JSON, _ reader: inout DefinitionReader) {
        func refuse(_ rule: String, _ suggestion: String? = nil) {
            reader.diagnostics.error(
                "\"\(argument.key)\" must be \(rule), not \(argument.value.kindDescription)",
                at: argument.value.position,
                suggestion: suggestion)
        }
        func isText(_ limit: TextLimit) -> Bool { TicketTexts.problem(value.stringValue ?? "", limit) == nil }
        switch argument.key {
        case "priority":
            let names = Priority.allCases.map(\.rawValue)
            if let text = value.stringValue, !names.contains(text) {
                reader.diagnostics.error(
                    "\"priority\" cannot be \"\(text)\"; it is one of \(listed(names))", at: argument.value.position,
                    suggestion: nearestName(to: text, among: names))
            } else if value.stringValue == nil {
                refuse("one of \(listed(names))")
            }
        case "status" where !isText(.status): refuse("a text of 1 to \(TextLimit.status.characters) characters")
        case "title" where !isText(.title): refuse("a text of 1 to \(TextLimit.title.characters) characters")
        case "labels":
            let labels = value.arrayValue?.compactMap(\.stringValue) ?? []
            if labels.count != value.arrayValue?.count { return refuse("a list of texts") }
            if let problem = TicketTexts.problem(labels: labels) {
                reader.diagnostics.error("\"labels\" \(problem)", at: argument.value.position)
            }
        case "body" where value.stringValue?.isEmpty != false: refuse("a text")
        case "internal" where value.boolValue == nil: refuse("true or false")
        case "type" where value.stringValue.map(Slug.isValid) != true: refuse("the name of a ticket type")
        case "form" where value.objectValue == nil: refuse("a mapping")
        case "requester" where value.stringValue.map(Slug.isLogin) != true: refuse("a login")
        case "requester" where value == "system":
            reader.diagnostics.error(
                "\"system\" is no member of a company; leave \"requester\" out, and the ticket's own requester opens it, or the system where there is none",
                at: argument.value.position)
        default: break
        }
    }

    /// Notes type and answers of a ticket that is opened, to be checked against the company's ticket types.
    private static func checkOpening(
        _ arguments: [YAMLNode.Entry], _ members: [ValueExpression.Member], _ reader: inout DefinitionReader
    ) {
        guard let place = members.firstIndex(where: { $0.name == "type" }),
            case .literal(.string(let type)) = members[place].value, Slug.isValid(type)
        else { return }
        reader.refer(to: .openedTicket(type), at: arguments[place].value.position)
        guard let form = members.firstIndex(where: { $0.name == "form" }) else {
            reader.refer(to: .answers([:], of: type), at: arguments[place].value.position)
            return
        }
        guard case .object(let answers) = members[form].value,
            case .mapping(let entries) = arguments[form].value.content
        else { return }
        for entry in entries { reader.refer(to: .answer(field: entry.key, of: type), at: entry.keyPosition) }
        let given = answers.reduce(into: [String: JSON?]()) { given, answer in
            given[answer.name] = .some(answer.value.constant)
        }
        reader.refer(to: .answers(given, of: type), at: arguments[form].value.position)
    }
}

extension ValueExpression {
    /// The value, if nothing in it is computed.
    var constant: JSON? {
        switch self {
        case .literal(let value): return value
        case .expression: return nil
        case .array(let elements):
            let values = elements.compactMap(\.constant)
            return values.count == elements.count ? .array(values) : nil
        case .object(let members):
            var object = JSONObject()
            for member in members {
                guard let value = member.value.constant else { return nil }
                object[member.name] = value
            }
            return .object(object)
        }
    }
}
