/// Functions on any value: its type, its size, its text.
extension Builtin {
    static let values: [Builtin] = [
        Builtin("not") { .bool(!$0.isTruthy) },
        Builtin("type") { .string($0.typeName) },
        Builtin("error") { (input) throws(ExpressionError) in throw .raised(input) },
        Builtin("error") { (_, message) throws(ExpressionError) in throw .raised(message) },
        Builtin("length") { (input) throws(ExpressionError) in
            switch input {
            case .null: return 0
            case .bool: throw .raised(.string("\(input.errorText) has no length"))
            case .number(let number): return .number(number.magnitude)
            case .string(let text): return .int(text.unicodeScalars.count)
            case .array(let elements): return .int(elements.count)
            case .object(let members): return .int(members.count)
            }
        },
        Builtin("utf8bytelength") { (input) throws(ExpressionError) in
            guard let text = input.stringValue else {
                throw .raised(.string("\(input.errorText) only strings have UTF-8 byte length"))
            }
            return .int(text.utf8.count)
        },
        Builtin("tostring") { .string($0.stringValue ?? $0.text) },
        Builtin("tojson") { .string($0.text) },
        Builtin("fromjson") { (input) throws(ExpressionError) in
            guard let text = input.stringValue else {
                throw .raised(.string("\(input.errorText) only strings can be parsed"))
            }
            do { return try JSON(jq: text) } catch {
                throw .raised(.string("\(error) (while parsing '\(String(text.unicodeScalars.prefix(1_000)))')"))
            }
        },
        Builtin("tonumber") { (input) throws(ExpressionError) in
            if case .number = input { return input }
            guard let text = input.stringValue, let number = JSONNumber(jq: text) else {
                throw .raised(.string("\(input.errorText) cannot be parsed as a number"))
            }
            return .number(number)
        },
        Builtin("toboolean") { (input) throws(ExpressionError) in
            switch input {
            case .bool: return input
            case .string("true"): return true
            case .string("false"): return false
            default: throw .raised(.string("\(input.errorText) cannot be parsed as a boolean"))
            }
        },
        Builtin("toarray") { if case .array = $0 { $0 } else { [$0] } },
        Builtin("have_literal_numbers") { _ in true },
        Builtin("have_decnum") { _ in true },
        Builtin("builtins") { _ in
            .array(
                arities.sorted { $0.key < $1.key }.flatMap { name, arities in
                    arities.sorted().map { .string("\(name)/\($0)") }
                })
        },
        Builtin(
            "contains", 1,
            .metered { (evaluator, input, arguments) throws(ExpressionError) in
                .bool(try contains(input, arguments[0], &evaluator))
            }),
        Builtin("has") { (input, key) throws(ExpressionError) in
            switch (input, key) {
            case (.null, _): return false
            case (.object(let members), .string(let name)): return .bool(members[name] != nil)
            case (.array(let elements), .number(let number)):
                return .bool(number.value > -1 && number.value < Double(elements.count))
            default:
                throw .raised(.string("Cannot check whether \(input.typeName) has a \(key.typeName) key"))
            }
        },
    ]

    private static func contains(
        _ whole: JSON, _ part: JSON, _ evaluator: inout Evaluator
    ) throws(ExpressionError) -> Bool {
        switch (whole, part) {
        case (.object(let members), .object(let wanted)):
            for (name, value) in wanted {
                try evaluator.spend(1)
                guard let member = members[name], try contains(member, value, &evaluator) else { return false }
            }
            return true
        case (.array(let elements), .array(let wanted)):
            for value in wanted {
                var isThere = false
                for (index, element) in elements.enumerated() {
                    if index.isMultiple(of: 8) { try evaluator.spend(1) }
                    guard element.typeName == value.typeName else { continue }
                    isThere = try contains(element, value, &evaluator)
                    if isThere { break }
                }
                if !isThere { return false }
            }
            return true
        case (.string(let text), .string(let wanted)):
            try evaluator.spend((text.utf8.count + wanted.utf8.count) / 64)
            return wanted.isEmpty || !Array(text.utf8).places(of: Array(wanted.utf8), overlapping: true).isEmpty
        default:
            guard whole.typeName == part.typeName else {
                throw .raised(
                    .string("\(whole.errorText) and \(part.errorText) cannot have their containment checked"))
            }
            try evaluator.weigh(whole, part, isSearch: false)
            return whole.equals(part)
        }
    }
}

extension JSONNumber {
    /// A number as `tonumber` reads it: JSON's, and with leading zeros, a bare point, `nan` or `infinity`.
    init?(jq text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        if let named = JSONNumber(named: text) {
            self = named
            return
        }
        guard isPlain else { return nil }
        self.init(written: text, isCanonical: true)
    }
}
