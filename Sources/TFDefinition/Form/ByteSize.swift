/// Sizes of files: `500KB`, `10 MB`, `2MiB`, or bytes. A KB is 1,024 bytes.
package enum ByteSize {
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let factors = ["": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20]
        guard let number = Double(digits), let factor = factors[unit], number < 1e12 else { return nil }
        return Int(number * Double(factor))
    }

    /// A size for people, such as `10 MB`.
    package static func text(_ bytes: Int) -> String {
        if bytes >= 1 << 20, bytes % (1 << 20) == 0 { return "\(bytes >> 20) MB" }
        if bytes >= 1024, bytes % 1024 == 0 { return "\(bytes >> 10) KB" }
        return "\(bytes) bytes"
    }
}
