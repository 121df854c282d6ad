import TFDefinition
import TFEngine
import TFExpression

/// A piece of a page, as bytes.
///
/// Made from an interpolated literal: the literal is markup, interpolated text is escaped, and interpolated `HTML` is
/// nested. Escaping works on bytes, so no combining character can hide a quote. Only the Markdown renderer and typed forms
/// use `HTML(trusted:)`.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var bytes: [UInt8]

    static let empty: HTML = ""

    var isEmpty: Bool { bytes.isEmpty }

    init(stringLiteral value: String) { bytes = Array(value.utf8) }

    init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }

    /// Markup that one of our renderers has made safe.
    init(trusted markup: String) { bytes = Array(markup.utf8) }

    /// The value of an attribute, in quotes only where HTML needs them. Source: WHATWG HTML, "Attributes".
    static func value(_ text: String) -> HTML {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'=<>`&".utf8.contains($0) }
        return isPlain ? "\(text)" : "\"\(text)\""
    }

    static func += (left: inout HTML, right: HTML) { left.bytes += right.bytes }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var bytes: [UInt8] = []

        init(literalCapacity: Int, interpolationCount: Int) {
            bytes.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) { bytes.append(contentsOf: literal.utf8) }

        mutating func appendInterpolation(_ text: String) { Self.escape(text, into: &bytes) }

        mutating func appendInterpolation(_ text: String?) { if let text { Self.escape(text, into: &bytes) } }

        mutating func appendInterpolation(_ number: some BinaryInteger) {
            bytes.append(contentsOf: String(number).utf8)
        }

        mutating func appendInterpolation(_ id: some RowID) { appendInterpolation(id.rawValue) }

        mutating func appendInterpolation(_ id: some TextID) { appendInterpolation(id.rawValue) }

        mutating func appendInterpolation(_ html: HTML) { bytes.append(contentsOf: html.bytes) }

        mutating func appendInterpolation(_ html: HTML?) { if let html { bytes.append(contentsOf: html.bytes) } }

        mutating func appendInterpolation(_ pieces: some Sequence<HTML>) {
            for piece in pieces { bytes.append(contentsOf: piece.bytes) }
        }

        private static func escape(_ text: String, into bytes: inout [UInt8]) {
            var text = text
            text.withUTF8 { utf8 in
                // Most texts have nothing to escape, and are copied in one piece.
                var begin = 0
                for (index, byte) in utf8.enumerated() {
                    guard let escaped = escaped(byte) else { continue }
                    bytes.append(contentsOf: utf8[begin..<index])
                    bytes.append(contentsOf: escaped.utf8)
                    begin = index + 1
                }
                bytes.append(contentsOf: utf8[begin...])
            }
        }

        /// nil if the byte needs no escape.
        private static func escaped(_ byte: UInt8) -> String? {
            switch byte {
            case UInt8(ascii: "&"): "&amp;"
            case UInt8(ascii: "<"): "&lt;"
            case UInt8(ascii: ">"): "&gt;"
            case UInt8(ascii: "\""): "&quot;"
            case UInt8(ascii: "'"): "&#39;"
            case 0: "\u{FFFD}"
            default: nil
            }
        }
    }
}

/// The markup if the condition holds, else nothing.
func when(_ condition: Bool, _ html: @autoclosure () -> HTML) -> HTML { condition ? html() : .empty }
