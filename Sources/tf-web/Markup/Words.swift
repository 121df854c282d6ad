/// Sentences and counts as people read them.
extension Words {
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
}
