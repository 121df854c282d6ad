import Foundation
import TFExpression

/// The words of a text, or of what somebody searches for, as they are compared on both engines: letters, digits and
/// marks only, without case and accents.
package struct SearchWords: Sendable, Hashable {
    /// Further words of what somebody types are not looked for.
    private static let limit = 8
    /// What is behind so many characters of a word makes no difference.
    private static let longestWord = 64

    /// In the order of the text.
    package let words: [String]

    /// The words that somebody searches for.
    package init(_ text: String) { words = Array(Self.split(text).prefix(Self.limit)) }

    /// All words of a text, each once, for the column `search_text.words`.
    static func column(_ text: String) -> String {
        var known: Set<String> = []
        return split(text).filter { known.insert($0).inserted }.joined(separator: " ")
    }

    private static func split(_ text: String) -> [String] {
        text.folded.withoutAccents.unicodeScalars.split { !isOfWord($0) }
            .map { String(String.UnicodeScalarView($0.prefix(longestWord))) }
    }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            true
        default: false
        }
    }
}
