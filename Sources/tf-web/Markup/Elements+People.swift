import TFEngine

extension Elements {
    /// A person's initials in a colour of their own. The name must stand beside them, for those who listen too.
    static func initials(_ name: String, _ id: AccountID, isBig: Bool = false) -> HTML {
        """
        <b class="av\(isBig ? " big" : "") \(colour(of: id))" aria-hidden=true>\(letters(of: name))</b>
        """
    }

    /// A person: initials and name.
    static func person(_ name: String, _ id: AccountID) -> HTML { "\(initials(name, id))\(name)" }

    /// The class of a person's colour, the same on every page.
    static func colour(of id: AccountID) -> String { "c\(Int(id.rawValue.magnitude % 6))" }

    /// The first letters of the first and the last word: `Bob Berger` is `BB`.
    static func letters(of name: String) -> String {
        let words = name.split(separator: " ")
        let ends = words.count > 1 ? [words[0], words[words.count - 1]] : words
        return ends.compactMap(\.first).map { String($0).uppercased() }.joined()
    }
}
