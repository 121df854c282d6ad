import TFExpression

/// A node of a YAML document, with the position where it starts.
package struct YAMLNode: Sendable {
    /// What the node is, with its parts in the order of the text.
    package enum Content: Sendable {
        /// `isPlain`: written without quotes, so that `true` and `12` are no strings.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    /// A key of a mapping with its value.
    package struct Entry: Sendable {
        package let key: String
        package let keyPosition: Position
        package let value: YAMLNode
    }

    static let mergeKey = "<<"

    package let content: Content
    package let position: Position
    /// Where the text of a scalar starts: after the quote, or on the line below `|`; nil if positions in the text
    /// cannot be known because of escapes or folding.
    package let textPosition: Position?
    /// The keys of a mapping whose values were refused; `<<` stands for any, since nobody knows what it would have brought.
    let refusedKeys: Set<String>

    package init(
        content: Content, position: Position, textPosition: Position? = nil, refusedKeys: Set<String> = []
    ) {
        self.content = content
        self.position = position
        self.textPosition = textPosition
        self.refusedKeys = refusedKeys
    }

    /// The position of a byte of a scalar's text, as exact as its notation allows.
    package func position(ofByte offset: Int) -> Position {
        guard let textPosition, case .scalar(let text, _) = content else { return position }
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self)
        let lines = before.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let column = lines.last?.count ?? 0
        return Position(line: textPosition.line + lines.count - 1, column: textPosition.column + column)
    }

    /// A YAML text from elsewhere as JSON; nil where it cannot be read.
    package static func json(of bytes: [UInt8]) -> JSON? {
        var diagnostics = Diagnostics(file: "")
        guard let node = read(bytes, &diagnostics, takesAnyKey: true), !diagnostics.hasErrors else { return nil }
        return node.json
    }

    var isMapping: Bool { if case .mapping = content { true } else { false } }

    package var isNull: Bool { scalarJSON == .null }

    /// The node as a JSON value, plain scalars by YAML 1.2's core schema.
    package var json: JSON {
        switch content {
        case .scalar: scalarJSON ?? .null
        case .sequence(let nodes): .array(nodes.map(\.json))
        case .mapping(let entries):
            .object(JSONObject(entries.map { ($0.key, $0.value.json) }, uniquingKeysWith: { _, last in last }))
        }
    }

    /// The node in messages: "a list", "a mapping", "the text …".
    package var kindDescription: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : "\"\(text.prefix(40))\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    private var scalarJSON: JSON? {
        guard case .scalar(let text, let isPlain) = content else { return nil }
        return isPlain ? CoreSchema.value(text) : .string(text)
    }
}

/// YAML 1.2's core schema (yaml.org/spec/1.2.2, chapter 10.3): `no`, `on` and `2024-01-01` are strings.
private enum CoreSchema {
    static func value(_ text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSON? {
        if let radix = ["0x": 16, "0o": 8][text.prefix(2)] {
            let digits = text.dropFirst(2)
            return digits.first?.isHexDigit == true ? Int(digits, radix: radix).map { .int($0) } : nil
        }
        let unsigned = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        let mantissa = unsigned.prefix { $0 != "e" && $0 != "E" }
        let exponent = unsigned.dropFirst(mantissa.count).dropFirst()
        let fraction = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber =
            fraction.allSatisfy(areDigits) && mantissa.contains(where: { $0 != "." })
            && (exponent.isEmpty
                ? mantissa.count == unsigned.count
                : areDigits(exponent.drop { $0 == "+" || $0 == "-" }) && exponent.last?.isNumber == true)
        guard isNumber, let value = Double(text), value.isFinite else { return nil }
        // Only JSON's own spelling may be kept as the number's digits.
        let isJSON = (try? JSON(parsing: text)) != nil  // fails for YAML's other notations
        return .number(isJSON ? JSONNumber(written: text) ?? JSONNumber(value) : JSONNumber(value))
    }

    private static func areDigits(_ text: Substring) -> Bool { text.allSatisfy { $0.isASCII && $0.isNumber } }
}
