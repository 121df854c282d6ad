/// Sums of moments and durations in milliseconds. They are limited to the calendar and never overflow, whatever
/// definitions, scripts and expressions ask for.
extension Int64 {
    /// The last moment that can be written down, in milliseconds since 1970: the end of the year 9999.
    package static let lastMoment: Int64 = 253_402_300_799_999

    /// The moment that is this much later, at most `lastMoment`.
    package func later(by milliseconds: Int64) -> Int64 {
        let (sum, isOverflow) = addingReportingOverflow(milliseconds)
        if isOverflow { return milliseconds < 0 ? -Self.lastMoment : Self.lastMoment }
        return Swift.min(Swift.max(sum, -Self.lastMoment), Self.lastMoment)
    }

    /// This duration multiplied, at most a hundred years; 0 if it is negative.
    package func lengthened(_ times: Int64) -> Int64 {
        guard self > 0, times > 0 else { return 0 }
        let (product, isOverflow) = multipliedReportingOverflow(by: times)
        return isOverflow ? Self.longestSpan : Swift.min(product, Self.longestSpan)
    }

    /// A hundred years, in milliseconds: nothing waits longer.
    package static let longestSpan: Int64 = 3_155_760_000_000
}
