/// A line of YAML to be read by people: its key and its comment are told apart from the values.
///
/// It is read by itself, so that a line of a block of text that looks like a key is shown as one.
struct YAMLLine {
    private let text: Substring

    init(_ text: Substring) { self.text = text }

    var html: HTML {
        let comment = comment
        let code = text[..<comment]
        let value = key.map { $0.upperBound } ?? code.startIndex
        let name: HTML? = key.map { "\(String(text[..<$0.lowerBound]))<b>\(String(text[$0]))</b>" }
        return """
            \(name)\(String(code[value...]))\(when(comment < text.endIndex, "<i>\(String(text[comment...]))</i>"))
            """
    }

    /// The key before a colon; nil if the line begins with none.
    private var key: Range<Substring.Index>? {
        let start = text.firstIndex { $0 != " " && $0 != "-" } ?? text.endIndex
        let end = text[start...].firstIndex { !$0.isLetter && !$0.isNumber && !"_-.$".contains($0) } ?? text.endIndex
        guard start < end, end < text.endIndex, text[end] == ":" else { return nil }
        let next = text.index(after: end)
        return next == text.endIndex || text[next] == " " ? start..<end : nil
    }

    /// Where the comment begins: at a `#` outside of quotes, at the line's beginning or behind white space.
    private var comment: Substring.Index {
        var quote: Character?
        var before: Character = " "
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "#", before == " " {
                return index
            } else if character == "\"" || character == "'", !before.isLetter {
                quote = character
            }
            before = character
        }
        return text.endIndex
    }
}
