/// Why a text is not JSON, with the position.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let reason: String
    /// Byte offset from 0.
    package let offset: Int

    package var description: String { "not valid JSON at byte \(offset): \(reason)" }
}

extension JSON {
    /// The levels of arrays and objects that a text from outside may have.
    package static let maximumDepth = 256

    /// Reads one JSON text (RFC 8259), strictly: no duplicate members, no NaN, nothing after it.
    /// - Parameter depth: how many levels it may have at most.
    package init(parsing text: String, depth: Int = maximumDepth) throws(JSONSyntaxError) {
        var reader = JSONReader(bytes: Array(text.utf8), maximumDepth: depth)
        self = try reader.document()
    }

    /// Reads as jq's `fromjson` does: of members with the same name the last wins, and NaN and infinities are numbers.
    init(jq text: String) throws(JSONSyntaxError) {
        var reader = JSONReader(bytes: Array(text.utf8))
        reader.isLenient = true
        self = try reader.document()
    }

    /// Reads one JSON text from bytes, which must be UTF-8.
    /// - Parameter keepsText: whether an escape that stands for no character is refused instead of replaced by U+FFFD.
    package init(parsing bytes: [UInt8], keepsText: Bool = false) throws(JSONSyntaxError) {
        if let offset = bytes.firstBeyondUTF8 {
            throw JSONSyntaxError(reason: "the text is not UTF-8", offset: offset)
        }
        var reader = JSONReader(bytes: bytes)
        reader.refusesLoneSurrogates = keepsText
        self = try reader.document()
    }
}

/// A recursive-descent reader over valid UTF-8.
private struct JSONReader {
    let bytes: [UInt8]
    let maximumDepth: Int
    var offset = 0
    var depth = 0
    var isLenient = false
    var refusesLoneSurrogates = false

    init(bytes: [UInt8], maximumDepth: Int = JSON.maximumDepth) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw failure("something follows the value") }
        return value
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        skipSpace()
        guard let byte = peek else { throw failure("the text ends where a value should be") }
        if isLenient, let number = namedNumber() { return .number(number) }
        switch byte {
        case UInt8(ascii: "{"): return try nested { reader throws(JSONSyntaxError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(JSONSyntaxError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw failure("a value cannot start here")
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(JSONSyntaxError) -> JSON
    ) throws(JSONSyntaxError) -> JSON {
        depth += 1
        guard depth <= maximumDepth else { throw failure("nested deeper than \(maximumDepth)") }
        offset += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONSyntaxError) -> JSON {
        var members = JSONObject()
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            let start = offset
            guard peek == UInt8(ascii: "\"") else { throw failure("a member name in double quotes should be here") }
            let name = try string()
            guard isLenient || members[name] == nil else {
                throw JSONSyntaxError(reason: "the member \"\(name)\" stands twice", offset: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("a \":\" should be here") }
            members[name] = try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("a \",\" or \"}\" should be here") }
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> JSON {
        var elements: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw failure("a \",\" or \"]\" should be here") }
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let literal = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let number = JSONNumber(written: literal), isLenient || number.value.isFinite else {
            throw JSONSyntaxError(reason: "the number is beyond range", offset: start)
        }
        return .number(number)
    }

    /// `nan`, `-Infinity` and their like.
    private mutating func namedNumber() -> JSONNumber? {
        let name = bytes[offset...].prefix { byte in
            byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        let isFollowed = name.endIndex < bytes.count && bytes[name.endIndex].decimalDigit != nil
        guard name.count <= 9, !isFollowed, let number = JSONNumber(named: String(decoding: name, as: UTF8.self)) else {
            return nil
        }
        offset = name.endIndex
        return number
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = offset
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw failure("a digit should be here") }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        offset += 1
        var start = offset
        var result = ""
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                result += String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                return result
            case UInt8(ascii: "\\"):
                result += String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                result.unicodeScalars.append(try escape())
                start = offset
            case 0..<0x20:
                throw failure("a control character must be escaped")
            default:
                offset += 1
            }
        }
        throw failure("the string does not end")
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let byte = peek else { throw failure("the string does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("\"\\\(Unicode.Scalar(byte))\" is no escape")
        }
    }

    /// Four hexadecimal digits, or a surrogate pair of two such escapes; a lone surrogate becomes U+FFFD, as in jq.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), bytes[offset...].starts(with: [0x5C, 0x75]) else {
            return try loneSurrogate()
        }
        let before = offset
        offset += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else {
            offset = before
            return try loneSurrogate()
        }
        return scalar
    }

    private func loneSurrogate() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard !refusesLoneSurrogates else { throw failure("half a surrogate pair is no character") }
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        guard offset + 4 <= bytes.count,
            bytes[offset..<offset + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits should be here") }
        offset += 4
        return value
    }

    private mutating func word(_ text: String, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        guard bytes[offset...].starts(with: text.utf8) else { throw failure("a value cannot start here") }
        offset += text.utf8.count
        return value
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func failure(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(reason: reason, offset: offset) }
}
