import TFDefinition

/// A wrong word of a text and the one that was most likely meant, to be put in its place by a button.
struct SuggestedFix: Sendable, Hashable {
    private let line: Int
    private let wrong: String
    private let right: String

    /// - Returns: nil if the problem has no suggestion, or its wrong word does not stand on its line.
    init?(_ problem: Diagnostic, in lines: [Substring]) {
        // The message quotes the wrong word first.
        let quoted = problem.message.split(separator: "\"", omittingEmptySubsequences: false)
        guard let right = problem.suggestion, quoted.count > 2, !quoted[1].isEmpty,
            lines.indices.contains(problem.position.line - 1),
            lines[problem.position.line - 1].contains(quoted[1])
        else { return nil }
        line = problem.position.line
        wrong = String(quoted[1])
        self.right = right
    }

    /// The value of its button, such as `4:onbording:onboarding`.
    var text: String { "\(line):\(wrong):\(right)" }

    /// - Returns: nil for another text than that of a button.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let line = Int(parts[0]), !parts[1].isEmpty else { return nil }
        self.line = line
        wrong = String(parts[1])
        right = String(parts[2])
    }

    /// The source with the right word; as it is if the wrong one is not there any more.
    func applied(to source: String) -> String {
        var lines = source.sourceLines.map(String.init)
        guard lines.indices.contains(line - 1), let place = lines[line - 1].range(of: wrong) else { return source }
        lines[line - 1].replaceSubrange(place, with: right)
        return lines.joined(separator: "\n")
    }
}
