import Foundation

/// Functions from one value to one value.
extension Builtin {
    static let values: [Builtin] = [
        Builtin("not") { .bool(!$0.isTruthy) },
        Builtin("length") { (input) throws(ExpressionError) in
            switch input {
            case .null: return 0
            case .bool: throw .raised(.string("\(input.errorText) has no length"))
            case .number(let number): return .double(abs(number.value))
            case .string(let text): return .int(text.unicodeScalars.count)
            case .array(let elements): return .int(elements.count)
            case .object(let members): return .int(members.count)
            }
        },
        Builtin("keys") { (input) throws(ExpressionError) in
            switch input {
            case .object(let members): return .array(members.keys.map(JSON.string).sorted())
            case .array(let elements): return .array(elements.indices.map { .int($0) })
            case .null, .bool, .number, .string: throw .raised(.string("\(input.errorText) has no keys"))
            }
        },
        Builtin("keys_unsorted") { (input) throws(ExpressionError) in
            guard let members = input.objectValue else { throw .raised(.string("\(input.errorText) has no keys")) }
            return .strings(members.keys)
        },
        Builtin("has") { (input, key) throws(ExpressionError) in
            switch (input, key) {
            case (.object(let members), .string(let name)): return .bool(members[name] != nil)
            case (.array(let elements), .number(let number)):
                return .bool(number.value >= 0 && number.value < Double(elements.count))
            default: throw .raised(.string("Cannot check whether \(input.typeName) has a \(key.typeName) key"))
            }
        },
        Builtin("in") { (input, holder) throws(ExpressionError) in
            guard let members = holder.objectValue, let name = input.stringValue else {
                throw .raised(.string("Cannot check whether \(holder.typeName) has a \(input.typeName) key"))
            }
            return .bool(members[name] != nil)
        },
        Builtin("contains") { (input, part) throws(ExpressionError) in .bool(try contains(input, part)) },
        Builtin("inside") { (input, whole) throws(ExpressionError) in .bool(try contains(whole, input)) },
        Builtin("index") { (input, part) throws(ExpressionError) in
            if case (.array(let elements), _) = (input, part) {
                return elements.firstIndex { $0.equals(part) }.map { .int($0) } ?? .null
            }
            guard let text = input.stringValue, let wanted = part.stringValue, !wanted.isEmpty,
                let range = text.range(of: wanted)
            else { return .null }
            return .int(text[..<range.lowerBound].unicodeScalars.count)
        },
        Builtin("add") { (input) throws(ExpressionError) in
            var sum = JSON.null
            for element in try input.elements() { sum = try BinaryOperator.add.apply(sum, element) }
            return sum
        },
        Builtin("type") { .string($0.typeName) },
        Builtin("first") { (input) throws(ExpressionError) in try input.member(0) },
        Builtin("last") { (input) throws(ExpressionError) in try input.member(-1) },
        Builtin("reverse") { (input) throws(ExpressionError) in
            if let text = input.stringValue {
                return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
            }
            return input == .null ? [] : .array(try input.elements().reversed())
        },
        Builtin("sort") { (input) throws(ExpressionError) in .array(try array(input, "sorted").sorted()) },
        Builtin("unique") { (input) throws(ExpressionError) in
            .array(
                try array(input, "sorted").sorted().reduce(into: []) { unique, element in
                    if unique.last?.equals(element) != true { unique.append(element) }
                })
        },
        Builtin("min") { (input) throws(ExpressionError) in try array(input, "compared").min() ?? .null },
        Builtin("max") { (input) throws(ExpressionError) in try array(input, "compared").max() ?? .null },
        Builtin("flatten") { (input) throws(ExpressionError) in .array(flatten(try input.elements())) },
        Builtin("floor") { (input) throws(ExpressionError) in .double(try number(input).rounded(.down)) },
        Builtin("ceil") { (input) throws(ExpressionError) in .double(try number(input).rounded(.up)) },
        Builtin("round") { (input) throws(ExpressionError) in .double(try number(input).rounded()) },
        Builtin("abs") { (input) throws(ExpressionError) in .double(abs(try number(input))) },
        Builtin("sqrt") { (input) throws(ExpressionError) in .double(try number(input).squareRoot()) },
        Builtin("to_entries") { (input) throws(ExpressionError) in
            guard let members = input.objectValue else { throw .raised(.string("\(input.errorText) has no keys")) }
            return .array(members.map { ["key": .string($0.key), "value": $0.value] })
        },
        Builtin("from_entries") { (input) throws(ExpressionError) in
            var members = JSONObject()
            for entry in try input.elements() {
                let name = ["key", "k", "name"].lazy.map { entry[$0] }.first { $0 != .null } ?? .null
                members[name.displayText] = entry["value"] == .null ? entry["v"] : entry["value"]
            }
            return .object(members)
        },
    ]

    private static func contains(_ whole: JSON, _ part: JSON) throws(ExpressionError) -> Bool {
        switch (whole, part) {
        case (.object(let members), .object(let wanted)):
            for (name, value) in wanted {
                guard let member = members[name], try contains(member, value) else { return false }
            }
            return true
        case (.array(let elements), .array(let wanted)):
            for value in wanted {
                var found = false
                for element in elements where element.typeName == value.typeName {
                    found = try contains(element, value)
                    if found { break }
                }
                if !found { return false }
            }
            return true
        case (.string(let text), .string(let wanted)): return wanted.isEmpty || text.contains(wanted)
        default:
            guard whole.typeName == part.typeName else {
                throw .raised(
                    .string("\(whole.errorText) and \(part.errorText) cannot have their containment checked"))
            }
            return whole.equals(part)
        }
    }

    private static func flatten(_ elements: [JSON]) -> [JSON] {
        elements.flatMap { element in element.arrayValue.map(flatten) ?? [element] }
    }

    private static func number(_ input: JSON) throws(ExpressionError) -> Double {
        guard let number = input.doubleValue else { throw .raised(.string("\(input.errorText) number required")) }
        return number
    }
}
