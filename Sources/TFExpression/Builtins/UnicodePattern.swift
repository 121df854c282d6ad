/// A pattern for text beyond ASCII.
///
/// In jq, `\w`, `\d`, `\s`, `\b` and `[[:alpha:]]` mean Unicode's classes; in RE2 they mean ASCII's. Classes are
/// written out. A word boundary cannot be written out, since RE2 looks at the bytes on its two sides. So for a pattern
/// with a word boundary, RE2 gets a text in which each character stands between two bytes that say whether it belongs
/// to a word (`wéw-,-`), and the pattern reads such triples: at each boundary RE2 then sees the bytes that decide.
struct UnicodePattern: Sendable {
    let pattern: Pattern
    /// Whether the pattern reads `MarkedText`, with the whole match as its first group.
    let isMarked: Bool

    /// - Returns: nil if the pattern means the same in RE2.
    init?(_ source: String, ignoresCase: Bool, dotMatchesNewline: Bool) throws(PatternError) {
        var translator = Translator(source, isMarked: false)
        var translated = translator.translate()
        isMarked = translator.hasBoundaries && !translator.isOpaque
        if isMarked {
            translator = Translator(source, isMarked: true)
            // Skips as few characters as possible before the match.
            translated = "(?:\(Translator.mark)(?s:.)\(Translator.mark))*?(\(translator.translate()))"
        } else if !translator.hasClasses {
            return nil
        }
        pattern = try Pattern(source, as: translated, ignoresCase: ignoresCase, dotMatchesNewline: dotMatchesNewline)
    }
}

/// Reads a pattern, which RE2 has compiled already, term by term.
private struct Translator {
    static let mark = "[-w]"
    private static let word = #"\pL\pM\pN\p{Pc}"#
    private static let space = #"\t-\r\x{85}\pZ"#
    /// A class written out inside brackets, and its complement.
    private static let classes: [Unicode.Scalar: (inside: String, others: String)] = [
        "w": (word, #"\pC\pS\pZ\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"#), "d": (#"\p{Nd}"#, #"\P{Nd}"#),
        "s": (
            space,
            #"\x00-\x08\x0e-\x1f\x21-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"#
                + #"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"#
        ),
    ]
    private static let named: [String: String] = [
        "alpha": #"\pL\pM\p{Nl}"#, "digit": #"\p{Nd}"#, "alnum": #"\pL\pM\p{Nl}\p{Nd}"#, "upper": #"\p{Lu}"#,
        "lower": #"\p{Ll}"#, "space": space, "word": word, "punct": #"\pP"#, "cntrl": #"\p{Cc}"#,
    ]

    private let scalars: [Unicode.Scalar]
    private let isMarked: Bool
    private var index = 0
    private var output = ""
    private(set) var hasClasses = false
    private(set) var hasBoundaries = false
    /// Whether the pattern has a part whose extent is not known here.
    private(set) var isOpaque = false

    init(_ source: String, isMarked: Bool) {
        scalars = Array(source.unicodeScalars)
        self.isMarked = isMarked
    }

    mutating func translate() -> String {
        while index < scalars.count { term() }
        return output
    }

    private mutating func term() {
        let scalar = scalars[index]
        switch scalar {
        case "\\": escape()
        case "[": bracket()
        case "(": group()
        case ")", "|", "*", "+", "?", "^", "$":
            output.unicodeScalars.append(scalar)
            index += 1
        case "{" where quantifier() > 0: copy(quantifier())
        default: character(copying: 1)
        }
    }

    /// The length of `{2}`, `{2,}` or `{2,5}` here; 0 if the brace is a plain character.
    private func quantifier() -> Int {
        guard let end = scalars[index...].firstIndex(of: "}") else { return 0 }
        let isCount = scalars[(index + 1)..<end].allSatisfy { $0 == "," || ("0"..."9").contains($0) }
        return isCount && end > index + 1 && scalars[index + 1] != "," ? end + 1 - index : 0
    }

    private mutating func copy(_ count: Int) {
        let end = min(index + count, scalars.count)
        output.unicodeScalars.append(contentsOf: scalars[index..<end])
        index = end
    }

    /// Adds a part that reads one character.
    private mutating func character(_ text: String) {
        output += isMarked ? "(?:\(Self.mark)\(text)\(Self.mark))" : text
    }

    private mutating func character(copying count: Int) {
        let end = min(index + count, scalars.count)
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[index..<end])
        index = end
        character(text)
    }

    private mutating func escape() {
        let letter = peek(1) ?? "\\"
        if let (inside, _) = Self.classes[lowercased(letter)] {
            hasClasses = true
            index += 2
            return character(lowercased(letter) == letter ? "[\(inside)]" : "[^\(inside)]")
        }
        switch letter {
        case "b", "B":
            hasBoundaries = true
            copy(2)
        case "A", "z", "0"..."9": copy(2)
        case "p" where peek(2) == "{", "P" where peek(2) == "{", "x" where peek(2) == "{":
            character(copying: (scalars[index...].firstIndex(of: "}") ?? scalars.count) + 1 - index)
        case "p", "P": character(copying: 3)
        case "x": character(copying: 4)
        case "Q", "C":
            isOpaque = true
            copy(2)
        default: character(copying: 2)
        }
    }

    private func lowercased(_ letter: Unicode.Scalar) -> Unicode.Scalar {
        ("A"..."Z").contains(letter) ? Unicode.Scalar(UInt8(letter.value) | 0x20) : letter
    }

    private func peek(_ ahead: Int) -> Unicode.Scalar? {
        index + ahead < scalars.count ? scalars[index + ahead] : nil
    }

    private mutating func bracket() {
        var text = "["
        index += 1
        if peek(0) == "^" {
            text += "^"
            index += 1
        }
        var isFirst = true
        while let scalar = peek(0), isFirst || scalar != "]" {
            isFirst = false
            if scalar == "[", peek(1) == ":", let (name, length) = posixName() {
                text += Self.named[name] ?? "[:\(name):]"
                hasClasses = hasClasses || Self.named[name] != nil
                index += length
            } else if scalar == "\\", let letter = peek(1), let (inside, others) = Self.classes[lowercased(letter)] {
                text += lowercased(letter) == letter ? inside : others
                hasClasses = true
                index += 2
            } else {
                let length = scalar == "\\" ? 2 : 1
                text.unicodeScalars.append(contentsOf: scalars[index..<min(index + length, scalars.count)])
                index += length
            }
        }
        index += 1
        character(text + "]")
    }

    /// `[:alpha:]` with its length.
    private func posixName() -> (String, Int)? {
        guard let end = scalars[(index + 2)...].firstIndex(of: ":"), end + 1 < scalars.count, scalars[end + 1] == "]"
        else { return nil }
        var name = ""
        name.unicodeScalars.append(contentsOf: scalars[(index + 2)..<end])
        return (name, end + 2 - index)
    }

    /// Reads the opening of a group, with its name or flags.
    private mutating func group() {
        guard peek(1) == "?" else { return copy(1) }
        let start = index
        let isNamed = peek(2) == "<" || peek(2) == "P"
        guard let end = scalars[index...].firstIndex(where: { isNamed ? $0 == ">" : $0 == ":" || $0 == ")" }) else {
            return copy(scalars.count)
        }
        // With marks around each character, `^` and `$` cannot find the ends of lines.
        if !isNamed, scalars[start...end].contains("m") { isOpaque = true }
        if peek(2) == "<" {
            output += "(?P"
            index += 2
        }
        copy(end + 1 - index)
    }
}

/// Text in which each character stands between two marks.
struct MarkedText: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each character starts in the original text, and where that text ends.
    private var starts: [Int] = []

    init(_ text: String) {
        bytes.reserveCapacity(text.utf8.count * 3)
        var offset = 0
        for scalar in text.unicodeScalars {
            let mark = UInt8(ascii: scalar.isOfWord ? "w" : "-")
            let encoded = UTF8.encode(scalar)
            starts.append(offset)
            bytes.append(mark)
            if let encoded { bytes.append(contentsOf: encoded) }
            bytes.append(mark)
            offset += encoded?.count ?? 0
        }
        starts.append(offset)
    }

    /// The position here of the character that starts at a byte of the original text.
    func marked(_ offset: Int) -> Int {
        let place = firstPlace { starts[$0] >= offset }
        return starts[place] + 2 * place
    }

    func unmarked(_ range: Range<Int>) -> Range<Int> { unmarked(range.lowerBound)..<unmarked(range.upperBound) }

    private func unmarked(_ offset: Int) -> Int { starts[firstPlace { starts[$0] + 2 * $0 >= offset }] }

    private func firstPlace(where isBehind: (Int) -> Bool) -> Int {
        var range = 0..<(starts.count - 1)
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBehind(middle) ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
        }
        return range.lowerBound
    }
}

extension Unicode.Scalar {
    fileprivate var isOfWord: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation:
            true
        default: false
        }
    }
}
