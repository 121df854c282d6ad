import TFDefinition
import TFStore

/// Sentences, counts and names as people read them.
enum Words {
    /// A text as a sentence: with a capital and a full stop.
    static func sentence(_ text: String) -> String {
        guard let last = text.last else { return "" }
        return capitalized(text) + (".!?…".contains(last) ? "" : ".")
    }

    /// The beginning of a text in one line, which ends with a word.
    static func excerpt(_ text: String, limit: Int = 100) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.count > limit else { return line }
        let shown = line.prefix(limit - 1)
        // What is written without spaces is cut where the room ends.
        let end = line[shown.endIndex] == " " ? shown.endIndex : shown.lastIndex(of: " ") ?? shown.endIndex
        return shown[..<end] + "…"
    }

    /// A number of things: «1 task», «2 tasks».
    static func count(_ number: Int, _ thing: String, _ things: String? = nil) -> String {
        "\(number) \(number == 1 ? thing : things ?? thing + "s")"
    }

    /// Those who hold a company role: "access approvers", "IT staff"; nil: all workers.
    /// - Parameter roles: the names for people of the company's roles.
    static func people(_ name: String?, _ roles: [String: String]) -> String {
        guard let name else { return "workers" }
        let role = roles[name].map(insideSentence) ?? ReadableName.words(name)
        let isOfPersons = ["er", "or", "ee", "ist", "ian", "ant"].contains(where: role.hasSuffix)
        return isOfPersons ? role + "s" : role
    }

    /// A title inside a sentence: "Access approver" becomes "access approver", and "IT staff" stays.
    static func insideSentence(_ title: String) -> String {
        let isAbbreviation = title.dropFirst().first?.isUppercase == true
        return isAbbreviation ? title : title.prefix(1).lowercased() + title.dropFirst()
    }

    /// Words in quotes; those within them become single ones.
    static func quoted(_ words: String) -> String {
        "“\(words.replacing("“", with: "‘").replacing("”", with: "’"))”"
    }

    /// A task's title in quotes, in a sentence and at the beginning of one. A form without a workflow has one task with
    /// the ticket's own title, which stands at the top of the page already: it is "this".
    static func task(_ title: String, ofTicket ticket: String) -> (object: HTML, subject: HTML) {
        title == ticket ? ("this", "This") : ("“\(title)”", "“\(title)”")
    }

    /// "Berlin time" for `Europe/Berlin`.
    static func time(inZone zone: String) -> String {
        "\((zone.split(separator: "/").last.map(String.init) ?? zone).replacing("_", with: " ")) time"
    }

    static func priority(_ priority: Priority) -> String { capitalized(priority.rawValue) }

    static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// "a", "a and b", "a, b and c".
    /// - Parameters:
    ///   - word: stands before the last.
    ///   - limit: of more than so many, two are told and the others counted.
    static func list(_ parts: [HTML], before word: String = "and", limit: Int = .max) -> HTML {
        let told = parts.count > limit ? parts.prefix(2) + ["\(parts.count - 2) others"] : parts[...]
        guard let last = told.last else { return .empty }
        guard told.count > 1 else { return last }
        let front = told.dropLast()
        return "\(front.dropFirst().reduce(front[0]) { "\($0), \($1)" }) \(word) \(last)"
    }

    /// Names in a row: "Uma, Bob and Carol"; from the fourth on they are counted.
    static func list(_ names: [String]) -> HTML { list(names.map { "\($0)" }, limit: 3) }
}
