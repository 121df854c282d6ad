import Foundation
import TFDefinition
import TFExpression

extension Shape {
    /// All errors of a value; empty if it is valid.
    /// - Parameter path: the value's path in the body, such as `form.system`; empty for the body itself.
    func errors(in value: JSON, at path: String = "") -> [FieldError] {
        var hints = FieldError.suggestionLimit
        return errors(in: value, at: path, &hints)
    }

    /// - Parameter hints: for how many more wrong words a suggestion may be searched.
    private func errors(in value: JSON, at path: String, _ hints: inout Int) -> [FieldError] {
        switch self {
        case .any: return []
        case .named(_, let shape): return shape.errors(in: value, at: path, &hints)
        case .orNull(let shape): return value == .null ? [] : shape.errors(in: value, at: path, &hints)
        case .either(let shapes):
            // The error is about the shape that was meant, which the value's own type tells.
            guard let meant = shapes.first(where: { $0.hasType(of: value) }) else {
                let types = shapes.compactMap(\.typeInWords)
                return [Self.error("must be \(types.joined(separator: " or "))", at: path)]
            }
            let errors = meant.errors(in: value, at: path, &hints)
            return errors.isEmpty || shapes.contains { $0.errors(in: value, at: path, &hints).isEmpty } ? [] : errors
        case .flag, .integer, .choice, .text:
            guard let problem = scalarProblem(value, &hints) else { return [] }
            return [Self.error(problem, at: path)]
        case .list, .map, .object, .open: return memberErrors(in: value, at: path, &hints)
        }
    }

    /// Whether a value has the JSON type of the shape, whatever else it breaks.
    private func hasType(of value: JSON) -> Bool {
        switch self {
        case .any: true
        case .text, .choice: value.stringValue != nil
        case .integer: value.intValue != nil
        case .flag: value.boolValue != nil
        case .list: value.arrayValue != nil
        case .object, .open, .map: value.objectValue != nil
        case .orNull(let shape): value == .null || shape.hasType(of: value)
        case .named(_, let shape): shape.hasType(of: value)
        case .either(let shapes): shapes.contains { $0.hasType(of: value) }
        }
    }

    /// The shape's JSON type, such as `an object`; nil: it has several.
    private var typeInWords: String? {
        switch self {
        case .text, .choice: "a string"
        case .integer: "a whole number"
        case .flag: "true or false"
        case .list: "a list"
        case .object, .open, .map: "an object"
        case .orNull(let shape), .named(_, let shape): shape.typeInWords
        case .any, .either: nil
        }
    }

    /// The error of a scalar value, worded to follow its name; nil if it is valid.
    private func scalarProblem(_ value: JSON, _ hints: inout Int) -> String? {
        switch self {
        case .flag: return value.boolValue == nil ? "must be true or false" : nil
        case .integer(let range):
            guard let number = value.intValue, range.contains(Int64(number)) else {
                return "must be \(Self.rule(range))"
            }
            return nil
        case .choice(let words):
            if let word = value.stringValue, words.contains(word) { return nil }
            let nearest = hints > 0 ? value.stringValue.flatMap { nearestName(to: $0, among: words) } : nil
            hints -= 1
            let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
            return "must be one of \(words.joined(separator: ", "))\(hint)"
        case .text(let rule):
            guard let text = value.stringValue else { return "must be a string" }
            return rule.limit?.problem(text) ?? rule.problem(text).map { "must be \($0)" }
        case .any, .named, .orNull, .either, .list, .map, .object, .open: return nil
        }
    }

    private func memberErrors(in value: JSON, at path: String, _ hints: inout Int) -> [FieldError] {
        if case .list(let element, let most) = self {
            guard let elements = value.arrayValue else { return [Self.error("must be a list", at: path)] }
            if let most, elements.count > most { return [Self.error("must be a list of at most \(most)", at: path)] }
            return elements.enumerated().flatMap { index, value in
                element.errors(in: value, at: Self.join(path, "\(index)"), &hints)
            }
        }
        guard let given = value.objectValue else { return [Self.error("must be an object", at: path)] }
        guard given.count <= FieldError.memberLimit else { return [Self.tooMany(at: path)] }
        switch self {
        case .map(let element):
            return given.flatMap { element.errors(in: $0.value, at: Self.join(path, $0.key), &hints) }
        case .object(let members): return Self.errors(in: given, members, at: path, &hints)
        case .open(let members, let others):
            let known = Set(members.map(\.name))
            let more = given.filter { !known.contains($0.key) }
            return Self.errors(in: given.filter { known.contains($0.key) }, members, at: path, &hints)
                + more.flatMap { others.errors(in: $0.value, at: Self.join(path, $0.key), &hints) }
        case .any, .flag, .integer, .choice, .text, .list, .orNull, .either, .named: return []
        }
    }

    private static func errors(
        in given: JSONObject, _ members: [Member], at path: String, _ hints: inout Int
    ) -> [FieldError] {
        let known = members.map(\.name)
        let unknown = FieldError.unknown(given.keys.filter { !known.contains($0) }, among: known) { name, hint in
            FieldError(field: join(path, name), message: "There is no member \"\(name)\" here\(hint)")
        }
        return unknown
            + members.flatMap { member -> [FieldError] in
                let memberPath = join(path, member.name)
                guard let value = given[member.name] else {
                    return member.isRequired
                        ? [FieldError(field: memberPath, message: "\"\(memberPath)\" is missing")] : []
                }
                return member.shape.errors(in: value, at: memberPath, &hints)
            }
    }

    private static func error(_ problem: String, at path: String) -> FieldError {
        FieldError(field: path, message: "\(path.isEmpty ? "The body" : "\"\(path)\"") \(problem)")
    }

    private static func tooMany(at path: String) -> FieldError {
        error("must be an object of at most \(FieldError.memberLimit) members", at: path)
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private static func rule(_ range: ClosedRange<Int64>) -> String {
        range.upperBound == .max
            ? "a whole number from \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}

extension Shape.Content {
    /// What the text should be; nil if it is.
    fileprivate func problem(_ text: String) -> String? {
        switch self {
        case .address: Mail.isOneAddress(text) ? nil : "one e-mail address, such as uma@example.org"
        case .timezone: TimeZone(identifier: text) == nil ? "one that is known, such as Europe/Berlin" : nil
        }
    }
}

extension Shape.TextRule {
    /// What the text should be; nil if it is valid.
    fileprivate func problem(_ text: String) -> String? {
        if let problem = content?.problem(text) { return problem }
        if text.unicodeScalars.count < shortest {
            return shortest == 1 ? "a text that is not empty" : "\(shortest) characters or more"
        }
        if format == "date-time", WrittenMoment(text) == nil {
            return "a date with a time, such as 2026-01-05T09:00"
        }
        if format == "date", CalendarDate(text) == nil, TypedMoment(text, offset: { _ in 0 }) == nil {
            return "a day, such as 2026-01-05"
        }
        if let pattern, pattern == Shape.loginPattern ? !Slug.isLogin(text) : !Slug.isValid(text) {
            return pattern == Shape.loginPattern ? Slug.loginRule : Slug.rule
        }
        return nil
    }
}
