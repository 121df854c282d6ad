/// The rules for a ticket's title, status and labels. A person's title is held to them by its form, which has sentences of
/// its own for what is missing.
package enum TicketTexts {
    /// - Returns: the rule that a title or status breaks, such as `must be a text of 1 to 200 characters`; nil if it fits.
    package static func problem(_ text: String, _ limit: TextLimit) -> String? {
        text.contains { !$0.isWhitespace } && limit.holds(text)
            ? nil : "must be a text of 1 to \(limit.characters) characters"
    }

    /// - Returns: the rule that the labels break; nil if they fit.
    package static func problem(labels: [String]) -> String? {
        if labels.count > TextLimit.limitLabels || Set(labels).count < labels.count {
            return "must be at most \(TextLimit.limitLabels), each once"
        }
        let areTexts = labels.allSatisfy { problem($0, .label) == nil }
        return areTexts ? nil : "must be texts of 1 to \(TextLimit.label.characters) characters"
    }

    /// Labels that a workflow has computed, as they are kept: long ones are cut, and blank and repeated ones left out.
    package static func labels(computed labels: [String]) -> [String] {
        var known: Set<String> = []
        return labels.map(TextLimit.label.cut).filter { problem($0, .label) == nil && known.insert($0).inserted }
    }
}
