import Glibc

/// An absolute http or https URL, as HTML's `<input type="url">` takes it.
///
/// Source: WHATWG URL, chapters 3.5 and 4.3. Stricter than browsers, which mend addresses: the slashes must be there,
/// no label of the host may be empty, and there may be no space, control character or backslash. User names are
/// allowed, as in browsers.
enum WebAddress {
    static func isValid(_ text: String) -> Bool {
        guard text.unicodeScalars.allSatisfy(isAllowed) else { return false }
        let lowered = text.prefix(8).lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return false }
        let bytes = Array(text.utf8.dropFirst(scheme.utf8.count))
        let authority = bytes.prefix { !"/?#".utf8.contains($0) }
        let server = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? []
        let end =
            server.first == UInt8(ascii: "[") ? server.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } : nil
        let hostEnd = end ?? server.firstIndex(of: UInt8(ascii: ":")) ?? server.endIndex
        return isHost(server[..<hostEnd]) && isPort(server[hostEnd...])
    }

    /// Whether a scalar is visible and does not turn the direction of the text.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\\" || scalar.turnsWriting { return false }
        return switch scalar.properties.generalCategory {
        case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }

    /// Whether the bytes are empty, or a colon with at most a number of 16 bits: `https://example.org:/` is valid.
    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.first else { return true }
        let digits = bytes.dropFirst()
        return colon == UInt8(ascii: ":") && digits.allSatisfy(isDigit)
            && (digits.isEmpty || Int(String(decoding: digits, as: UTF8.self)).map { $0 <= 65_535 } ?? false)
    }

    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "[") {
            return bytes.last == UInt8(ascii: "]")
                && isIPv6(String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self))
        }
        guard let decoded = percentDecoded(bytes), let host = String(validating: decoded, as: UTF8.self) else {
            return false
        }
        let forbidden = "\u{0}\t\n\r #/:<>?@[\\]^|%\u{7F}".unicodeScalars
        guard !host.unicodeScalars.contains(where: { $0.value < 0x20 || forbidden.contains($0) || !isHostLetter($0) })
        else { return false }
        // The full stops of East Asian keyboards count as full stops.
        let dots: [Unicode.Scalar] = [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"]
        var labels = host.unicodeScalars.split(omittingEmptySubsequences: false) { dots.contains($0) }.map(String.init)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        guard labels.allSatisfy({ (1...63).contains($0.utf8.count) }), host.utf8.count <= 254, let last = labels.last
        else { return false }
        return isNumber(last) ? isIPv4(labels) : true
    }

    /// Whether a scalar may stand in a host's name before it is written as `xn--`: printable ASCII, or a letter, digit
    /// or sign of another script.
    private static func isHostLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return true }
        return switch scalar.properties.generalCategory {
        case .format, .control, .privateUse, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate,
            .unassigned:
            false
        default: true
        }
    }

    private static func isNumber(_ label: String) -> Bool {
        label.utf8.allSatisfy(isDigit) || (label.lowercased().hasPrefix("0x") && number(label) != nil)
    }

    /// Whether the labels are an IPv4 address: one to four numbers, of which the last fills the remaining bytes.
    private static func isIPv4(_ labels: [String]) -> Bool {
        let numbers = labels.map(number)
        guard (1...4).contains(labels.count), let last = numbers.last ?? nil else { return false }
        return numbers.dropLast().allSatisfy { $0.map { $0 <= 255 } ?? false }
            && last < 1 << UInt64(8 * (5 - labels.count))
    }

    /// Reads a number: decimal, `0x` hexadecimal or `0` octal.
    private static func number(_ label: String) -> UInt64? {
        let lowered = label.lowercased()
        let (digits, radix) =
            lowered.hasPrefix("0x")
            ? (lowered.dropFirst(2), 16)
            : lowered.count > 1 && lowered.hasPrefix("0") ? (lowered.dropFirst(), 8) : (lowered[...], 10)
        guard digits.utf8.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0) }) else { return nil }
        return digits.isEmpty ? 0 : UInt64(digits, radix: radix)
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    /// nil where a `%` has no two hexadecimal digits.
    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
