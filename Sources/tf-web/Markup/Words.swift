import TFDefinition
import TFStore

/// Sentences, counts and names as people read them.
enum Words {
    /// A name of roles and definitions as a label: `access-approver` is «Access approver», `it-staff` is «IT staff».
    static func label(_ name: String) -> String { capitalized(role(name)) }

    /// A text as a sentence: with a capital and a full stop.
    static func sentence(_ text: String) -> String {
        guard let last = text.last else { return "" }
        return capitalized(text) + (".!?…".contains(last) ? "" : ".")
    }

    /// Names in a row: «Uma, Bob and Carol»; from the fourth on they are counted.
    static func names(_ names: [String]) -> String {
        switch names.count {
        case 0: "somebody"
        case 1: names[0]
        case 2...3: names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
        default: names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) others"
        }
    }

    /// The beginning of a text in one line.
    static func excerpt(_ text: String, limit: Int = 100) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }

    /// A number of things: «1 task», «2 tasks».
    static func count(_ number: Int, _ thing: String, _ things: String? = nil) -> String {
        "\(number) \(number == 1 ? thing : things ?? thing + "s")"
    }

    /// A company role: `it-staff` becomes "IT staff".
    static func role(_ name: String) -> String { CompanyRole.words(of: name) }

    /// Those who hold a company role: "access approvers", "IT staff"; nil: all workers.
    static func people(_ name: String?) -> String {
        guard let name else { return "workers" }
        let role = role(name)
        let isOfPersons = ["er", "or", "ee", "ist", "ian", "ant"].contains(where: role.hasSuffix)
        return isOfPersons ? role + "s" : role
    }

    static func priority(_ priority: Priority) -> String { capitalized(priority.rawValue) }

    static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// "a", "a and b", "a, b and c".
    static func list(_ parts: [HTML]) -> HTML {
        guard let last = parts.last else { return .empty }
        guard parts.count > 1 else { return last }
        let most = parts.dropLast()
        let front = most.dropFirst().reduce(most[0]) { "\($0), \($1)" }
        return "\(front) and \(last)"
    }
}
