/// A number with its digits as they were written.
///
/// Arithmetic works on `value`; a number that was not computed is written back as `literal`, so that an identifier of
/// 20 digits survives a form. Numbers that are equal as doubles compare by their digits, as in jq 1.8.
package struct JSONNumber: Sendable {
    package let value: Double
    package let literal: String?

    package init(_ value: Double, literal: String? = nil) {
        self.value = value
        self.literal = literal
    }

    /// Reads a written number. Its digits are kept if its exponent is allowed in jq.
    /// - Parameter isCanonical: whether it is written back as jq writes numbers in programs: `100e-2` as `1.00`.
    /// - Returns: nil if the text is not a number.
    package init?(written text: String, isCanonical: Bool = false) {
        guard let value = Double(text) else { return nil }
        guard isCanonical || text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) else {
            self.init(value, literal: text)
            return
        }
        let decimal = WrittenDecimal(text)
        guard !decimal.isTooLarge, !decimal.isTooSmall else {
            self.init(value)
            return
        }
        self.init(value, literal: isCanonical ? decimal.text : text)
    }

    /// Reads jq's words for NaN and infinities, in upper or lower case.
    init?(named name: String) {
        switch name.lowercased() {
        case "nan", "-nan": self.init(.nan)
        case "infinity", "inf": self.init(.infinity)
        case "-infinity", "-inf": self.init(-.infinity)
        default: return nil
        }
    }

    /// The additional weight of a long literal, whose digits are compared one by one.
    var extraWeight: Int { (literal?.utf8.count ?? 0) / 20 }

    /// The negated number, with its digits kept.
    var negated: JSONNumber {
        guard let literal, value != 0 else { return JSONNumber(0 - value) }
        return JSONNumber(-value, literal: literal.hasPrefix("-") ? String(literal.dropFirst()) : "-" + literal)
    }

    var magnitude: JSONNumber { value < 0 ? negated : value == 0 ? JSONNumber(0) : self }

    /// The written digits, else the shortest ones that read back as the same value, as jq writes them.
    package var text: String {
        if value.isInfinite { return value < 0 ? "-1.7976931348623157e+308" : "1.7976931348623157e+308" }
        if let literal { return literal }
        if value.isNaN { return "null" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        if abs(value) < 1e15, let integer = Int64(exactly: value) { return String(integer) }
        return WrittenDecimal(String(value)).shortText
    }
}

extension JSONNumber: Hashable {
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool { left.order(against: right) == 0 }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension JSONNumber {
    /// Less than 0, 0, or more; NaN is less than every number, itself included.
    func order(against other: JSONNumber) -> Int {
        if value < other.value || value.isNaN { return -1 }
        guard value == other.value else { return 1 }
        guard let literal, let theirs = other.literal, mayDiffer(literal, theirs) else { return 0 }
        return WrittenDecimal(literal).order(against: WrittenDecimal(theirs))
    }

    /// Whether two literals of the same double may differ: up to 15 digits always survive in a double of normal size.
    private func mayDiffer(_ literal: String, _ other: String) -> Bool {
        let isBeyondDouble = value == 0 || value.isInfinite
        return (isBeyondDouble || literal.utf8.count > 15 || other.utf8.count > 15) && literal != other
    }
}
