/// Text with `${ }` expressions in it: `Access to ${ .form.system }`.
///
/// A `${ … }` ends at the brace that closes it; braces inside the expression's strings do not count.
package struct Template: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case expression(Expression)
    }

    package let source: String
    package let parts: [Part]
    private let variables: Set<String>
    /// Literal text; `${` in it is not computed.
    private let isLiteral: Bool

    /// Compiles every expression of `source`.
    /// - Throws: `ExpressionSyntaxError` with an offset into `source`, and the mistakes of every expression.
    package init(_ source: String, variables: Set<String> = []) throws(ExpressionSyntaxError) {
        self.source = source
        self.variables = variables
        isLiteral = false
        var parts: [Part] = []
        var mistakes: [ExpressionSyntaxError] = []
        let bytes = Array(source.utf8)
        var start = 0
        var offset = 0
        while offset < bytes.count, mistakes.count < ExpressionSyntaxError.limitTold {
            guard bytes[offset] == UInt8(ascii: "$"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "{")
            else {
                offset += 1
                continue
            }
            guard let end = Self.closingBrace(bytes, from: offset + 2) else {
                mistakes.append(ExpressionSyntaxError(reason: "\"${\" has no \"}\"", offset: offset))
                break
            }
            if start < offset { parts.append(.text(String(decoding: bytes[start..<offset], as: UTF8.self))) }
            let code = String(decoding: bytes[(offset + 2)..<end], as: UTF8.self)
            do {
                parts.append(.expression(try Expression(code, variables: variables)))
            } catch {
                mistakes.append(error.moved(by: offset + 2))
            }
            offset = end + 1
            start = offset
        }
        guard mistakes.isEmpty else { throw ExpressionSyntaxError(mistakes) }
        if start < bytes.count { parts.append(.text(String(decoding: bytes[start...], as: UTF8.self))) }
        self.parts = parts
    }

    /// A template of literal text: nothing in it is computed, whatever it holds.
    package init(literal text: String) {
        source = text
        parts = text.isEmpty ? [] : [.text(text)]
        variables = []
        isLiteral = true
    }

    /// Whether the template has an expression.
    package var isComputed: Bool {
        parts.contains { part in if case .expression = part { true } else { false } }
    }

    /// Its expressions, in source order.
    package var expressions: [Expression] {
        parts.compactMap { part in if case .expression(let expression) = part { expression } else { nil } }
    }

    /// The text, with each expression replaced by the result of `value`, passed through `escape`.
    package func render<Failure: Error>(
        escape: (String) -> String = { $0 }, _ value: (Expression) throws(Failure) -> JSON
    ) throws(Failure) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .expression(let expression): text += escape(try value(expression).displayText)
            }
        }
        return text
    }

    private static func closingBrace(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 1
        var inString = false
        var offset = start
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\\") where inString: offset += 1
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "{") where !inString: depth += 1
            case UInt8(ascii: "}") where !inString:
                depth -= 1
                if depth == 0 { return offset }
            default: break
            }
            offset += 1
        }
        return nil
    }
}

extension Expression {
    /// The code of a text that is nothing but `${ code }`, with its byte offset in the text; nil for any other text.
    package static func unwrapped(_ text: String) -> (code: String, offset: Int)? {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        let bytes = Array(text.utf8)
        guard let start = bytes.firstIndex(where: { !isBlank($0) }), let end = bytes.lastIndex(where: { !isBlank($0) }),
            bytes[start...].starts(with: "${".utf8), bytes[end] == UInt8(ascii: "}")
        else { return nil }
        return (String(decoding: bytes[(start + 2)..<end], as: UTF8.self), start + 2)
    }
}

extension Template: Codable {
    package init(from decoder: any Decoder) throws {
        let stored = try CompiledSource(from: decoder)
        if stored.isLiteral == true {
            self.init(literal: stored.source)
        } else {
            try self.init(stored.source, variables: stored.variables)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try CompiledSource(source: source, variables: variables, isLiteral: isLiteral ? true : nil).encode(to: encoder)
    }
}
