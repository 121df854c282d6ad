import TFExpression

/// What a draft cannot be, however unfinished it is. A page keeps whatever was typed; of a program it is a mistake.
extension Form {
    /// The names of no field, and the values of a type that no answer to their field has.
    package func draftErrors(_ given: JSONObject) -> [FieldError] {
        var errors: [FieldError] = []
        for (id, element) in fields {
            do { try element.checkType(of: given[id] ?? .null) } catch {
                errors.append(FieldError(field: "form.\(id)", message: error.message))
            }
        }
        return errors + unknownFields(in: given)
    }
}

extension FormElement {
    fileprivate func checkType(of given: JSON) throws(Refusal) {
        guard given != .null else { return }
        switch kind {
        case .markdown, .section: break
        case .text, .date, .time, .datetime: _ = try oneText(given)
        case .number:
            // Half a number is a text.
            guard given.doubleValue != nil || given.stringValue != nil else {
                throw refusal("must be a number, like 289.50")
            }
        case .choice(let field): try checkType(of: given, isList: field.isMultiple)
        case .user(let field): try checkType(of: given, isList: field.isMultiple)
        case .checkboxes, .upload: _ = try strings(given)
        case .checkbox:
            guard given.boolValue != nil else { throw refusal("must be true or false") }
        }
    }

    private func checkType(of given: JSON, isList: Bool) throws(Refusal) {
        if isList { _ = try strings(given) } else { _ = try oneText(given) }
    }
}
