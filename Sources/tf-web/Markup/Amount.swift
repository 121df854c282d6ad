import TFExpression

/// Numbers for people: thousands have a comma, and amounts of money have two digits.
enum Amount {
    private static let currencies: Set<String> = ["€", "$", "£", "¥", "Fr.", "kr"]

    /// `1,250.00 EUR`, `3 hours`, `12,000`.
    static func text(_ number: JSON, unit: String?) -> String {
        let written = number.displayText
        let isMoney = unit.map { currencies.contains($0) || isCurrencyCode($0) } ?? false
        return grouped(written, digits: isMoney ? 2 : 0) + (unit.map { " \($0)" } ?? "")
    }

    /// Three capital letters, as in ISO 4217.
    private static func isCurrencyCode(_ unit: String) -> Bool {
        unit.utf8.count == 3 && unit.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// - Parameter digits: how many are shown behind the point at least.
    static func grouped(_ number: String, digits: Int = 0) -> String {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts[0].drop { $0 == "-" }
        // Written with an exponent, or no number at all.
        guard !whole.isEmpty, (whole + (parts.count > 1 ? parts[1] : "")).allSatisfy({ $0.isASCII && $0.isNumber })
        else { return number }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let filled = fraction + String(repeating: "0", count: max(0, digits - fraction.count))
        return (number.hasPrefix("-") ? "-" : "") + grouped + (filled.isEmpty ? "" : "." + filled)
    }
}
