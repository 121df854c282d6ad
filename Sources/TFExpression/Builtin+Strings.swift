import Foundation

/// Functions of strings.
extension Builtin {
    static let strings: [Builtin] = [
        Builtin("tostring") { .string($0.stringValue ?? $0.text) },
        Builtin("tonumber") { (input) throws(ExpressionError) in
            if case .number = input { return input }
            // Whatever JSON finds wrong with the text, jq has one message for.
            guard let text = input.stringValue, case .number(let number)? = try? JSON(parsing: text) else {
                throw .raised(.string("\(input.errorText) cannot be parsed as a number"))
            }
            return .number(number)
        },
        Builtin("tojson") { .string($0.text) },
        Builtin("fromjson") { (input) throws(ExpressionError) in
            do { return try JSON(parsing: try text(input, "parsed")) } catch let error as JSONSyntaxError {
                throw .raised(.string("\(error) (while parsing '\(input.displayText)')"))
            } catch let error as ExpressionError {
                throw error
            } catch {
                throw .raised(.string("\(error)"))
            }
        },
        Builtin("ascii_downcase") { (input) throws(ExpressionError) in
            .string(ascii(try text(input, "downcased"), from: "A"..."Z", toggle: 0x20))
        },
        Builtin("ascii_upcase") { (input) throws(ExpressionError) in
            .string(ascii(try text(input, "upcased"), from: "a"..."z", toggle: 0x20))
        },
        Builtin("startswith") { (input, prefix) throws(ExpressionError) in
            guard let text = input.stringValue, let prefix = prefix.stringValue else {
                throw .raised("startswith() requires string inputs")
            }
            return .bool(text.utf8.starts(with: prefix.utf8))
        },
        Builtin("endswith") { (input, suffix) throws(ExpressionError) in
            guard let text = input.stringValue, let suffix = suffix.stringValue else {
                throw .raised("endswith() requires string inputs")
            }
            return .bool(text.utf8.reversed().starts(with: suffix.utf8.reversed()))
        },
        Builtin("ltrimstr") { (input, prefix) throws(ExpressionError) in
            guard let text = input.stringValue, let prefix = prefix.stringValue, text.hasPrefix(prefix) else {
                return input
            }
            return .string(String(text.dropFirst(prefix.count)))
        },
        Builtin("rtrimstr") { (input, suffix) throws(ExpressionError) in
            guard let text = input.stringValue, let suffix = suffix.stringValue, text.hasSuffix(suffix) else {
                return input
            }
            return .string(String(text.dropLast(suffix.count)))
        },
        Builtin("trim") { (input) throws(ExpressionError) in
            .string(try text(input, "trimmed").trimmingCharacters(in: .whitespacesAndNewlines))
        },
        Builtin("split") { (input, separator) throws(ExpressionError) in
            guard input.stringValue != nil, separator.stringValue != nil else {
                throw .raised("split input and separator must be strings")
            }
            return try BinaryOperator.divide.apply(input, separator)
        },
        Builtin("join") { (input, separator) throws(ExpressionError) in
            guard let separator = separator.stringValue else { throw .raised("join needs a string to join with") }
            return .string(try input.elements().map(\.displayText).joined(separator: separator))
        },
    ]

    private static func text(_ input: JSON, _ verb: String) throws(ExpressionError) -> String {
        guard let text = input.stringValue else { throw .raised(.string("\(input.errorText) cannot be \(verb)")) }
        return text
    }

    private static func ascii(_ text: String, from range: ClosedRange<Unicode.Scalar>, toggle: UInt8) -> String {
        let bytes = text.utf8.map { byte in range.contains(Unicode.Scalar(byte)) ? byte ^ toggle : byte }
        return String(decoding: bytes, as: UTF8.self)
    }
}
