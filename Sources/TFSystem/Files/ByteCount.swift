/// Numbers of bytes for people.
package enum ByteCount {
    /// Such as `812 B`, `4.1 kB`, `12 MB`, by powers of 1,000.
    package static func text(_ count: Int64) -> String {
        var (value, unit) = (Double(count), 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        while value >= 999.5, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        let isShort = unit > 0 && value < 9.95
        let number = isShort ? String(Int((value * 10).rounded())) : String(Int(value.rounded()))
        return (isShort ? "\(number.dropLast()).\(number.suffix(1))" : number) + " " + units[unit]
    }
}
