import TFExpression

/// Words in `value` whose meaning is known only when the form is opened. `today` is a `DateBound`.
enum InitialWord: String, CaseIterable {
    case me
    case requester
    case now
}

extension Form {
    /// The initial answers: each field's `value` or `default`.
    /// - Parameter prefilled: the results of the task's expressions, by id; they win.
    package func initialAnswers(_ context: FormContext, prefilled: JSONObject = [:]) -> JSONObject {
        var answers = JSONObject()
        for (id, element) in fields {
            let value = prefilled[id].flatMap { element.prefilled($0, context) } ?? element.initialValue(context)
            if value != .null { answers[id] = value }
        }
        return answers
    }
}

extension FormElement {
    fileprivate func initialValue(_ context: FormContext) -> JSON {
        switch kind {
        case .markdown, .section, .checkboxes, .upload: .null
        case .text(let field): .optional(field.value)
        case .number(let field): field.value.map { .double($0) } ?? .null
        case .date(let field): .optional(field.value?.resolved(today: context.today).description)
        case .time(let field): .optional(field.value.flatMap { context.time($0) })
        case .datetime(let field): .optional(field.value.flatMap { context.moment($0) })
        case .choice(let field):
            field.isMultiple && !field.initial.isEmpty ? .strings(field.initial) : .optional(field.initial.first)
        case .checkbox(let value): .bool(value)
        case .user(let field): field.initial([field.value].compactMap { $0 }, context)
        }
    }

    /// A computed value in this field's type; nil if it does not fit.
    fileprivate func prefilled(_ value: JSON, _ context: FormContext) -> JSON? {
        if value == .null { return nil }
        let text = value.displayText
        switch kind {
        case .markdown, .section, .upload: return nil
        case .text: return .string(text)
        case .date: return .string(DateBound(text)?.resolved(today: context.today).description ?? text)
        case .time: return .string(context.time(text) ?? text)
        case .datetime: return .string(context.moment(text) ?? text)
        case .number: return value.doubleValue == nil ? .string(text) : value
        case .checkbox: return .bool(value.isTruthy)
        case .checkboxes: return value.arrayValue == nil ? .array([.string(text)]) : value
        case .choice(let field):
            let several = value.arrayValue?.map { JSON.string($0.displayText) }
            return several.map { field.isMultiple ? .array($0) : $0.first ?? .null } ?? .string(text)
        case .user(let field): return field.initial((value.arrayValue ?? [value]).map(\.displayText), context)
        }
    }
}

extension FormContext {
    /// Nil for `now` if the context has no time.
    fileprivate func time(_ text: String) -> String? {
        guard text == InitialWord.now.rawValue else { return text }
        return now.map { TimeOfDay(secondsSince1970: $0, offset: offset($0)).description }
    }

    /// The moment in UTC, to the minute; nil for `now` if the context has no time.
    fileprivate func moment(_ text: String) -> String? {
        guard text == InitialWord.now.rawValue else { return text }
        return now.flatMap { TypedMoment(secondsSince1970: $0 - $0 % 60)?.utc }
    }

    /// Nil for a word such as `me` if the context does not know that person.
    fileprivate func person(_ text: String) -> String? {
        switch InitialWord(rawValue: text) {
        case .me: me
        case .requester: requester
        case .now, nil: text
        }
    }
}

extension UserField {
    /// - Parameter texts: logins, names and words; one text may name several people, separated by commas.
    fileprivate func initial(_ texts: [String], _ context: FormContext) -> JSON {
        let people = typed(.strings(texts)).compactMap { context.person($0) }
        return isMultiple ? (people.isEmpty ? .null : .strings(people)) : .optional(people.first)
    }
}
