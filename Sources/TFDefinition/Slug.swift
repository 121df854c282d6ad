/// The rules for names that stand in addresses, keys and file names.
package enum Slug {
    /// Whether a text can be the name of a company, definition or company role: `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
    package static func isValid(_ text: String) -> Bool { isName(text) { $0 == UInt8(ascii: "-") } }

    /// Whether a text can be a login: a slug that may hold `_` too.
    package static func isLogin(_ text: String) -> Bool {
        isName(text) { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    /// Stands in addresses and filters for whoever asks, so that it can be nobody's login.
    package static let ownLogin = "me"
    /// Why not, for whoever chooses it.
    package static let noOwnLogin = "Choose another user name: “\(ownLogin)” stands for whoever asks"

    /// An outcome or a secret: ASCII letters, digits, `-` and `_`.
    package static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longest
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    private static let longest = TextLimit.identifier.characters

    package static let rule = "1 to \(longest) of a–z, 0–9 and -, starting and ending with a letter or digit"
    package static let loginRule = "1 to \(longest) of a–z, 0–9, - and _, starting and ending with a letter or digit"

    /// The slug nearest to any text: `bug_report` becomes `bug-report`.
    package static func make(_ text: String, separator: Character = "-") -> String {
        var slug = ""
        for character in text.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                slug.append(character)
            } else if slug.last != separator, !slug.isEmpty {
                slug.append(separator)
            }
        }
        slug = String(slug.prefix(longest))
        while slug.last == separator { slug.removeLast() }
        return slug
    }

    /// The slug of what people call something in any script: `Größe` becomes `grosse`; empty without a letter or digit.
    package static func naming(_ title: String, separator: Character = "-") -> String {
        let start = title.prefix(scalars: longest)
        let latin = start.applyingTransform(.toLatin, reverse: false) ?? start
        return make(latin.folded.withoutAccents, separator: separator)
    }

    /// The id of a field that is known only by its label. A form of GitHub's may have labels of any script without an
    /// id: where nothing in one is a letter or digit of ASCII, it is the Latin spelling, and without one the numbers of
    /// its characters. It follows from the label alone, so that no other field changes what an expression reads.
    static func id(ofLabel label: String) -> String {
        let slug = make(label, separator: "_")
        guard slug.isEmpty else { return slug }
        let latin = naming(label, separator: "_")
        guard latin.isEmpty else { return latin }
        let numbers = label.unicodeScalars.prefix(longest).map { String($0.value, radix: 16) }
        return String("u\(numbers.joined(separator: "_u"))".prefix(longestID))
    }

    /// How long a field's id may be, in bytes.
    static let longestID = 100

    private static func isName(_ text: String, joiner: (UInt8) -> Bool) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...longest).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || joiner($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
