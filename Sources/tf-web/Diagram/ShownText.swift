/// Text that has to fit into a shape. A browser's font is not known here, so one of the widest is assumed: the bold DejaVu
/// Sans, which Linux has where nobody chose another.
enum ShownText {
    /// The text in lines of a width in pixels, broken between words and at most so many; what does not fit is left out.
    static func lines(_ text: String, _ width: Double, size: Double, limit: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            let longer = line.isEmpty ? String(word) : "\(line) \(word)"
            if line.isEmpty || lines.count == limit || fits(longer, width, size: size) {
                lines[lines.count - 1] = longer
            } else {
                lines.append(String(word))
            }
        }
        return lines.map { fitting($0, width, size: size) }
    }

    /// Whether lines lack some of their text.
    static func isCut(_ lines: [String], of text: String) -> Bool {
        lines.joined(separator: " ") != text.split(separator: " ").joined(separator: " ")
    }

    /// The text, shortened to a width in pixels.
    static func fitting(_ text: String, _ width: Double, size: Double) -> String {
        if fits(text, width, size: size) { return text }
        var shown = ""
        var used = self.width("…", size: size)
        for character in text {
            used += self.width(String(character), size: size)
            if used > width { break }
            shown.append(character)
        }
        while shown.last == " " { shown.removeLast() }
        return shown + "…"
    }

    static func fits(_ text: String, _ width: Double, size: Double) -> Bool { self.width(text, size: size) <= width }

    static func width(_ text: String, size: Double) -> Double {
        text.reduce(0.0) { width, character in width + share(of: character) * size }
    }

    /// The width of a character as a part of the font's size.
    private static func share(of character: Character) -> Double {
        switch character {
        case " ", "i", "j", "l", "I", "J", ".", ",", "'", "|", "/": return 0.38
        case "f", "r", "t", "(", ")", "[", "]", "-", ":", ";", "!": return 0.49
        case "c", "k", "s", "v", "x", "y", "z", "L", "?": return 0.66
        case "w": return 0.93
        case "m", "M", "W", "@", "%", "…": return 1.1
        default:
            if !character.isASCII { return 1.1 }
            return character.isUppercase ? 0.85 : 0.72
        }
    }
}
