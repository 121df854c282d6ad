import Foundation

extension BinaryOperator {
    /// jq's arithmetic and comparison, with its error texts.
    func apply(_ left: JSON, _ right: JSON) throws(ExpressionError) -> JSON {
        switch self {
        case .add: try add(left, right)
        case .subtract: try subtract(left, right)
        case .multiply: try multiply(left, right)
        case .divide: try divide(left, right)
        case .remainder: try remainder(left, right)
        case .equal: .bool(left.equals(right))
        case .notEqual: .bool(!left.equals(right))
        case .less: .bool(left < right)
        case .lessOrEqual: .bool(!(right < left))
        case .greater: .bool(right < left)
        case .greaterOrEqual: .bool(!(left < right))
        }
    }

    private func add(_ left: JSON, _ right: JSON) throws(ExpressionError) -> JSON {
        switch (left, right) {
        case (.null, _): return right
        case (_, .null): return left
        case (.number(let left), .number(let right)): return .double(left.value + right.value)
        case (.string(let left), .string(let right)): return .string(left + right)
        case (.array(let left), .array(let right)): return .array(left + right)
        case (.object(let left), .object(let right)):
            return .object(left.merging(right) { _, right in right })
        default: throw mismatch(left, right, "cannot be added")
        }
    }

    private func subtract(_ left: JSON, _ right: JSON) throws(ExpressionError) -> JSON {
        switch (left, right) {
        case (.number(let left), .number(let right)): return .double(left.value - right.value)
        case (.array(let left), .array(let right)):
            return .array(left.filter { element in !right.contains { $0.equals(element) } })
        default: throw mismatch(left, right, "cannot be subtracted")
        }
    }

    private func multiply(_ left: JSON, _ right: JSON) throws(ExpressionError) -> JSON {
        switch (left, right) {
        case (.number(let left), .number(let right)): return .double(left.value * right.value)
        case (.object(let left), .object(let right)): return .object(deepMerge(left, right))
        default: throw mismatch(left, right, "cannot be multiplied")
        }
    }

    private func deepMerge(_ left: JSONObject, _ right: JSONObject) -> JSONObject {
        left.merging(right) { left, right in
            guard case (.object(let left), .object(let right)) = (left, right) else { return right }
            return .object(deepMerge(left, right))
        }
    }

    private func divide(_ left: JSON, _ right: JSON) throws(ExpressionError) -> JSON {
        switch (left, right) {
        case (.number(let dividend), .number(let divisor)):
            guard divisor.value != 0 else {
                throw mismatch(left, right, "cannot be divided because the divisor is zero")
            }
            return .double(dividend.value / divisor.value)
        case (.string(let text), .string(let separator)):
            if text.isEmpty { return [] }
            if separator.isEmpty { return .array(text.unicodeScalars.map { .string(String($0)) }) }
            return .array(text.components(separatedBy: separator).map(JSON.string))
        default: throw mismatch(left, right, "cannot be divided")
        }
    }

    private func remainder(_ left: JSON, _ right: JSON) throws(ExpressionError) -> JSON {
        guard case (.number(let dividend), .number(let divisor)) = (left, right) else {
            throw mismatch(left, right, "cannot be divided")
        }
        guard let whole = Int64(clamping: dividend.value), let by = Int64(clamping: divisor.value) else {
            return .double(.nan)
        }
        guard by != 0 else { throw mismatch(left, right, "cannot be divided because the divisor is zero") }
        return .double(Double(whole.magnitude % by.magnitude) * (whole < 0 ? -1 : 1))
    }

    private func mismatch(_ left: JSON, _ right: JSON, _ what: String) -> ExpressionError {
        .raised(.string("\(left.errorText) and \(right.errorText) \(what)"))
    }
}

extension Int64 {
    /// Truncates; nil for NaN.
    fileprivate init?(clamping value: Double) {
        guard !value.isNaN else { return nil }
        if value >= 9.2e18 { self = .max } else if value <= -9.2e18 { self = .min } else { self = Int64(value) }
    }
}

extension JSON {
    /// The value as jq's messages show it: type and the first bytes.
    var errorText: String {
        guard self != .null else { return "null (null)" }
        let text = text
        return "\(typeName) (\(text.utf8.count > 30 ? String(text.prefix(27)) + "..." : text))"
    }

    /// `.[key]`.
    func member(_ key: JSON) throws(ExpressionError) -> JSON {
        switch (self, key) {
        case (.object(let members), .string(let name)): return members[name] ?? .null
        case (.null, .string), (.null, .number), (.null, .null): return .null
        case (.array(let elements), .number(let number)):
            guard let whole = Int64(clamping: number.value.rounded(.down)) else { return .null }
            let index = whole < 0 ? Int(whole) + elements.count : Int(whole)
            return elements.indices.contains(index) ? elements[index] : .null
        case (_, .string(let name)):
            throw .raised(.string("Cannot index \(typeName) with \"\(name)\""))
        case (_, .number): throw .raised(.string("Cannot index \(typeName) with number"))
        default: throw .raised(.string("Cannot index \(typeName) with \(key.typeName)"))
        }
    }

    /// `.[]`.
    func elements() throws(ExpressionError) -> [JSON] {
        switch self {
        case .array(let elements): return elements
        case .object(let members): return Array(members.values)
        case .null, .bool, .number, .string: throw .raised(.string("Cannot iterate over \(errorText)"))
        }
    }

    /// `.[from:to]`, of arrays by element and of strings by code point.
    func slice(from: JSON, to: JSON) throws(ExpressionError) -> JSON {
        let count: Int
        switch self {
        case .null: return .null
        case .array(let elements): count = elements.count
        case .string(let text): count = text.unicodeScalars.count
        case .bool, .number, .object: throw .raised(.string("Cannot index \(typeName) with object"))
        }
        let start = try bound(from, or: 0, count: count, rounding: .down)
        let end = max(start, try bound(to, or: count, count: count, rounding: .up))
        if case .array(let elements) = self { return .array(Array(elements[start..<end])) }
        let scalars = Array((stringValue ?? "").unicodeScalars)[start..<end]
        return .string(String(String.UnicodeScalarView(scalars)))
    }

    private func bound(
        _ value: JSON, or absent: Int, count: Int, rounding: FloatingPointRoundingRule
    ) throws(ExpressionError) -> Int {
        if value == .null { return absent }
        guard let number = value.doubleValue, let whole = Int64(clamping: number.rounded(rounding)) else {
            throw .raised(.string("Start and end indices of an array slice must be numbers"))
        }
        let bounded = whole < 0 ? Double(whole) + Double(count) : Double(whole)
        return Int(min(max(bounded, 0), Double(count)))
    }
}
