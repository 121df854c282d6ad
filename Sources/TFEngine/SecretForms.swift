import Foundation
import TFExpression

/// Finds a secret in a text in the forms in which servers send it back: as it is, percent-encoded, escaped for JSON or
/// HTML, in Base64 (also in the middle of a longer piece, as `user:secret` is), each with line breaks and spaces
/// anywhere.
///
/// Each letter may be escaped or not, whatever the others are: in an address, only some letters are escaped.
struct SecretForms {
    /// The ways in which one letter of a secret may be written.
    private struct Letter {
        let spellings: [[UInt8]]
        /// Whether the letter may be missing in the text; white space may.
        var isOptional = false
    }

    /// Shorter pieces of Base64 would be found in texts that have nothing to do with the secret.
    private static let shortestBase64 = 6
    private static let shortest = 4

    /// The forms, longest first, so that none hides only a part of another.
    private let forms: [[Letter]]
    private let firstBytes: Set<UInt8>

    init(_ secrets: [String]) {
        var forms: [[Letter]] = []
        for secret in Set(secrets) {
            forms.append(Self.letters(of: secret))
            forms += Self.base64(Array(secret.utf8)).map(Self.letters(ofBase64:))
        }
        let whole = forms.filter { form in form.count { !$0.isOptional } >= Self.shortest }
        self.forms = whole.sorted { $0.count > $1.count }
        firstBytes = Set(self.forms.flatMap { $0.first?.spellings.compactMap(\.first) ?? [] })
    }

    /// The text with an ellipsis for each secret.
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

    /// The end of a form that begins at an index; nil if none does.
    ///
    /// All positions that the letters so far may lead to are kept: a backslash may be a letter, or escape the next one.
    private static func end(of form: [Letter], in bytes: [UInt8], from start: Int) -> Int? {
        var places = [start]
        for (number, letter) in form.enumerated() {
            var next = letter.isOptional ? places : []
            for place in places {
                var index = place
                while true {
                    for spelling in letter.spellings where bytes[index...].starts(with: spelling) {
                        if !next.contains(index + spelling.count) { next.append(index + spelling.count) }
                    }
                    guard number > 0, let behind = passingSpace(in: bytes, at: index) else { break }
                    index = behind
                }
            }
            if next.isEmpty { return nil }
            places = next
        }
        return places.max()
    }

    /// The index after white space or an escaped line break; nil if there is none at the index.
    private static func passingSpace(in bytes: [UInt8], at index: Int) -> Int? {
        guard index < bytes.count else { return nil }
        if isSpace(bytes[index]) { return index + 1 }
        guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count, "nrt".utf8.contains(bytes[index + 1]) else {
            return nil
        }
        return index + 2
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    // MARK: Letters

    private static func letters(of secret: String) -> [Letter] {
        let letters = secret.unicodeScalars.map { scalar in
            Letter(
                spellings: spellings(of: scalar), isOptional: scalar.isASCII && isSpace(UInt8(scalar.value)))
        }
        return Array(letters.drop(while: \.isOptional).reversed().drop(while: \.isOptional).reversed())
    }

    private static func spellings(of scalar: Unicode.Scalar) -> [[UInt8]] {
        let text = String(scalar)
        let escapes = text.utf8.map { hex(UInt32($0), digits: 2) }
        let units = text.utf16.map { hex(UInt32($0), digits: 4) }
        let number = String(scalar.value, radix: 16)
        var spellings = [
            text, escapes.map { "%" + $0 }.joined(), units.map { "\\u" + $0 }.joined(), "&#\(scalar.value);",
            "&#x\(number);",
        ]
        for index in [1, 2, 4] { spellings.append(spellings[index].uppercasedHex) }
        switch scalar {
        case "\"": spellings += ["\\\"", "&quot;"]
        case "\\": spellings.append("\\\\")
        case "/": spellings.append("\\/")
        case "&": spellings.append("&amp;")
        case "<": spellings.append("&lt;")
        case ">": spellings.append("&gt;")
        case "'": spellings += ["\\'", "&apos;", "&#039;"]
        case " ": spellings.append("+")
        default: break  // all other scalars
        }
        return Set(spellings).map { Array($0.utf8) }
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// Letters of a piece of Base64, in both of its alphabets, escaped as in an address or in JSON or not.
    private static func letters(ofBase64 piece: [UInt8]) -> [Letter] {
        piece.map { byte in
            var spellings = spellings(of: Unicode.Scalar(byte))
            if byte == UInt8(ascii: "+") { spellings.append(Array("-".utf8)) }
            if byte == UInt8(ascii: "/") { spellings.append(Array("_".utf8)) }
            return Letter(spellings: spellings)
        }
    }

    /// Base64 of the secret at each of the three offsets that it can have in groups of three bytes, without the letters
    /// that depend on the bytes around it.
    private static func base64(_ secret: [UInt8]) -> [[UInt8]] {
        (0..<3).compactMap { before in
            let text = Array(Data([UInt8](repeating: 0, count: before) + secret).base64EncodedString().utf8)
            let first = (before * 8 + 5) / 6
            let end = (before + secret.count) * 8 / 6
            guard end - first >= shortestBase64, end <= text.count else { return nil }
            return Array(text[first..<end])
        }
    }
}

extension String {
    /// An escape such as `%c3` or `\u00e4` with its digits in capital letters.
    fileprivate var uppercasedHex: String {
        uppercased().replacing("\\U", with: "\\u").replacing("&#X", with: "&#x")
    }
}
