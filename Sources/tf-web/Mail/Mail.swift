import Foundation
import TFExpression

/// A mail to one person.
struct Mail: Sendable, Hashable {
    let subject: String
    /// Plain text, without a line break at its end.
    let body: String

    /// - Returns: the message; nil if the address is not a single valid one.
    func text(to address: String) -> String? {
        guard Self.isOneAddress(address) else { return nil }
        return """
            To: \(address)
            Subject: \(Self.header(subject.onOneLine))
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit
            Auto-Submitted: auto-generated

            \(body)

            """
    }

    /// A header's text: as it is if it is ASCII, else as encoded words of at most 75 characters, one a line.
    /// Source: RFC 2047.
    private static func header(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return text }
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\n ")
    }

    /// Whether the text may be used as `To:` unchanged: one address of ASCII or letters of any alphabet, without the
    /// characters that start lists, quotes or comments. Source: RFC 5322, chapter 3.4; RFC 6532.
    static func isOneAddress(_ text: String) -> Bool {
        let parts = text.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, parts[0].first != "-", parts[1].first != ".",
            parts[1].last != ".", parts.allSatisfy({ !$0.isEmpty })
        else { return false }
        let inName = Set("!#$%&'*+-/=?^_`{|}~.".unicodeScalars)
        return parts[0].allSatisfy { isLetter($0) || inName.contains($0) }
            && parts[1].allSatisfy { isLetter($0) || $0 == "-" || $0 == "." }
    }

    /// A letter or digit, or an accent on one.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber: !scalar.properties.isDefaultIgnorableCodePoint
        default: scalar.properties.isAlphabetic
        }
    }
}
