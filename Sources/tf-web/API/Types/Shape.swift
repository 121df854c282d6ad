import TFDefinition
import TFExpression

/// What a JSON value of the API is. It reads requests strictly and writes itself as JSON Schema, so that the document
/// and the server cannot say different things. Source: JSON Schema 2020-12.
indirect enum Shape: Sendable {
    case any
    case text(TextRule)
    case integer(ClosedRange<Int64>)
    case flag
    case choice([String])
    case list(Shape, most: Int?)
    /// Members by name and no others.
    case object([Member])
    /// Members by name, and any others of one shape.
    case open([Member], others: Shape)
    /// Any members; the values are of one shape.
    case map(Shape)
    case orNull(Shape)
    /// Either of some.
    case either([Shape])
    /// Stands once among the document's components.
    case named(String, Shape)

    struct TextRule: Sendable {
        var shortest = 0
        /// nil: only answers have such texts.
        var limit: TextLimit?
        /// `date-time`, or none.
        var format: String?
        var pattern: String?
    }

    struct Member: Sendable {
        let name: String
        let shape: Shape
        let isRequired: Bool
        let help: String?
    }

    /// A word of a vocabulary of ours.
    static func words<Word: CaseIterable & RawRepresentable<String>>(_ vocabulary: Word.Type) -> Shape {
        .choice(vocabulary.allCases.map(\.rawValue))
    }

    static let text = Shape.text(TextRule())
    static let time = Shape.text(TextRule(format: "date-time"))
    static let id = Shape.integer(1...Int64.max)
    static let count = Shape.integer(0...Int64.max)
    static let slug = Shape.text(
        TextRule(shortest: 1, limit: .identifier, pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"))
    static let login = Shape.text(
        TextRule(shortest: 1, limit: .identifier, pattern: "^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$"))

    static func text(_ shortest: Int = 0, _ longest: Int) -> Shape {
        .text(TextRule(shortest: shortest, limit: TextLimit(characters: longest)))
    }

    static func text(_ shortest: Int = 0, _ limit: TextLimit) -> Shape {
        .text(TextRule(shortest: shortest, limit: limit))
    }

    /// `{items, next}`.
    static func page(of item: Shape) -> Shape {
        .object([
            .required("items", .list(item, most: nil)),
            .required("next", .orNull(.text), "What to send as `after` for the next page; null: this is the last."),
        ])
    }
}

extension Shape.Member {
    static func required(_ name: String, _ shape: Shape, _ help: String? = nil) -> Shape.Member {
        Shape.Member(name: name, shape: shape, isRequired: true, help: help)
    }

    static func optional(_ name: String, _ shape: Shape, _ help: String? = nil) -> Shape.Member {
        Shape.Member(name: name, shape: shape, isRequired: false, help: help)
    }
}

// MARK: Reading

extension Shape {
    /// Everything that is wrong with a value; empty: nothing.
    /// - Parameter path: where the value stands in the body, such as `form.system`; empty for the body itself.
    func errors(in value: JSON, at path: String = "") -> [FieldError] {
        var hints = FieldError.suggestionLimit
        return errors(in: value, at: path, &hints)
    }

    /// - Parameter hints: for how many wrong words the one that was meant may still be looked for.
    private func errors(in value: JSON, at path: String, _ hints: inout Int) -> [FieldError] {
        func wrong(_ rule: String) -> [FieldError] {
            [FieldError(field: path, message: "\(path.isEmpty ? "The body" : "\"\(path)\"") must be \(rule)")]
        }
        switch self {
        case .any: return []
        case .named(_, let shape): return shape.errors(in: value, at: path, &hints)
        case .orNull(let shape): return value == .null ? [] : shape.errors(in: value, at: path, &hints)
        case .either(let shapes):
            return shapes.contains { $0.errors(in: value, at: path, &hints).isEmpty }
                ? [] : shapes.first?.errors(in: value, at: path, &hints) ?? []
        case .flag: return value.boolValue == nil ? wrong("true or false") : []
        case .integer(let range):
            guard let number = value.intValue, range.contains(Int64(number)) else { return wrong(Self.rule(range)) }
            return []
        case .choice(let words):
            guard let word = value.stringValue, words.contains(word) else {
                let nearest = hints > 0 ? value.stringValue.flatMap { nearestName(to: $0, among: words) } : nil
                hints -= 1
                let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
                return wrong("one of \(words.joined(separator: ", "))\(hint)")
            }
            return []
        case .text(let rule):
            guard let text = value.stringValue else { return wrong("a string") }
            if let problem = rule.limit?.problem(text) {
                return [FieldError(field: path, message: "\(path.isEmpty ? "The body" : "\"\(path)\"") \(problem)")]
            }
            return rule.problem(text).map(wrong) ?? []
        case .list(let element, let most):
            guard let elements = value.arrayValue else { return wrong("a list") }
            if let most, elements.count > most { return wrong("a list of at most \(most)") }
            return elements.enumerated().flatMap { index, value in
                element.errors(in: value, at: path.isEmpty ? "\(index)" : "\(path).\(index)", &hints)
            }
        case .map(let element):
            guard let members = value.objectValue else { return wrong("an object") }
            guard members.count <= FieldError.memberLimit else { return [Self.tooMany(at: path)] }
            return members.flatMap { element.errors(in: $0.value, at: Self.join(path, $0.key), &hints) }
        case .object(let members):
            guard let given = value.objectValue else { return wrong("an object") }
            return Self.errors(in: given, members, at: path, &hints)
        case .open(let members, let others):
            guard let given = value.objectValue else { return wrong("an object") }
            guard given.count <= FieldError.memberLimit else { return [Self.tooMany(at: path)] }
            let known = Set(members.map(\.name))
            let more = given.filter { !known.contains($0.key) }
            return Self.errors(in: given.filter { known.contains($0.key) }, members, at: path, &hints)
                + more.flatMap { others.errors(in: $0.value, at: Self.join(path, $0.key), &hints) }
        }
    }

    private static func errors(
        in given: JSONObject, _ members: [Member], at path: String, _ hints: inout Int
    ) -> [FieldError] {
        guard given.count <= FieldError.memberLimit else { return [tooMany(at: path)] }
        let known = members.map(\.name)
        let unknown = FieldError.unknown(given.keys.filter { !known.contains($0) }, among: known) { name, hint in
            FieldError(field: join(path, name), message: "There is no member \"\(name)\" here\(hint)")
        }
        return unknown
            + members.flatMap { member -> [FieldError] in
                let place = join(path, member.name)
                guard let value = given[member.name] else {
                    return member.isRequired
                        ? [FieldError(field: place, message: "\"\(place)\" is missing")] : []
                }
                return member.shape.errors(in: value, at: place, &hints)
            }
    }

    private static func tooMany(at path: String) -> FieldError {
        FieldError(
            field: path,
            message:
                "\(path.isEmpty ? "The body" : "\"\(path)\"") must be an object of at most \(FieldError.memberLimit) members"
        )
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private static func rule(_ range: ClosedRange<Int64>) -> String {
        range.upperBound == .max
            ? "a whole number from \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}

extension Shape.TextRule {
    /// nil: the text is right.
    fileprivate func problem(_ text: String) -> String? {
        if text.unicodeScalars.count < shortest {
            return shortest == 1 ? "a text that is not empty" : "\(shortest) characters or more"
        }
        if format == "date-time", TypedMoment(text, offset: { _ in 0 }) == nil {
            return "a date with a time, such as 2026-01-05T09:00:00Z"
        }
        if let pattern, pattern == Shape.loginPattern ? !Slug.isLogin(text) : !Slug.isValid(text) {
            return pattern == Shape.loginPattern ? Slug.loginRule : Slug.rule
        }
        return nil
    }
}

// MARK: Describing

extension Shape {
    fileprivate static var loginPattern: String {
        guard case .text(let rule) = login else { return "" }
        return rule.pattern ?? ""
    }

    /// The shape as JSON Schema.
    /// - Parameter components: is given every named shape on the way.
    func schema(_ components: inout JSONObject) -> JSON {
        switch self {
        case .any: return [:]
        case .flag: return ["type": "boolean"]
        case .choice(let words): return ["type": "string", "enum": .strings(words)]
        case .integer(let range):
            var members: JSONObject = ["type": "integer", "minimum": .int(range.lowerBound)]
            if range.upperBound != .max { members["maximum"] = .int(range.upperBound) }
            return .object(members)
        case .text(let rule): return rule.schema
        case .list(let element, let most):
            var members: JSONObject = ["type": "array", "items": element.schema(&components)]
            if let most { members["maxItems"] = .int(most) }
            return .object(members)
        case .map(let element):
            return ["type": "object", "additionalProperties": element.schema(&components)]
        case .orNull(let shape): return ["anyOf": [shape.schema(&components), ["type": "null"]]]
        case .either(let shapes): return ["anyOf": .array(shapes.map { $0.schema(&components) })]
        case .named(let name, let shape):
            if components[name] == nil {
                components[name] = .null
                components[name] = shape.schema(&components)
            }
            return ["$ref": .string("#/components/schemas/\(name)")]
        case .object(let members): return Self.schema(members, others: false, &components)
        case .open(let members, let others):
            return Self.schema(members, others: others.schema(&components), &components)
        }
    }

    private static func schema(_ members: [Member], others: JSON, _ components: inout JSONObject) -> JSON {
        var properties: JSONObject = [:]
        for member in members {
            var schema = member.shape.schema(&components).objectValue ?? [:]
            if let help = member.help { schema["description"] = .string(help) }
            properties[member.name] = .object(schema)
        }
        let required = members.filter(\.isRequired).map(\.name)
        var schema: JSONObject = [
            "type": "object", "properties": .object(properties), "additionalProperties": others,
        ]
        if !required.isEmpty { schema["required"] = .strings(required) }
        return .object(schema)
    }
}

extension Shape.TextRule {
    fileprivate var schema: JSON {
        var members: JSONObject = ["type": "string"]
        if shortest > 0 { members["minLength"] = .int(shortest) }
        if let limit { members["maxLength"] = .int(limit.characters) }
        if let format { members["format"] = .string(format) }
        if let pattern { members["pattern"] = .string(pattern) }
        return .object(members)
    }
}
