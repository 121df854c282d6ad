/// A JSON value as jq sees it: members keep their order, number literals keep their digits.
package enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    package static func int(_ value: Int) -> JSON { .number(JSONNumber(Double(value), literal: String(value))) }

    package static func int(_ value: Int64) -> JSON { .number(JSONNumber(Double(value), literal: String(value))) }

    package static func double(_ value: Double) -> JSON { .number(JSONNumber(value)) }

    package static func optional(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }

    package static func strings(_ values: some Sequence<String>) -> JSON { .array(values.map(JSON.string)) }

    package var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var doubleValue: Double? {
        guard case .number(let value) = self else { return nil }
        return value.value
    }

    /// The number as an integer; nil if it has a fraction or is beyond ±2^53.
    package var intValue: Int? {
        guard let value = doubleValue, abs(value) <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: value)
    }

    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var arrayValue: [JSON]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    package var objectValue: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The member of an object; null if it is missing, or if the value is not an object.
    package subscript(name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members[name] ?? .null
    }

    /// The levels of arrays and objects, counted up to `limit`; and the weight, counted up to just beyond `budget`: one
    /// for each value, and one for each four bytes of text or digits.
    ///
    /// Without recursion, since the value may be nested deeper than the stack allows. With a budget, since parts that
    /// are shared in memory count each time, as they cost each time when somebody goes through the value.
    func measure(depth limit: Int, budget: Int) -> (depth: Int, weight: Int) {
        var waiting: [(value: JSON, depth: Int)] = [(self, 0)]
        var deepest = 0
        var weight = 0
        while let (value, depth) = waiting.popLast() {
            weight += 1
            deepest = max(deepest, depth)
            guard deepest <= limit, weight <= budget else { break }
            switch value {
            case .array(let elements):
                // Elements beyond the budget will not be looked at, so they are not pushed.
                guard elements.count <= budget - weight else { return (deepest, budget + 1) }
                for element in elements { waiting.append((element, depth + 1)) }
            case .object(let members):
                guard members.count <= budget - weight else { return (deepest, budget + 1) }
                weight += members.count  // the names
                for element in members.values { waiting.append((element, depth + 1)) }
            case .string(let text): weight += text.utf8.count / 4
            case .number(let number): weight += number.extraWeight
            case .null, .bool: break
            }
        }
        return (deepest, weight)
    }

    /// Whether both are the same value: large ones by memory, small ones by content.
    func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left.value.bitPattern == right.value.bitPattern
        case (.string(let left), .string(let right)): left.isSame(as: right)
        case (.array(let left), .array(let right)):
            left.withUnsafeBufferPointer(\.baseAddress) == right.withUnsafeBufferPointer(\.baseAddress)
                && left.count == right.count
        case (.object(let left), .object(let right)): left.isSame(as: right)
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }

    /// The number of elements or members; 1 for other values.
    var elementCount: Int {
        switch self {
        case .array(let elements): elements.count
        case .object(let members): members.count
        case .null, .bool, .number, .string: 1
        }
    }

    /// jq's truth: everything but null and false.
    package var isTruthy: Bool {
        switch self {
        case .null, .bool(false): false
        case .bool, .number, .string, .array, .object: true
        }
    }

    /// jq's name of the value's type, as its error messages and `type` use it.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// Texts are equal if their Unicode scalars are, objects if their members are equal and in the same order.
extension JSON: Hashable {
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isExactly(right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let number): hasher.combine(number)
        case .string(let text): hasher.combine(ExactString(text))
        case .array(let elements): hasher.combine(elements)
        case .object(let members): hasher.combine(members)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }

    package init(integerLiteral value: Int) { self = .int(value) }

    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements, uniquingKeysWith: { _, last in last }))
    }
}

/// Inside Codable records a JSON value is stored as one string of its text: containers of Codable lose member order
/// and the digits of numbers.
extension JSON: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = try JSON(parsing: text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
