extension BinaryOperator {
    /// jq's arithmetic and comparison, with its error texts.
    func apply(_ left: JSON, _ right: JSON, _ limits: ExpressionLimits = .init()) throws(ExpressionError) -> JSON {
        switch self {
        case .add: try add(left, right)
        case .subtract: try subtract(left, right)
        case .multiply: try multiply(left, right, limits)
        case .divide: try divide(left, right)
        case .remainder: try remainder(left, right)
        case .equal: .bool(left.equals(right))
        case .notEqual: .bool(!left.equals(right))
        case .less: .bool(left.order(against: right) < 0)
        case .lessOrEqual: .bool(left.order(against: right) <= 0)
        case .greater: .bool(left.order(against: right) > 0)
        case .greaterOrEqual: .bool(left.order(against: right) >= 0)
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

    /// Repeats a text by doubling, so that a short text takes only a few long copies.
    private func repeated(_ text: String, _ count: Int) -> String {
        let wanted = text.utf8.count * count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(wanted)
        if count > 0 { bytes.append(contentsOf: text.utf8) }
        while bytes.count < wanted { bytes.append(contentsOf: bytes.prefix(wanted - bytes.count)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func multiply(_ left: JSON, _ right: JSON, _ limits: ExpressionLimits) throws(ExpressionError) -> JSON {
        switch (left, right) {
        case (.number(let left), .number(let right)): return .double(left.value * right.value)
        case (.string(let text), .number(let number)), (.number(let number), .string(let text)):
            guard number.value >= 0 else { return .null }
            let bytes = number.value.rounded(.down) * Double(text.utf8.count)
            guard bytes <= Double(limits.stringBytes) else { throw .raised("Repeat string result too long") }
            return .string(text.isEmpty ? "" : repeated(text, Int(number.value)))
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
        case (.string(let text), .string(let separator)): return text.split(separatedBy: separator)
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
        guard by != 0 else { throw mismatch(left, right, "cannot be divided (remainder) because the divisor is zero") }
        let size = Double(whole.magnitude % by.magnitude)
        return .double(whole < 0 ? 0 - size : size)
    }

    private func mismatch(_ left: JSON, _ right: JSON, _ what: String) -> ExpressionError {
        .raised(.string("\(left.errorText) and \(right.errorText) \(what)"))
    }
}

extension Int64 {
    /// Truncates a number, limited to the range of the type; nil for NaN.
    init?(clamping value: Double) {
        guard !value.isNaN else { return nil }
        if value >= 9.2e18 { self = .max } else if value <= -9.2e18 { self = .min } else { self = Int64(value) }
    }
}

extension JSON {
    /// The value as jq's messages show it: type and the first bytes.
    var errorText: String { self == .null ? "null (null)" : "\(typeName) (\(shortText))" }

    /// The beginning of the JSON text, at most 29 bytes; the closing quote of a string is kept.
    var shortText: String {
        var bytes: [UInt8] = []
        write(into: &bytes, most: 64)
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.count > 29 else { return text }
        if case .string = self { return text.prefix(bytes: 25) + "...\"" }
        return text.prefix(bytes: 26) + "..."
    }
}

extension String {
    /// The beginning of the text that fits into these bytes, cut between characters.
    fileprivate func prefix(bytes: Int) -> String {
        var end = utf8.index(utf8.startIndex, offsetBy: bytes)
        while unicodeScalars.index(end, offsetBy: 0).samePosition(in: unicodeScalars) == nil {
            end = utf8.index(before: end)
        }
        return String(self[..<end])
    }

    /// The parts between separators, by bytes; with an empty separator, the code points.
    func split(separatedBy separator: String) -> JSON {
        if isEmpty { return [] }
        if separator.isEmpty { return .array(unicodeScalars.map { .string(String($0)) }) }
        let bytes = Array(utf8)
        let wanted = Array(separator.utf8)
        var parts: [JSON] = []
        var start = 0
        for place in bytes.places(of: wanted, overlapping: false) {
            parts.append(.string(String(decoding: bytes[start..<place], as: UTF8.self)))
            start = place + wanted.count
        }
        parts.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
        return .array(parts)
    }
}

extension [UInt8] {
    /// The positions at which `wanted` starts, in order; none if it is empty.
    ///
    /// The algorithm of Knuth, Morris and Pratt: the time is linear in the lengths, whatever the two texts are.
    func places(of wanted: [UInt8], overlapping: Bool) -> [Int] {
        guard !wanted.isEmpty, count >= wanted.count else { return [] }
        // For each prefix of `wanted`, the length of its longest proper prefix that is also its suffix.
        var borders = [0]
        var border = 0
        for byte in wanted.dropFirst() {
            while border > 0, wanted[border] != byte { border = borders[border - 1] }
            if wanted[border] == byte { border += 1 }
            borders.append(border)
        }
        var places: [Int] = []
        var matched = 0
        for (index, byte) in enumerated() {
            while matched > 0, wanted[matched] != byte { matched = borders[matched - 1] }
            if wanted[matched] == byte { matched += 1 }
            guard matched == wanted.count else { continue }
            places.append(index + 1 - wanted.count)
            matched = overlapping ? borders[matched - 1] : 0
        }
        return places
    }
}
