import TFExpression

extension NumberField {
    /// Says how to write a typed number that could be read in two ways, since the mark before its last three digits stands
    /// between thousands for some people and before decimals for others: `write 1234 or 1.23`; nil: it could not.
    ///
    /// A point is before decimals, as everywhere here, if the field allows three digits behind it.
    func clearer(than typed: String) -> String? {
        guard let parts = typed.wholeMatch(of: /(-?[1-9]\d{0,2})([.,])(\d{3})/)?.output else { return nil }
        let digits = min(digitsBehindPoint ?? 3, 3)
        guard parts.2 == "," || digits < 3 else { return nil }
        let whole = "write \(parts.1)\(parts.3)"
        return digits == 0 ? whole : "\(whole) or \(parts.1).\(parts.3.prefix(digits))"
    }

    /// How many digits behind the point a number can have; nil: any number of them.
    private var digitsBehindPoint: Int? {
        guard let step, step > 0 else { return nil }
        let texts = [step, minimum ?? 0].map { JSONNumber($0).text }
        guard texts.allSatisfy({ !$0.contains("e") }) else { return nil }
        return texts.map { $0.split(separator: ".").dropFirst().first?.count ?? 0 }.max()
    }
}
