import Foundation
import TFExpression

/// The words of a text, or of what somebody searches for, as they are compared on both engines: letters, digits and
/// marks only, without case and accents. An emoji is a word, spelled by its number. Chinese, Japanese and Korean are
/// written without spaces, or with endings behind a word: there each pair of neighbours is a word, so that what was typed
/// is found inside of a longer run, and its characters alone, elsewhere in the text, are not.
package struct SearchWords: Sendable, Hashable {
    /// Further words of what somebody types are not looked for.
    private static let limit = 8
    /// What is behind so many characters of a word makes no difference.
    private static let longestWord = 64

    /// In the order of the text.
    package let words: [String]
    /// The words of each term with `-` before it: no text of a ticket that is found has all words of one of these.
    package let excluded: [[String]]

    /// The words that somebody searches for. What has `-` before it is not to be in what is found.
    package init(_ text: String) {
        let terms = Self.terms(text)
        let sought = terms.filter { !Self.isExcluded($0) }.joined(separator: " ")
        words = Array(Self.split(sought, isText: false).prefix(Self.limit))
        let others = terms.filter(Self.isExcluded).map { term in
            Array(Self.split(String(term.dropFirst()), isText: false).prefix(Self.limit))
        }
        excluded = Array(others.filter { !$0.isEmpty }.prefix(Self.limit))
    }

    /// What stands between blanks; what begins with `-"` goes on to the next quotation mark.
    private static func terms(_ text: String) -> [Substring] {
        var terms: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(where: { !$0.isWhitespace }) {
            rest = rest[start...]
            let isQuoted = rest.hasPrefix("-\"")
            let inner = rest.dropFirst(isQuoted ? 2 : 0)
            let end = inner.firstIndex { isQuoted ? $0 == "\"" : $0.isWhitespace } ?? rest.endIndex
            terms.append(rest[..<end])
            rest = rest[end...].dropFirst(isQuoted ? 1 : 0)
        }
        return terms
    }

    /// Two of the signs stand before options of programs, which people look for.
    private static func isExcluded(_ term: Substring) -> Bool { term.hasPrefix("-") && !term.hasPrefix("--") }

    /// All words of a text, each once, for the column `search_text.words`.
    static func column(_ text: String) -> String {
        var known: Set<String> = []
        return split(text, isText: true).filter { known.insert($0).inserted }.joined(separator: " ")
    }

    /// - Parameter isText: whether it is what is searched, and not what somebody types.
    private static func split(_ text: String, isText: Bool) -> [String] {
        spelled(text.folded.withoutAccents).split { !isOfWord($0) }
            .flatMap { words(ofRun: String(String.UnicodeScalarView($0)), isText: isText) }
            .map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(longestWord))) }
    }

    /// The text with a word of letters and digits in place of each emoji: the engines do not agree on what is one.
    private static func spelled(_ text: String) -> String.UnicodeScalarView {
        guard text.unicodeScalars.contains(where: { spelled($0) != nil }) else { return text.unicodeScalars }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let word = spelled(scalar) {
                scalars.append(contentsOf: " \(word) ".unicodeScalars)
            } else {
                scalars.append(scalar)
            }
        }
        return scalars
    }

    /// The word of an emoji: `u1f642`; nil: it is none, as signs such as © are none.
    private static func spelled(_ scalar: Unicode.Scalar) -> String? {
        guard scalar.value >= 0x2300, scalar.properties.generalCategory == .otherSymbol, scalar.properties.isEmoji
        else { return nil }
        return "u\(String(scalar.value, radix: 16))"
    }

    /// The words of an emoji, which may be made of several; empty: the character is none.
    package static func emoji(_ character: Character) -> [String] {
        character.unicodeScalars.compactMap { spelled($0) }
    }

    /// The words of a run of letters.
    private static func words(ofRun run: String, isText: Bool) -> [String] {
        guard run.unicodeScalars.contains(where: isSyllable) else { return [run] }
        var words: [String] = []
        var rest = Array(run)[...]
        while let first = rest.first {
            let part = rest.prefix { isSyllable($0) == isSyllable(first) }
            words += isSyllable(first) ? pairs(of: Array(part), isText: isText) : [String(part)]
            rest = rest.dropFirst(part.count)
        }
        return words
    }

    /// The last character of a text is a word too: the others begin a pair, and are found by that.
    private static func pairs(of characters: [Character], isText: Bool) -> [String] {
        let pairs = zip(characters, characters.dropFirst()).map { String([$0, $1]) }
        return pairs.isEmpty || isText ? pairs + characters.suffix(1).map { String($0) } : pairs
    }

    /// Whether a character is of a script that is searched by pairs.
    package static func isSyllable(_ character: Character) -> Bool {
        character.unicodeScalars.first.map(isSyllable) == true
    }

    /// Whether it is of Han, kana, bopomofo or Hangul. Source: Unicode 16, Blocks.txt.
    private static func isSyllable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x11FF, 0x2E80...0x2FDF, 0x3005...0x3007, 0x3041...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            true
        default: false
        }
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
