import TFExpression

/// The result of checking a form's answers.
package struct CheckedAnswers: Sendable, Hashable {
    /// The answers to store, in the form's order, without empty and hidden ones. They may be stored only if there are
    /// no errors.
    package let answers: JSONObject
    /// The errors, in the form's order.
    package let errors: [FieldError]
    /// The indices of the elements that are hidden with these answers.
    package let hidden: Set<Int>
}

extension Form {
    /// Turns a posted form into answers: one value for most fields, a list for those with several.
    /// - Parameter posted: the values of each `f.<id>`, by id, in order, with LF for every line end; `<id>.other` is
    ///   the free text beside options.
    /// - Returns: values of the fields' types; a text that does not fit its type stays text, for `check` to refuse.
    package func answers(posted: [String: [String]]) -> JSONObject {
        var answers = JSONObject()
        var posted = posted
        for (id, element) in fields {
            var values = posted.removeValue(forKey: id)
            if element.allowsOther {
                let others = posted.removeValue(forKey: "\(id).other")?.filter { !$0.isBlank } ?? []
                if !others.isEmpty { values = (values ?? []).filter { !$0.isEmpty } + others }
            }
            if let values { answers[id] = element.answer(posted: values) }
        }
        for (id, values) in posted.sorted(by: { $0.key < $1.key }) { answers[id] = .strings(values) }
        return answers
    }

    /// Checks answers against the form, for any input.
    ///
    /// Only this function decides what is hidden. A hidden field is not required, not validated, not stored, and counts
    /// as empty in later conditions.
    /// - Parameter given: the answers by id; null and empty text count as no answer.
    package func check(_ given: JSONObject, _ context: FormContext) -> CheckedAnswers {
        var meter = ExpressionMeter()
        return check(given, context, &meter)
    }

    /// Checks answers on fuel that is shared with the expressions over the answers.
    package func check(
        _ given: JSONObject, _ context: FormContext, _ meter: inout ExpressionMeter
    ) -> CheckedAnswers {
        var answers = JSONObject()
        var errors: [FieldError] = []
        var hidden: Set<Int> = []
        // Conditions look at the checked answer, or at the given one if it is wrong.
        var known = JSONObject()
        for (place, element) in elements.enumerated() {
            if let rule = element.visibleIf?.resolved(self, offset: context.offset) {
                let isShown = rule.holds(known, input: context.input, &meter)
                if meter.isExhausted {
                    let field = element.id.map { "form.\($0)" } ?? "form"
                    errors.append(.tooExpensive(field, "the conditions of this form"))
                    break
                }
                if !isShown {
                    hidden.insert(place)
                    continue
                }
            }
            guard let id = element.id else { continue }
            guard meter.pays(element.fuel(for: given[id] ?? .null)) else {
                errors.append(.tooExpensive("form.\(id)", "the checks of this form"))
                break
            }
            do {
                if let value = try element.checked(given[id] ?? .null, context) {
                    answers[id] = value
                    known[id] = value
                }
            } catch {
                errors.append(FieldError(field: "form.\(id)", message: error.message))
                known[id] = given[id]
            }
        }
        errors += unknownFields(in: given)
        return CheckedAnswers(answers: answers, errors: errors, hidden: hidden)
    }

    func unknownFields(in given: JSONObject) -> [FieldError] {
        let ids = fields.map(\.id)
        let known = Set(ids)
        return FieldError.unknown(given.keys.filter { !known.contains($0) }, among: ids) { id, nearest in
            FieldError(field: "form.\(id)", message: "This form has no field \"\(id)\"\(nearest)")
        }
    }

    /// Answers of a draft: whatever fits a field is kept as it was given.
    package func draft(_ given: JSONObject) -> JSONObject {
        var draft = JSONObject()
        for (id, _) in fields {
            guard let value = given[id], !value.isNoAnswer || value == false else { continue }
            draft[id] = value
        }
        return draft
    }

    /// How many people are looked up for one form; others count as unknown.
    private static let peopleLimit = 1_000

    /// The texts in `user` fields, for the store to look up.
    package func people(in given: JSONObject) -> Set<String> {
        var people: Set<String> = []
        for (id, element) in fields {
            guard case .user(let user) = element.kind else { continue }
            for text in user.typed(given[id] ?? .null) where people.count < Self.peopleLimit {
                people.insert(text)
            }
        }
        return people
    }

    /// The ids in `upload` fields, for the store to look up; of each field the first ones, up to its limit.
    package func uploads(in given: JSONObject) -> Set<AttachmentID> {
        uploads.reduce(into: []) { ids, upload in
            let value = given[upload.id] ?? .null
            let named = (value.arrayValue ?? [value]).compactMap(\.stringValue).prefix(UploadField.limitFiles + 1)
            ids.formUnion(named.map { AttachmentID($0) })
        }
    }
}

extension UserField {
    /// The logins or names in an answer; a typed list is separated by commas.
    func typed(_ given: JSON) -> [String] {
        let texts = (given.arrayValue ?? [given]).compactMap(\.stringValue)
        let parts = isMultiple ? texts.flatMap { $0.split(separator: ",").map(String.init) } : texts
        return parts.map { $0.trimmingSpace() }.filter { !$0.isEmpty }
    }
}

extension FormElement {
    fileprivate var allowsOther: Bool {
        if case .choice(let field) = kind { field.allowsOther } else { false }
    }

    fileprivate func answer(posted values: [String]) -> JSON {
        switch kind {
        case .markdown, .section: return .null
        case .checkboxes, .upload: return .strings(values.filter { !$0.isEmpty })
        case .choice(let field) where field.isMultiple: return .strings(values.filter { !$0.isEmpty })
        case .user(let field) where field.isMultiple: return .strings(values.filter { !$0.isEmpty })
        // Twice is no answer: one value belongs there.
        case .checkbox: return values.count > 1 ? .strings(values) : .bool(values.contains("true"))
        case .number(let field):
            let text = Self.plainNumber(values.first?.filter { !$0.isWhitespace } ?? "")
            guard values.count <= 1, field.clearer(than: text) == nil,
                case .number(let number)? = try? JSON(parsing: text)
            else {  // stays text
                return values.count > 1 ? .strings(values) : .string(text)
            }
            return .number(number)
        case .text, .date, .time, .datetime, .choice, .user:
            return values.count > 1 ? .strings(values) : .optional(values.first)
        }
    }
}

extension FormElement {
    /// A number as people write it, with commas or points between thousands, or with a decimal comma; what could be read
    /// in two ways, such as `1,289`, stays as it is.
    static func plainNumber(_ text: String) -> String {
        if text.wholeMatch(of: /-?\d+,(\d{1,2}|\d{4,})/) != nil { return text.replacing(",", with: ".") }
        if text.wholeMatch(of: /-?\d{1,3}(\.\d{3})+,\d+/) != nil {
            return text.replacing(".", with: "").replacing(",", with: ".")
        }
        let hasThousands = text.wholeMatch(of: /-?\d{1,3}(,\d{3})+\.\d+/) != nil
        if text.wholeMatch(of: /-?\d{1,3}(\.\d{3}){2,}/) != nil { return text.replacing(".", with: "") }
        return hasThousands || text.wholeMatch(of: /-?\d{1,3}(,\d{3}){2,}/) != nil
            ? text.replacing(",", with: "") : text
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }

    func trimmingSpace() -> String {
        let start = drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
