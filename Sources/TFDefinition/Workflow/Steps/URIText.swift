/// A URI as workflows write it: a text in which `{name}` stands for a member of the step's input (RFC 6570, level 1).
enum URIText {
    /// Tells what is wrong with a URI that is no expression: it would be asked for as it stands, or with nothing in a place
    /// that somebody meant for a value.
    static func check(_ text: String, at position: Position, _ diagnostics: inout Diagnostics) {
        guard text.hasPrefix("http://") || text.hasPrefix("https://") || text.hasPrefix("{") else {
            return diagnostics.error(
                "a URI must start with https:// or http://, not \"\(text.prefix(60))\"", at: position)
        }
        // An expression amid text is told where values are read.
        if text.contains("${") { return }
        if let problem = problem(ofTemplate: text) { return diagnostics.error(problem, at: position) }
        guard !text.hasPrefix("{") else { return }
        let rest = text.drop { $0 != "/" }.dropFirst(2)
        let server = rest.prefix { !"/?#".contains($0) }
        if server.isEmpty || server.contains(where: \.isWhitespace) {
            diagnostics.error("a URI must name a server after ://, not \"\(server)\"", at: position)
        } else if text.contains(where: \.isWhitespace) {
            diagnostics.warning("a URI has no blanks; write %20", at: position)
        }
    }

    private static func problem(ofTemplate text: String) -> String? {
        var rest = text.unicodeScalars[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[brace] == "{" else { return "\"}\" has no \"{\"; \(rule)" }
            guard let end = rest[brace...].firstIndex(of: "}") else { return "\"{\" has no \"}\"; \(rule)" }
            let name = String(rest[rest.index(after: brace)..<end])
            guard !name.isEmpty, name.unicodeScalars.allSatisfy(isOfName) else {
                return "\"{\(name)}\" is no member of the input; \(rule)"
            }
            rest = rest[rest.index(after: end)...]
        }
        return nil
    }

    private static let rule = "a member is written by its name alone, such as {id}, and anything else as an expression"

    /// RFC 6570 has letters of ASCII, digits, `_`, `.` and `%` in a name. Members of our inputs have a hyphen too, and
    /// letters of any script.
    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        let character = Character(scalar)
        return character.isLetter || character.isNumber || "_.-%".unicodeScalars.contains(scalar)
    }
}
