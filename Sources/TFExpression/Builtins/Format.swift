import Foundation

/// A format such as `@base64`, which writes a value as text.
enum Format: String, Sendable, CaseIterable {
    case text, json, csv, tsv, html, uri, urid, sh, base64, base64d, base32, base32d

    func text(_ value: JSON) throws(ExpressionError) -> String {
        switch self {
        case .text: return value.stringValue ?? value.text
        case .json: return value.text
        case .csv:
            return try row(value, "csv", separator: ",") { text in
                "\"" + Self.escape(text) { $0 == UInt8(ascii: "\"") ? "\"\"" : nil } + "\""
            }
        case .tsv:
            return try row(value, "tsv", separator: "\t") { text in
                Self.escape(text) { byte in
                    switch byte {
                    case UInt8(ascii: "\\"): "\\\\"
                    case UInt8(ascii: "\t"): "\\t"
                    case UInt8(ascii: "\n"): "\\n"
                    case UInt8(ascii: "\r"): "\\r"
                    default: nil
                    }
                }
            }
        case .html:
            return Self.escape(plain(value)) { byte in
                switch byte {
                case UInt8(ascii: "<"): "&lt;"
                case UInt8(ascii: ">"): "&gt;"
                case UInt8(ascii: "&"): "&amp;"
                case UInt8(ascii: "'"): "&apos;"
                case UInt8(ascii: "\""): "&quot;"
                default: nil
                }
            }
        case .uri: return percentEncoded(plain(value))
        case .urid: return try percentDecoded(plain(value), value)
        case .sh: return try shell(value)
        case .base64: return Data(plain(value).utf8).base64EncodedString()
        case .base64d: return try base64Decoded(plain(value), value)
        case .base32: return Base32.encode(Array(plain(value).utf8))
        case .base32d:
            guard let bytes = Base32.decode(plain(value)) else { throw notValid(value, "base32") }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func plain(_ value: JSON) -> String { value.stringValue ?? value.text }

    /// By bytes: a quote with a combining accent is not equal to a quote as `Character`.
    private static func escape(_ text: String, _ replacement: (UInt8) -> String?) -> String {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            if let replacement = replacement(byte) { escaped += Array(replacement.utf8) } else { escaped.append(byte) }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private func row(
        _ value: JSON, _ name: String, separator: String, _ quote: (String) -> String
    ) throws(ExpressionError) -> String {
        guard let cells = value.arrayValue else {
            throw .raised(.string("\(value.errorText) cannot be \(name)-formatted, only array"))
        }
        var texts: [String] = []
        for cell in cells {
            switch cell {
            case .null: texts.append("")
            case .number(let number) where number.value.isNaN: texts.append("")
            case .bool, .number: texts.append(cell.text)
            case .string(let text): texts.append(quote(text))
            case .array, .object:
                throw .raised(.string("\(cell.errorText) is not valid in a csv row"))  // jq says csv for both
            }
        }
        return texts.joined(separator: separator)
    }

    private func shell(_ value: JSON) throws(ExpressionError) -> String {
        var words: [String] = []
        for word in value.arrayValue ?? [value] {
            switch word {
            case .string(let text):
                words.append("'" + Self.escape(text) { $0 == UInt8(ascii: "'") ? "'\\''" : nil } + "'")
            case .null, .bool, .number: words.append(word.text)
            case .array, .object: throw .raised(.string("\(word.errorText) can not be escaped for shell"))
            }
        }
        return words.joined(separator: " ")
    }

    private func percentDecoded(_ text: String, _ value: JSON) throws(ExpressionError) -> String {
        var decoded: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard bytes.count >= 2,
                let code = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16),
                bytes.first != UInt8(ascii: "+"), bytes.first != UInt8(ascii: "-")
            else { throw .raised(.string("\(value.errorText) is not a valid uri encoding")) }
            decoded.append(code)
            bytes = bytes.dropFirst(2)
        }
        guard let decoded = String(validating: decoded, as: UTF8.self) else {
            throw .raised(.string("\(value.errorText) is not a valid uri encoding"))
        }
        return decoded
    }

    /// Decodes Base64 up to the first `=`; left-over digits that do not make a byte are an error.
    private func base64Decoded(_ text: String, _ value: JSON) throws(ExpressionError) -> String {
        var decoded: [UInt8] = []
        var code: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") { break }
            guard let digit = Self.base64Digit(byte) else { throw notValid(value, "base64") }
            code = (code << 6 | UInt32(digit)) & 0xFF_FFFF
            count += 1
            guard count == 4 else { continue }
            decoded += [UInt8(code >> 16), UInt8(code >> 8 & 255), UInt8(code & 255)]
            (code, count) = (0, 0)
        }
        switch count {
        case 1: throw .raised(.string("\(value.errorText) trailing base64 byte found"))
        case 2: decoded.append(UInt8(code >> 4 & 255))
        case 3: decoded += [UInt8(code >> 10 & 255), UInt8(code >> 2 & 255)]
        default: break
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func base64Digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private func notValid(_ value: JSON, _ name: String) -> ExpressionError {
        .raised(.string("\(value.errorText) is not valid \(name) data"))
    }
}

/// Base32. Source: RFC 4648, chapter 6.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var encoded: [UInt8] = []
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                encoded.append(alphabet[buffer >> bits & 31])
            }
        }
        if bits > 0 { encoded.append(alphabet[buffer << (5 - bits) & 31]) }
        while !encoded.count.isMultiple(of: 8) { encoded.append(UInt8(ascii: "=")) }
        return String(decoding: encoded, as: UTF8.self)
    }

    package static func decode(_ text: String) -> [UInt8]? {
        var decoded: [UInt8] = []
        var buffer = 0
        var bits = 0
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let digit = alphabet.firstIndex(of: byte) else { return nil }
            buffer = (buffer << 5 | digit) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                decoded.append(UInt8(buffer >> bits & 255))
            }
        }
        return decoded
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
package func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"):
            encoded.append(byte)
        default: encoded += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}
