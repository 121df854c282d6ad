import TFExpression

/// When the answers of an `each` task suffice: the first outcome that reaches its count decides.
package struct Enough: Sendable, Hashable, Codable {
    /// Outcomes with their counts of at least 1, in the order in which they were written.
    package let counts: [Count]

    package struct Count: Sendable, Hashable, Codable {
        package let outcome: String
        package let count: Int
    }

    /// The outcome of an `each` task in which no count was reached.
    package static let undecided = "undecided"

    /// How many people it takes at least so that every outcome can be reached.
    package var peopleForEveryOutcome: Int { counts.map(\.count).max() ?? 1 }

    private static let maximum = 1_000

    static let shape = Shape.any

    /// Decides an `each` task by the answers so far.
    /// - Parameters:
    ///   - enough: the counts; nil: everybody must answer, and the outcome is the one that all gave.
    ///   - outcomes: the outcomes of the answers so far, in any order.
    ///   - people: how many people are asked in all.
    /// - Returns: the outcome; `undecided` if none can reach its count any more; nil if more answers are needed.
    package static func decide(_ enough: Enough?, outcomes: [String], people: Int) -> String? {
        let remaining = people - outcomes.count
        guard let enough else {
            guard remaining <= 0 else { return nil }
            return Set(outcomes).count == 1 ? outcomes.first : undecided
        }
        var isReachable = false
        for wanted in enough.counts {
            let given = outcomes.count { $0 == wanted.outcome }
            if given >= wanted.count { return wanted.outcome }
            if given + remaining >= wanted.count { isReachable = true }
        }
        return isReachable ? nil : undecided
    }

    static func read(_ fields: Fields, outcomes: [Outcome], _ reader: inout DefinitionReader) -> Enough? {
        guard let node = fields.value("enough") else { return nil }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            reader.diagnostics.error(
                "\"enough\" must say how many of an outcome decide, such as { \(outcomes[0].value): 2 }",
                at: node.position)
            return nil
        }
        let names = outcomes.map(\.value)
        var counts: [Count] = []
        for entry in entries {
            if !names.contains(entry.key) {
                reader.diagnostics.error(
                    "\"enough\" names the outcome \"\(entry.key)\", which this task does not have",
                    at: entry.keyPosition, suggestion: nearestName(to: entry.key, among: names))
            }
            guard case .scalar(let text, _) = entry.value.content, let count = Int(text), (1...maximum).contains(count)
            else {
                reader.diagnostics.error(
                    "\"\(entry.key)\" of \"enough\" must be a whole number from 1 to \(maximum)",
                    at: entry.value.position)
                continue
            }
            counts.append(Count(outcome: entry.key, count: count))
        }
        return Enough(counts: counts)
    }
}
