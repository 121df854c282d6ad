/// One token of a jq program, with the byte offset at which it starts.
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case number(JSONNumber)
        /// The parts of a string: text, or the tokens of an interpolation `\( … )`.
        case string([StringPart])
        /// `.name` or `."name"`: the dot and the name in one token.
        case field(String)
        case variable(String)
        case format(String)
        case word(String)
        case symbol(String)
        case end
    }

    enum StringPart: Sendable, Equatable {
        case text(String)
        case tokens([Token])
    }

    let kind: Kind
    let offset: Int
}

extension Token: Equatable {}

/// Cuts a jq program into tokens. Source: jq 1.8 manual, and its lexer's rules for numbers, names and strings.
struct Lexer {
    private static let symbols = [
        "?//=", "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..", "|", ",", "=",
        "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}", ":", ";", "?", ".",
    ]
    private static let maximumNesting = 32

    private let bytes: [UInt8]
    private var offset = 0
    private let nesting: Int

    init(_ source: String) { self.init(bytes: Array(source.utf8), offset: 0, nesting: 0) }

    private init(bytes: [UInt8], offset: Int, nesting: Int) {
        self.bytes = bytes
        self.offset = offset
        self.nesting = nesting
    }

    mutating func tokens() throws(ExpressionSyntaxError) -> [Token] {
        var tokens: [Token] = []
        while let token = try next() { tokens.append(token) }
        tokens.append(Token(kind: .end, offset: bytes.count))
        return tokens
    }

    private mutating func next() throws(ExpressionSyntaxError) -> Token? {
        skipSpaceAndComments()
        guard let byte = peek() else { return nil }
        let start = offset
        if byte == UInt8(ascii: "\"") { return Token(kind: .string(try string()), offset: start) }
        if isDigit(byte) || (byte == UInt8(ascii: ".") && isDigit(peek(1) ?? 0)) {
            return Token(kind: .number(try number()), offset: start)
        }
        if byte == UInt8(ascii: "."), let next = peek(1) {
            if isNameStart(next) {
                offset += 1
                return Token(kind: .field(simpleName()), offset: start)
            }
        }
        if byte == UInt8(ascii: "$"), isNameStart(peek(1) ?? 0) {
            offset += 1
            return Token(kind: .variable(name()), offset: start)
        }
        if byte == UInt8(ascii: "@"), isNameStart(peek(1) ?? 0) {
            offset += 1
            return Token(kind: .format(name()), offset: start)
        }
        if isNameStart(byte) { return Token(kind: .word(name()), offset: start) }
        for symbol in Self.symbols where bytes[offset...].starts(with: symbol.utf8) {
            offset += symbol.utf8.count
            return Token(kind: .symbol(symbol), offset: start)
        }
        throw failure(Self.foreign(byte))
    }

    /// A hint for a character that other languages use and jq does not.
    private static func foreign(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "`"): "a text is written in double quotes: \"…\""
        case UInt8(ascii: "&"): "\"and\" joins conditions, not \"&&\""
        case UInt8(ascii: "!"): "\"not\" stands behind what it denies: (… | not)"
        case UInt8(ascii: "~"): "a text is compared with a pattern by test(\"…\")"
        case UInt8(ascii: "^"): "powers are pow(a; b)"
        default: "this character has no meaning in an expression"
        }
    }

    private mutating func number() throws(ExpressionSyntaxError) -> JSONNumber {
        let start = offset
        while let byte = peek(), isDigit(byte) || byte == UInt8(ascii: ".") { offset += 1 }
        if let byte = peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
            while let byte = peek(), isDigit(byte) { offset += 1 }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let number = JSONNumber(written: text, isCanonical: true) else {
            throw ExpressionSyntaxError(reason: "\"\(text)\" is no number", offset: start)
        }
        return number
    }

    private mutating func string() throws(ExpressionSyntaxError) -> [Token.StringPart] {
        let start = offset
        offset += 1
        var parts: [Token.StringPart] = []
        var text: [UInt8] = []
        while let byte = peek() {
            if byte == UInt8(ascii: "\"") {
                offset += 1
                if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
                return parts
            }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                offset += 1
                continue
            }
            if peek(1) == UInt8(ascii: "(") {
                if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
                text = []
                offset += 2
                parts.append(.tokens(try interpolation()))
            } else {
                text.append(contentsOf: try escape())
            }
        }
        throw ExpressionSyntaxError(reason: "the string does not end", offset: start)
    }

    /// The bytes of one escape; jq's are JSON's.
    private mutating func escape() throws(ExpressionSyntaxError) -> [UInt8] {
        let length = peek(1) == UInt8(ascii: "u") ? 6 : 2
        let isPair =
            length == 6 && offset + 12 <= bytes.count && bytes[(offset + 6)...].starts(with: Array("\\u".utf8))
            && (bytes[offset + 2] | 0x20) == UInt8(ascii: "d")
        let end = min(offset + (isPair ? 12 : length), bytes.count)
        let quoted = Array("\"".utf8) + bytes[offset..<end] + Array("\"".utf8)
        guard case .string(let value)? = try? JSON(parsing: quoted) else {  // all failures get the same message
            throw failure("this is no escape of a string")
        }
        offset = end
        return Array(value.utf8)
    }

    private mutating func interpolation() throws(ExpressionSyntaxError) -> [Token] {
        guard nesting < Self.maximumNesting else { throw failure("strings are nested too deep") }
        var inner = Lexer(bytes: bytes, offset: offset, nesting: nesting + 1)
        var tokens: [Token] = []
        var open = 1
        while let token = try inner.next() {
            if token.kind == .symbol("(") { open += 1 }
            if token.kind == .symbol(")") { open -= 1 }
            if open == 0 {
                offset = inner.offset
                tokens.append(Token(kind: .end, offset: token.offset))
                return tokens
            }
            tokens.append(token)
        }
        throw failure("\"\\(\" has no \")\"")
    }

    private mutating func simpleName() -> String {
        let start = offset
        while let byte = peek(), isNameStart(byte) || isDigit(byte) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func name() -> String {
        var name = simpleName()
        while peek() == UInt8(ascii: ":"), peek(1) == UInt8(ascii: ":"), isNameStart(peek(2) ?? 0) {
            offset += 2
            name += "::" + simpleName()
        }
        return name
    }

    private mutating func skipSpaceAndComments() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let byte = peek(), byte != 0x0A { offset += 1 }
            } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
                offset += 1
            } else {
                return
            }
        }
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        offset + ahead < bytes.count ? bytes[offset + ahead] : nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func isNameStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private func failure(_ reason: String) -> ExpressionSyntaxError {
        ExpressionSyntaxError(reason: reason, offset: offset)
    }
}
