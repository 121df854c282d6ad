import TFExpression

/// `visible_if`: when a field is shown. A closed grammar over earlier fields and a task's input.
package indirect enum VisibilityRule: Sendable, Hashable, Codable {
    case test(Subject, Test)
    case all([VisibilityRule])
    case any([VisibilityRule])
    case not(VisibilityRule)

    /// Whose value is tested.
    package enum Subject: Sendable, Hashable, Codable {
        /// The answer to an earlier field, by its id.
        case field(String)
        /// A member of the task's input.
        case input(String)
    }

    /// What the value has to be.
    package enum Test: Sendable, Hashable, Codable {
        case equals(JSON)
        case notEquals(JSON)
        case oneOf([JSON])
        case noneOf([JSON])
        /// A list contains the value, or a text contains the part.
        case contains(JSON)
        case isEmpty
        case isNotEmpty
        case greater(JSON)
        case atLeast(JSON)
        case less(JSON)
        case atMost(JSON)
    }

    /// - Parameters:
    ///   - answers: the answers to earlier fields. Hidden ones are not among them and count as empty.
    ///   - meter: pays for every comparison; once it is empty, no condition holds.
    package func holds(_ answers: JSONObject, input: JSON, _ meter: inout ExpressionMeter) -> Bool {
        switch self {
        case .test(.field(let id), let test): return test.holds(answers[id] ?? .null, &meter)
        case .test(.input(let name), let test): return test.holds(input[name], &meter)
        case .all(let rules):
            for rule in rules where !rule.holds(answers, input: input, &meter) { return false }
            return !meter.isExhausted
        case .any(let rules):
            for rule in rules where rule.holds(answers, input: input, &meter) { return true }
            return false
        case .not(let rule): return !rule.holds(answers, input: input, &meter) && !meter.isExhausted
        }
    }

    /// The rule with its moments in UTC, as answers are stored; in definitions they are written in the company's time
    /// zone.
    func resolved(_ form: Form, offset: (Int64) -> Int) -> VisibilityRule {
        switch self {
        case .test(.field(let id), let test):
            guard case .datetime? = form.field(id)?.kind else { return self }
            return .test(
                .field(id),
                test.mapped { value in
                    let moment = value.stringValue.flatMap { TypedMoment($0, offset: offset) }
                    return moment.map { .string($0.utc) } ?? value
                })
        case .test(.input, _): return self
        case .all(let rules): return .all(rules.map { $0.resolved(form, offset: offset) })
        case .any(let rules): return .any(rules.map { $0.resolved(form, offset: offset) })
        case .not(let rule): return .not(rule.resolved(form, offset: offset))
        }
    }

    /// The fields in the condition.
    package var fields: Set<String> {
        switch self {
        case .test(.field(let id), _): [id]
        case .test(.input, _): []
        case .all(let rules), .any(let rules): rules.reduce(into: []) { $0.formUnion($1.fields) }
        case .not(let rule): rule.fields
        }
    }

    /// The condition as a clause: "System is Payroll".
    /// - Parameter form: for the labels of fields and options.
    package func words(_ form: Form) -> String {
        switch self {
        case .test(.field(let id), let test):
            let element = form.field(id)
            return "\(element?.label ?? id) \(test.words { element?.label(of: $0) ?? $0.displayText })"
        case .test(.input(let name), let test): return "\(name) \(test.words(\.displayText))"
        case .all(let rules): return rules.map { $0.nestedWords(form) }.joined(separator: " and ")
        case .any(let rules): return rules.map { $0.nestedWords(form) }.joined(separator: " or ")
        case .not(let rule): return "not (\(rule.words(form)))"
        }
    }

    private func nestedWords(_ form: Form) -> String {
        switch self {
        case .all(let rules) where rules.count > 1, .any(let rules) where rules.count > 1: "(\(words(form)))"
        case .test, .not, .all, .any: words(form)
        }
    }
}

extension VisibilityRule.Test {
    fileprivate func holds(_ answer: JSON, _ meter: inout ExpressionMeter) -> Bool {
        meter.pays(fuel(for: answer)) && holds(answer)
    }

    /// The fuel that the test takes.
    private func fuel(for answer: JSON) -> Int {
        switch self {
        case .oneOf(let wanted), .noneOf(let wanted): wanted.reduce(1) { $0 + answer.fuel(comparedWith: $1) }
        case .equals(let wanted), .notEquals(let wanted): 1 + answer.fuel(comparedWith: wanted)
        case .contains, .isEmpty, .isNotEmpty, .greater, .atLeast, .less, .atMost: 1 + answer.fuelToRead
        }
    }

    private func holds(_ answer: JSON) -> Bool {
        switch self {
        case .isEmpty: answer.isNoAnswer
        case .isNotEmpty: !answer.isNoAnswer
        case .equals(let wanted): answer.isSame(as: wanted)
        case .notEquals(let wanted): !answer.isSame(as: wanted)
        case .oneOf(let wanted): wanted.contains(where: answer.isSame)
        case .noneOf(let wanted): !wanted.contains(where: answer.isSame)
        case .contains(let wanted): answer.holds(wanted)
        case .greater(let bound): answer.compared(to: bound).map { $0 > 0 } ?? false
        case .atLeast(let bound): answer.compared(to: bound).map { $0 >= 0 } ?? false
        case .less(let bound): answer.compared(to: bound).map { $0 < 0 } ?? false
        case .atMost(let bound): answer.compared(to: bound).map { $0 <= 0 } ?? false
        }
    }

    /// The test with all its compared values changed.
    fileprivate func mapped(_ change: (JSON) -> JSON) -> Self {
        switch self {
        case .equals(let value): .equals(change(value))
        case .notEquals(let value): .notEquals(change(value))
        case .oneOf(let values): .oneOf(values.map(change))
        case .noneOf(let values): .noneOf(values.map(change))
        case .contains(let value): .contains(change(value))
        case .isEmpty, .isNotEmpty: self
        case .greater(let value): .greater(change(value))
        case .atLeast(let value): .atLeast(change(value))
        case .less(let value): .less(change(value))
        case .atMost(let value): .atMost(change(value))
        }
    }

    fileprivate func words(_ text: (JSON) -> String) -> String {
        switch self {
        case .equals(let wanted): "is \(text(wanted))"
        case .notEquals(let wanted): "is not \(text(wanted))"
        case .oneOf(let wanted): "is one of \(wanted.map(text).joined(separator: ", "))"
        case .noneOf(let wanted): "is none of \(wanted.map(text).joined(separator: ", "))"
        case .contains(let wanted): "has \(text(wanted))"
        case .isEmpty: "is empty"
        case .isNotEmpty: "is filled in"
        case .greater(let bound): "is more than \(text(bound))"
        case .atLeast(let bound): "is \(text(bound)) or more"
        case .less(let bound): "is less than \(text(bound))"
        case .atMost(let bound): "is \(text(bound)) or less"
        }
    }
}

extension JSON {
    /// Whether nothing was answered: no value, no text, no option, or a box that is not ticked.
    package var isNoAnswer: Bool {
        switch self {
        case .null, .bool(false): true
        case .string(let text): text.allSatisfy(\.isWhitespace)
        case .array(let elements): elements.allSatisfy(\.isNoAnswer)
        case .bool(true), .number, .object: false
        }
    }

    /// The fuel for reading all of an answer.
    fileprivate var fuelToRead: Int {
        switch self {
        case .null, .bool, .number: 1
        case .string(let text): 1 + text.utf8.count / 64
        case .array(let elements): elements.reduce(1) { $0 + $1.fuelToRead }
        case .object(let members): members.count
        }
    }

    /// The fuel for a comparison. Different texts differ soon; only for a number is all of the text read.
    fileprivate func fuel(comparedWith wanted: JSON) -> Int { wanted.doubleValue == nil ? 1 : fuelToRead }

    /// Whether the values are equal; a list of one option equals that option, and a text of a number that number.
    fileprivate func isSame(as wanted: JSON) -> Bool {
        if self == wanted { return true }
        if case .array(let elements) = self, elements.count == 1, wanted.arrayValue == nil {
            return elements[0].isSame(as: wanted)
        }
        if let number = wanted.doubleValue, let text = stringValue { return Double(text) == number }
        return false
    }

    fileprivate func holds(_ wanted: JSON) -> Bool {
        switch self {
        case .array(let elements): elements.contains { $0.isSame(as: wanted) }
        case .string(let text): wanted.stringValue.map { text.contains(bytes: $0) } ?? false
        case .null, .bool, .number, .object: false
        }
    }

    /// Below 0, 0 or above 0: numbers by value, dates and times by their text; nil if they cannot be compared.
    fileprivate func compared(to bound: JSON) -> Int? {
        if let wanted = bound.doubleValue, let given = doubleValue ?? stringValue.flatMap(Double.init) {
            return given < wanted ? -1 : given > wanted ? 1 : 0
        }
        if let wanted = bound.stringValue, let given = stringValue, !given.isEmpty {
            return given < wanted ? -1 : given > wanted ? 1 : 0
        }
        return nil
    }
}

extension FormElement {
    /// The text for a value of this field: an option's label.
    package func label(of value: JSON) -> String {
        let text = value.displayText
        return switch kind {
        case .choice(let field): field.options.first { $0.value == text }?.label ?? text
        case .checkboxes(let field): field.options.first { $0.value == text }?.label ?? text
        case .checkbox: value == true ? "ticked" : "not ticked"
        case .markdown, .section, .text, .number, .date, .time, .datetime, .user, .upload: text
        }
    }
}
