/// A number with the digits it was written with.
///
/// Arithmetic works on `value`; a number that nobody computed with is written back as `literal`, so that an identifier
/// of 20 digits survives a form. Numbers compare by their digits where a double cannot tell them apart, as in jq 1.8.
package struct JSONNumber: Sendable {
    package let value: Double
    package let literal: String?

    package init(_ value: Double, literal: String? = nil) {
        self.value = value
        self.literal = literal
    }

    /// Keeps the digits.
    var negated: JSONNumber {
        guard let literal, value != 0 else { return JSONNumber(0 - value) }
        return JSONNumber(-value, literal: literal.hasPrefix("-") ? String(literal.dropFirst()) : "-" + literal)
    }

    var magnitude: JSONNumber { value < 0 ? negated : value == 0 ? JSONNumber(0) : self }
}

extension JSONNumber: Hashable {
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.value == right.value && left.order(against: right) == 0
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension JSONNumber {
    /// Less than 0, 0, or more; NaN is less than everything, itself included.
    func order(against other: JSONNumber) -> Int {
        if value < other.value || value.isNaN { return -1 }
        guard value == other.value else { return 1 }
        // 15 digits always survive in a double.
        guard let literal, let theirs = other.literal, literal.utf8.count > 15 || theirs.utf8.count > 15 else {
            return 0
        }
        return Decimal(literal).order(against: Decimal(theirs))
    }

    /// The digits it was written with, else the shortest that read back as the same value, as jq writes them.
    package var text: String {
        if value.isInfinite { return value < 0 ? "-1.7976931348623157e+308" : "1.7976931348623157e+308" }
        if let literal { return literal }
        if value.isNaN { return "null" }
        if abs(value) < 1e15, let integer = Int64(exactly: value) { return integer == 0 ? "0" : String(integer) }
        let decimal = Decimal(String(value))
        let digits = decimal.digits.map(String.init).joined()
        let point = decimal.point
        let sign = value < 0 ? "-" : ""
        if point <= -4 || point > digits.count + 15 {
            let exponent = point - 1
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let size = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(size)"
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}

extension JSONNumber {
    /// A number of a program, its digits kept and its exponent written as jq writes it: `100e-2` is `1.00`.
    init?(written text: String) {
        guard let value = Double(text) else { return nil }
        self.init(value, literal: value.isInfinite ? text : Self.canonical(text))
    }

    /// The scientific string of the General Decimal Arithmetic specification, on which jq's numbers rest.
    private static func canonical(_ text: String) -> String {
        let sign = text.hasPrefix("-") ? "-" : ""
        let mantissa = text.drop { $0 == "-" || $0 == "+" }.prefix { $0 != "e" && $0 != "E" }
        let written = text.drop { $0 != "e" && $0 != "E" }.dropFirst()
        let fraction = mantissa.drop { $0 != "." }.dropFirst()
        var digits = String(mantissa.filter { $0 != "." }.drop { $0 == "0" })
        if digits.isEmpty { digits = "0" }
        let exponent = (Int(written) ?? 0) - fraction.count
        let adjusted = exponent + digits.count - 1
        guard exponent <= 0, adjusted >= -6 else {
            let rest = digits.dropFirst()
            return
                "\(sign)\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")E\(adjusted < 0 ? "-" : "+")\(abs(adjusted))"
        }
        if exponent == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
        return "\(sign)\(padded.dropLast(-exponent)).\(padded.suffix(-exponent))"
    }
}

/// The digits of a number as it was written: `0.digits × 10^point`.
private struct Decimal {
    let isNegative: Bool
    /// Without zeros in front and behind; empty for zero.
    let digits: [UInt8]
    let point: Int

    init(_ text: String) {
        var digits: [UInt8] = []
        var point = 0
        var seenPoint = false
        var exponent = 0
        let mantissa = text.prefix { $0 != "e" && $0 != "E" }
        if mantissa.count < text.count {
            let written = text.dropFirst(mantissa.count + 1)
            exponent = Int(written) ?? (written.hasPrefix("-") ? Int.min / 4 : Int.max / 4)
        }
        for byte in mantissa.utf8 {
            if byte == UInt8(ascii: ".") { seenPoint = true }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { continue }
            let digit = byte - UInt8(ascii: "0")
            if digits.isEmpty && digit == 0 {
                if seenPoint { point -= 1 }
                continue
            }
            digits.append(digit)
            if !seenPoint { point += 1 }
        }
        while digits.last == 0 { digits.removeLast() }
        isNegative = text.hasPrefix("-")
        self.digits = digits
        self.point = digits.isEmpty ? 0 : point + exponent
    }

    func order(against other: Decimal) -> Int {
        if isNegative != other.isNegative { return digits.isEmpty && other.digits.isEmpty ? 0 : isNegative ? -1 : 1 }
        let order =
            point != other.point
            ? (point < other.point ? -1 : 1)
            : digits == other.digits ? 0 : digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
        return isNegative ? -order : order
    }
}
