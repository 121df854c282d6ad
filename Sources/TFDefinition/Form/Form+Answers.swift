import TFExpression

/// What is wrong with one answer; `field` is its path in the request: `form.system`.
package struct FieldError: Sendable, Hashable {
    package let field: String
    package let message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

extension Form {
    /// Turns what a browser posted into answers: one value for most fields, a list for those with several.
    /// - Parameter posted: the values of each `f.<id>`, by id, in order.
    /// - Returns: values as the person meant them; what does not fit its type stays text for `check` to refuse.
    package func answers(posted: [String: [String]]) -> JSONObject {
        var answers = JSONObject()
        for (id, values) in posted.sorted(by: { $0.key < $1.key }) {
            guard let element = field(id) else {
                answers[id] = .strings(values)
                continue
            }
            answers[id] = element.answer(posted: values)
        }
        return answers
    }

    /// Checks answers against the form.
    ///
    /// - Parameters:
    ///   - given: the answers by id; null and empty text count as no answer.
    ///   - today: the company's date, for `not_before` and `not_after`.
    ///   - outcome: a task's outcome, for `required_for`.
    /// - Returns: the answers to store, in the form's order and without the empty ones, and every error, in the form's
    ///   order. Both are exact for any input; only with no errors may the answers be stored.
    package func check(
        _ given: JSONObject, today: CalendarDate, outcome: String? = nil
    ) -> (answers: JSONObject, errors: [FieldError]) {
        var answers = JSONObject()
        var errors: [FieldError] = []
        for (id, element) in fields {
            do {
                let isRequired = element.isRequired || outcome.map(element.requiredFor.contains) ?? false
                let value = try element.checked(given[id] ?? .null, isRequired: isRequired, today: today)
                if let value { answers[id] = value }
            } catch {
                errors.append(FieldError(field: "form.\(id)", message: error.message))
            }
        }
        let known = Set(fields.map(\.id))
        for id in given.keys where !known.contains(id) {
            let nearest = nearestName(to: id, among: fields.map(\.id)).map { "; did you mean \"\($0)\"?" } ?? ""
            errors.append(FieldError(field: "form.\(id)", message: "This form has no field \"\(id)\"\(nearest)"))
        }
        return (answers, errors)
    }
}

/// Why an answer is refused, in the words that a person reads.
private struct Refusal: Error {
    let message: String
}

extension FormElement {
    /// The limit of any one text, whatever its field says.
    static let maximumTextBytes = 65_536

    fileprivate func answer(posted values: [String]) -> JSON {
        switch kind {
        case .markdown, .section: return .null
        case .checkboxes: return .strings(values)
        case .choice(let field) where field.isMultiple: return .strings(values)
        case .checkbox: return .bool(values.contains("true"))
        case .number:
            let text = values.first?.filter { !$0.isWhitespace } ?? ""
            guard values.count <= 1, case .number(let number)? = try? JSON(parsing: text) else {  // stays text
                return values.count > 1 ? .strings(values) : .string(text)
            }
            return .number(number)
        case .text, .date, .choice: return values.count > 1 ? .strings(values) : .optional(values.first)
        }
    }

    /// - Returns: the answer to store, nil for none.
    fileprivate func checked(_ given: JSON, isRequired: Bool, today: CalendarDate) throws(Refusal) -> JSON? {
        switch kind {
        case .markdown, .section: return nil
        case .text(let field): return try text(field, given, isRequired)
        case .number(let field): return try number(field, given, isRequired)
        case .date(let field): return try date(field, given, isRequired, today)
        case .choice(let field):
            return field.isMultiple ? try several(field, given, isRequired) : try one(field, given, isRequired)
        case .checkboxes(let field): return try boxes(field, given, isRequired)
        case .checkbox:
            guard given == .null || given.boolValue != nil else { throw refusal("must be true or false") }
            if isRequired, given != true { throw Refusal(message: "Tick \(label)") }
            return .bool(given == true)
        }
    }

    private func text(_ field: TextField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        guard given == .null || given.stringValue != nil else { throw refusal("must be one text") }
        let isArea = field.style == .area
        // Browsers post CR LF for a line break; a text is stored with LF.
        let typed = (given.stringValue ?? "").replacing("\r\n", with: "\n")
        let text = isArea ? typed : typed.trimmingSpace()
        guard text.contains(where: { !$0.isWhitespace }) else {
            if isRequired { throw Refusal(message: "Enter \(label)") }
            return nil
        }
        guard text.utf8.count <= Self.maximumTextBytes else {
            throw refusal("must be \(Self.maximumTextBytes) bytes or fewer")
        }
        guard isArea || !text.contains(where: \.isNewline) else { throw refusal("must be one line") }
        if let minimum = field.minimumLength, text.count < minimum {
            throw refusal("must be \(minimum) characters or more")
        }
        if let maximum = field.maximumLength, text.count > maximum {
            throw refusal("must be \(maximum) characters or fewer")
        }
        switch field.style {
        case .email where !Self.isEmail(text): throw refusal("must be an email address, like name@example.com")
        case .url where !Self.isURL(text): throw refusal("must be a web address, like https://example.com")
        case .line, .area, .email, .url, .tel: return .string(text)
        }
    }

    private func number(_ field: NumberField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        if given == .null || given == "" {
            if isRequired { throw Refusal(message: "Enter \(label)") }
            return nil
        }
        guard let value = given.doubleValue else { throw refusal("must be a number, like 12.5") }
        if let minimum = field.minimum, value < minimum {
            throw refusal("must be \(JSONNumber(minimum).text) or more")
        }
        if let maximum = field.maximum, value > maximum {
            throw refusal("must be \(JSONNumber(maximum).text) or less")
        }
        if let step = field.step, step > 0 {
            let steps = (value - (field.minimum ?? 0)) / step
            guard abs(steps - steps.rounded()) < 1e-9 * max(1, abs(steps)) else {
                throw refusal("must go in steps of \(JSONNumber(step).text)")
            }
        }
        return given
    }

    private func date(
        _ field: DateField, _ given: JSON, _ isRequired: Bool, _ today: CalendarDate
    ) throws(Refusal) -> JSON? {
        let text = (given.stringValue ?? "").trimmingSpace()
        if given == .null || (given.stringValue != nil && text.isEmpty) {
            if isRequired { throw Refusal(message: "Enter \(label)") }
            return nil
        }
        guard let date = CalendarDate(text) else { throw refusal("must be a date, like \(today)") }
        if let bound = field.notBefore?.resolved(today: today), date < bound {
            throw refusal("must be \(bound) or later")
        }
        if let bound = field.notAfter?.resolved(today: today), bound < date {
            throw refusal("must be \(bound) or earlier")
        }
        return .string(text)
    }

    private func one(_ field: ChoiceField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        if given == .null || given == "" {
            if isRequired { throw Refusal(message: "Choose \(label)") }
            return nil
        }
        guard let value = given.stringValue else { throw refusal("takes one option") }
        guard field.options.contains(where: { $0.value == value }) else {
            throw refusal("has no option \"\(value.prefix(100))\"")
        }
        return given
    }

    private func several(_ field: ChoiceField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        let chosen = try strings(given)
        for value in chosen where !field.options.contains(where: { $0.value == value }) {
            throw refusal("has no option \"\(value.prefix(100))\"")
        }
        if isRequired, chosen.isEmpty { throw Refusal(message: "Choose \(label)") }
        if let minimum = field.minimumSelected, chosen.count < minimum, !chosen.isEmpty || isRequired {
            throw refusal("needs \(minimum) options or more")
        }
        if let maximum = field.maximumSelected, chosen.count > maximum {
            throw refusal("takes \(maximum) options or fewer")
        }
        return chosen.isEmpty ? nil : .strings(field.options.map(\.value).filter(Set(chosen).contains))
    }

    private func boxes(_ field: CheckboxesField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        let ticked = try strings(given)
        for value in ticked where !field.options.contains(where: { $0.value == value }) {
            throw refusal("has no option \"\(value.prefix(100))\"")
        }
        for option in field.options where option.isRequired && !ticked.contains(option.value) {
            throw Refusal(message: "Tick \"\(option.label)\"")
        }
        if isRequired, ticked.isEmpty { throw Refusal(message: "Choose \(label)") }
        return ticked.isEmpty ? nil : .strings(field.options.map(\.value).filter(Set(ticked).contains))
    }

    private func strings(_ given: JSON) throws(Refusal) -> [String] {
        if given == .null || given == "" { return [] }
        if let one = given.stringValue { return [one] }
        let values = given.arrayValue?.compactMap(\.stringValue)
        guard let values, values.count == given.arrayValue?.count else { throw refusal("takes a list of options") }
        return values.filter { !$0.isEmpty }
    }

    private func refusal(_ rule: String) -> Refusal { Refusal(message: "\(label) \(rule)") }

    /// One `@` with something around it and no space: what WHATWG's pattern comes down to, without its length.
    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty && text.utf8.count <= 254
            && text.allSatisfy { $0.isASCII && !$0.isWhitespace }
            && parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    private static func isURL(_ text: String) -> Bool {
        let lowered = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return false }
        let host = lowered.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !host.isEmpty && !text.contains(where: \.isWhitespace)
    }
}

extension String {
    fileprivate func trimmingSpace() -> String {
        let start = drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
