/// A written number: its digits, and the power of ten of the last one.
///
/// The exponent comes from outside, so it is limited before anything is computed with it, and is never written out as
/// zeros.
struct WrittenDecimal {
    /// The largest exponent in jq (decNumber's). Smaller numbers are zero, larger ones infinite.
    private static let largestExponent = 999_999_999
    /// Exponents are limited to this: beyond it, the number of digits changes nothing any more.
    private static let farthest = 1 << 50

    let isNegative: Bool
    /// The digits without leading zeros; empty for zero. Zeros at the end count: `1.50` has three digits.
    let digits: [UInt8]
    let exponent: Int

    /// - Parameter text: a number of JSON; leading zeros and a bare point are allowed too.
    init(_ text: String) {
        var digits: [UInt8] = []
        var fraction: Int?
        var bytes = Array(text.utf8)[...]
        isNegative = bytes.first == UInt8(ascii: "-")
        while let byte = bytes.popFirst(), byte | 0x20 != UInt8(ascii: "e") {
            if byte == UInt8(ascii: ".") { fraction = 0 }
            guard let digit = byte.decimalDigit else { continue }
            fraction = fraction.map { $0 + 1 }
            if digit > 0 || !digits.isEmpty { digits.append(digit) }
        }
        self.digits = digits
        exponent = Self.exponent(bytes) - (fraction ?? 0)
    }

    private static func exponent(_ written: ArraySlice<UInt8>) -> Int {
        var size = 0
        for byte in written { if let digit = byte.decimalDigit { size = min(size * 10 + Int(digit), farthest) } }
        return written.first == UInt8(ascii: "-") ? -size : size
    }

    /// The power of ten of the first digit; for zero, the written one.
    private var leadingExponent: Int { exponent + max(digits.count, 1) - 1 }

    var isTooSmall: Bool { leadingExponent < -Self.largestExponent }

    /// The exponent is limited for zero too: `0e9999999999` is zero.
    var isTooLarge: Bool { leadingExponent > Self.largestExponent }

    /// Less than 0, 0 or more.
    func order(against other: WrittenDecimal) -> Int {
        if digits.isEmpty || other.digits.isEmpty { return sign - other.sign }
        if sign != other.sign { return sign - other.sign }
        return isNegative ? -size(against: other) : size(against: other)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func size(against other: WrittenDecimal) -> Int {
        if leadingExponent != other.leadingExponent { return leadingExponent < other.leadingExponent ? -1 : 1 }
        for (digit, theirs) in zip(digits, other.digits) where digit != theirs { return digit < theirs ? -1 : 1 }
        // One may have been written with zeros behind.
        let isLonger = digits.dropFirst(other.digits.count).contains { $0 > 0 }
        let isShorter = other.digits.dropFirst(digits.count).contains { $0 > 0 }
        return (isLonger ? 1 : 0) - (isShorter ? 1 : 0)
    }

    /// The scientific string of the General Decimal Arithmetic specification, which jq's numbers follow.
    var text: String {
        let sign = isNegative ? "-" : ""
        let digits = digits.isEmpty ? "0" : Self.text(self.digits[...])
        guard exponent <= 0, leadingExponent >= -6 else {
            let fraction = digits.utf8.count > 1 ? "." + digits.dropFirst() : ""
            return
                "\(sign)\(digits.prefix(1))\(fraction)E\(leadingExponent < 0 ? "-" : "+")\(leadingExponent.magnitude)"
        }
        if exponent == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.utf8.count)) + digits
        return "\(sign)\(padded.dropLast(-exponent)).\(padded.suffix(-exponent))"
    }

    /// The shortest digits of a double, in jq's notation.
    var shortText: String {
        let significant = digits.prefix((digits.lastIndex { $0 > 0 } ?? -1) + 1)
        let digits = Self.text(significant)
        let point = leadingExponent + 1
        let sign = isNegative ? "-" : ""
        if point <= -4 || point > significant.count + 15 {
            let fraction = significant.count > 1 ? "." + digits.dropFirst() : ""
            let size = leadingExponent.magnitude
            return
                "\(sign)\(digits.prefix(1))\(fraction)e\(leadingExponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= significant.count {
            return sign + digits + String(repeating: "0", count: point - significant.count)
        }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    private static func text(_ digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }
}

extension UInt8 {
    var decimalDigit: UInt8? { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) ? self - UInt8(ascii: "0") : nil }
}
