import Foundation

/// One function of the language: its name, how many arguments it takes, and what it does.
struct Builtin: Sendable {
    typealias Run =
        @Sendable (inout Evaluator, JSON, [Closure], Evaluator.Emit) throws(ExpressionError) -> Void

    let name: String
    let arity: Int
    let run: Run

    /// A function that hands out any number of values.
    private init(_ name: String, _ arity: Int, _ run: @escaping Run) {
        self.name = name
        self.arity = arity
        self.run = run
    }

    /// A function from its input to one value.
    private init(_ name: String, _ apply: @escaping @Sendable (JSON) throws(ExpressionError) -> JSON) {
        self.init(name, 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            let result = try apply(input)
            try evaluator.charge(result)
            try emit(&evaluator, result)
        }
    }

    /// A function from its input and each value of its argument to one value.
    private init(_ name: String, _ apply: @escaping @Sendable (JSON, JSON) throws(ExpressionError) -> JSON) {
        self.init(name, 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (evaluator, argument) throws(ExpressionError) in
                let result = try apply(input, argument)
                try evaluator.charge(result)
                try emit(&evaluator, result)
            }
        }
    }

    static func named(_ name: String, arity: Int) -> Builtin? { table["\(name)/\(arity)"] }

    /// Every function's name with the numbers of arguments that it takes.
    static let arities: [String: Set<Int>] = all.reduce(into: [:]) { $0[$1.name, default: []].insert($1.arity) }

    private static let table = Dictionary(uniqueKeysWithValues: all.map { ("\($0.name)/\($0.arity)", $0) })

    private static let all: [Builtin] = generators + values + strings

    private static let generators: [Builtin] = [
        Builtin("empty", 0) { (_, _, _, _) throws(ExpressionError) in },
        Builtin("error", 0) { (_, input, _, _) throws(ExpressionError) in throw .raised(input) },
        Builtin("error", 1) { (evaluator, input, arguments, _) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (_, value) throws(ExpressionError) in throw .raised(value) }
        },
        Builtin("select", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (evaluator, value) throws(ExpressionError) in
                if value.isTruthy { try emit(&evaluator, input) }
            }
        },
        Builtin("map", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            var mapped: [JSON] = []
            for element in try input.elements() { mapped += try arguments[0].values(&evaluator, element) }
            try emit(&evaluator, .array(mapped))
        },
        Builtin("map_values", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            if case .object(let members) = input {
                var mapped = JSONObject()
                for (name, value) in members {
                    if let first = try arguments[0].values(&evaluator, value).first { mapped[name] = first }
                }
                return try emit(&evaluator, .object(mapped))
            }
            var mapped: [JSON] = []
            for element in try input.elements() {
                if let first = try arguments[0].values(&evaluator, element).first { mapped.append(first) }
            }
            try emit(&evaluator, .array(mapped))
        },
        Builtin("recurse", 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            try evaluator.evaluate(.recurse, input, nil, emit)
        },
        Builtin("any", 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            try emit(&evaluator, .bool(try input.elements().contains(where: \.isTruthy)))
        },
        Builtin("all", 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            try emit(&evaluator, .bool(try input.elements().allSatisfy(\.isTruthy)))
        },
        Builtin("any", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            for element in try input.elements()
            where try arguments[0].values(&evaluator, element).contains(where: \.isTruthy) {
                return try emit(&evaluator, true)
            }
            try emit(&evaluator, false)
        },
        Builtin("all", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            for element in try input.elements()
            where try !arguments[0].values(&evaluator, element).allSatisfy(\.isTruthy) {
                return try emit(&evaluator, false)
            }
            try emit(&evaluator, true)
        },
        Builtin("first", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            if let first = try arguments[0].values(&evaluator, input).first { try emit(&evaluator, first) }
        },
        Builtin("range", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (evaluator, value) throws(ExpressionError) in
                guard let end = value.doubleValue else { throw .raised("Range bounds must be numeric") }
                var next = 0.0
                while next < end {
                    try evaluator.spend(1)
                    try emit(&evaluator, .double(next))
                    next += 1
                }
            }
        },
        sorting("sort_by") { pairs in pairs.map(\.element) },
        sorting("group_by") { pairs in groups(pairs).map { .array($0.map(\.element)) } },
        sorting("unique_by") { pairs in groups(pairs).map { $0[0].element } },
        sorting("min_by") { pairs in pairs.first.map { [$0.element] } ?? [.null] },
        sorting("max_by") { pairs in pairs.last.map { [$0.element] } ?? [.null] },
    ]

    private static let values: [Builtin] = [
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

    private static let strings: [Builtin] = [
        Builtin("tostring") { .string($0.stringValue ?? $0.text) },
        Builtin("tonumber") { (input) throws(ExpressionError) in
            if case .number = input { return input }
            // Whatever JSON finds wrong with the text, jq has one message for.
            guard let text = input.stringValue, case .number(let number)? = try? JSON(parsing: text) else {
                throw .raised(.string("\(input.errorText) cannot be parsed as a number"))
            }
            return .number(number)
        },
        Builtin("tojson") { .string($0.text) },
        Builtin("fromjson") { (input) throws(ExpressionError) in
            do { return try JSON(parsing: try text(input, "parsed")) } catch let error as JSONSyntaxError {
                throw .raised(.string("\(error) (while parsing '\(input.displayText)')"))
            } catch let error as ExpressionError {
                throw error
            } catch {
                throw .raised(.string("\(error)"))
            }
        },
        Builtin("ascii_downcase") { (input) throws(ExpressionError) in
            .string(ascii(try text(input, "downcased"), from: "A"..."Z", toggle: 0x20))
        },
        Builtin("ascii_upcase") { (input) throws(ExpressionError) in
            .string(ascii(try text(input, "upcased"), from: "a"..."z", toggle: 0x20))
        },
        Builtin("startswith") { (input, prefix) throws(ExpressionError) in
            guard let text = input.stringValue, let prefix = prefix.stringValue else {
                throw .raised("startswith() requires string inputs")
            }
            return .bool(text.utf8.starts(with: prefix.utf8))
        },
        Builtin("endswith") { (input, suffix) throws(ExpressionError) in
            guard let text = input.stringValue, let suffix = suffix.stringValue else {
                throw .raised("endswith() requires string inputs")
            }
            return .bool(text.utf8.reversed().starts(with: suffix.utf8.reversed()))
        },
        Builtin("ltrimstr") { (input, prefix) throws(ExpressionError) in
            guard let text = input.stringValue, let prefix = prefix.stringValue, text.hasPrefix(prefix) else {
                return input
            }
            return .string(String(text.dropFirst(prefix.count)))
        },
        Builtin("rtrimstr") { (input, suffix) throws(ExpressionError) in
            guard let text = input.stringValue, let suffix = suffix.stringValue, text.hasSuffix(suffix) else {
                return input
            }
            return .string(String(text.dropLast(suffix.count)))
        },
        Builtin("trim") { (input) throws(ExpressionError) in
            .string(try text(input, "trimmed").trimmingCharacters(in: .whitespacesAndNewlines))
        },
        Builtin("split") { (input, separator) throws(ExpressionError) in
            guard input.stringValue != nil, separator.stringValue != nil else {
                throw .raised("split input and separator must be strings")
            }
            return try BinaryOperator.divide.apply(input, separator)
        },
        Builtin("join") { (input, separator) throws(ExpressionError) in
            guard let separator = separator.stringValue else { throw .raised("join needs a string to join with") }
            return .string(try input.elements().map(\.displayText).joined(separator: separator))
        },
    ]

    // MARK: Shared by entries of the table

    private static func sorting(
        _ name: String, _ finish: @escaping @Sendable ([(keys: [JSON], element: JSON)]) -> [JSON]
    ) -> Builtin {
        let yieldsOne = name == "min_by" || name == "max_by"
        return Builtin(name, 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            var pairs: [(keys: [JSON], element: JSON)] = []
            for element in try array(input, "sorted") {
                pairs.append((try arguments[0].values(&evaluator, element), element))
            }
            pairs.sort { JSON.array($0.keys) < JSON.array($1.keys) }
            let result = finish(pairs)
            try emit(&evaluator, yieldsOne ? result[0] : .array(result))
        }
    }

    private static func groups(_ pairs: [(keys: [JSON], element: JSON)]) -> [[(keys: [JSON], element: JSON)]] {
        pairs.reduce(into: []) { groups, pair in
            if let last = groups.last?.last, JSON.array(last.keys).equals(.array(pair.keys)) {
                groups[groups.count - 1].append(pair)
            } else {
                groups.append([pair])
            }
        }
    }

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

    private static func array(_ input: JSON, _ verb: String) throws(ExpressionError) -> [JSON] {
        guard let elements = input.arrayValue else {
            throw .raised(.string("\(input.errorText) cannot be \(verb), as it is not an array"))
        }
        return elements
    }

    private static func text(_ input: JSON, _ verb: String) throws(ExpressionError) -> String {
        guard let text = input.stringValue else { throw .raised(.string("\(input.errorText) cannot be \(verb)")) }
        return text
    }

    private static func number(_ input: JSON) throws(ExpressionError) -> Double {
        guard let number = input.doubleValue else { throw .raised(.string("\(input.errorText) number required")) }
        return number
    }

    private static func ascii(_ text: String, from range: ClosedRange<Unicode.Scalar>, toggle: UInt8) -> String {
        let bytes = text.utf8.map { byte in range.contains(Unicode.Scalar(byte)) ? byte ^ toggle : byte }
        return String(decoding: bytes, as: UTF8.self)
    }
}
