import Foundation
import TFExpression

/// Finds a secret in a text in the forms in which servers send it back: as it is, percent-encoded, escaped for JSON or
/// HTML, in Base64 (also in the middle of a longer piece, as `user:secret` is), each with line breaks and spaces anywhere.
struct SecretForms {
    /// A piece of Base64 shorter than this is found in texts that have nothing to do with the secret.
    private static let shortestBase64 = 6

    /// The longest first, so that none hides only a part of another.
    private let forms: [[UInt8]]
    private let firstBytes: Set<UInt8>

    init(_ secrets: [String]) {
        var forms: Set<[UInt8]> = []
        for secret in secrets {
            let bytes = Array(secret.utf8)
            forms.insert(bytes)
            for text in Self.escaped(secret) { forms.insert(Array(text.utf8)) }
            forms.formUnion(Self.base64(bytes))
        }
        // White space is passed over in the text, so a form has none either.
        let bare = Set(forms.map { $0.filter { !Self.isSpace($0) } }.filter { $0.count >= 4 })
        self.forms = bare.sorted { $0.count > $1.count }
        firstBytes = Set(self.forms.compactMap(\.first))
    }

    /// The text with an ellipsis in the place of each secret.
    func hidden(in text: String) -> String {
        guard !forms.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if firstBytes.contains(bytes[index]), let end = endOfSecret(in: bytes, from: index) {
                result += Array("…".utf8)
                index = end
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func endOfSecret(in bytes: [UInt8], from start: Int) -> Int? {
        forms.lazy.compactMap { Self.end(of: $0, in: bytes, from: start) }.first
    }

    /// Where a form ends that begins at an index, white space and escaped line breaks between its bytes passed over.
    private static func end(of form: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        for (position, byte) in form.enumerated() {
            if position > 0 { index = passingSpace(in: bytes, from: index, before: byte) }
            guard index < bytes.count, bytes[index] == byte else { return nil }
            index += 1
        }
        return index
    }

    private static func passingSpace(in bytes: [UInt8], from start: Int, before next: UInt8) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != next {
            if isSpace(bytes[index]) {
                index += 1
            } else if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count,
                "nrt".utf8.contains(bytes[index + 1])
            {
                index += 2
            } else {
                break
            }
        }
        return index
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    // MARK: Forms

    private static func escaped(_ secret: String) -> [String] {
        let percent = percentEncoded(secret)
        let json = String(JSON.string(secret).text.dropFirst().dropLast())
        let html = secret.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        let inJSON = [json, json.replacing("/", with: "\\/")]
        return [percent, lowercasedEscapes(percent), percent.replacing("%20", with: "+")]
            + inJSON + inJSON.map(asciiEscaped)
            + [html, html.replacing("'", with: "&#39;"), html.replacing("'", with: "&#x27;")]
    }

    /// JSON whose letters beyond ASCII are written as `\u00e4`.
    private static func asciiEscaped(_ text: String) -> String {
        var ascii = ""
        for unit in text.utf16 {
            if unit < 0x80 {
                ascii += String(decoding: [unit], as: UTF16.self)
            } else {
                let digits = String(unit, radix: 16)
                ascii += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return ascii
    }

    /// `%C3` as `%c3`; the rest stays.
    private static func lowercasedEscapes(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
            for digit in (index + 1)..<min(index + 3, bytes.count) where (0x41...0x46).contains(bytes[digit]) {
                bytes[digit] += 0x20
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Of the secret at each of the three places that it can have in groups of three bytes: the letters that depend on
    /// nothing else.
    private static func base64(_ secret: [UInt8]) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = []
        for before in 0..<3 {
            let text = Array(Data([UInt8](repeating: 0, count: before) + secret).base64EncodedString().utf8)
            let first = (before * 8 + 5) / 6
            let end = (before + secret.count) * 8 / 6
            guard end - first >= shortestBase64, end <= text.count else { continue }
            let piece = Array(text[first..<end])
            forms.insert(piece)
            forms.insert(
                piece.map {
                    $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
                }
            )
        }
        return forms
    }
}
