import TFDefinition

/// Two routes of which one hides the other from the router.
struct Shadow: Hashable, CustomStringConvertible {
    let hidden: String
    let by: String
    /// The path component that is a literal in one route and a parameter's value in the other.
    let word: String

    var description: String {
        "\(hidden) cannot be reached where \"\(word)\" stands in it, since \(by) has that word there"
    }
}

extension RouteTable {
    /// Routes that the router does not reach for some values of their parameters.
    ///
    /// The router matches component by component, prefers a literal, and does not backtrack. So no route may have a
    /// literal where another has a parameter that takes this value: `…/workflow/{name}/…` beside `…/{kind}/{name}`
    /// would hide every workflow.
    var shadows: [Shadow] {
        let paths = Set(routes.map(\.path)).map { (path: $0, parts: $0.split(separator: "/")) }
        var shadows: Set<Shadow> = []
        for hidden in paths {
            for other in paths {
                guard let word = Self.word(of: other.parts, hiding: hidden.parts) else { continue }
                // A route that covers all values of the hidden one has the same components after the literal.
                let isReached = paths.contains { Self.covers($0.parts, hidden.parts, with: word) }
                if !isReached { shadows.insert(Shadow(hidden: hidden.path, by: other.path, word: String(word.text))) }
            }
        }
        return shadows.sorted { $0.description < $1.description }
    }

    private typealias Word = (index: Int, text: Substring)

    /// The first literal of `parts` that `hidden` takes as a value; nil if the paths differ earlier or never.
    private static func word(of parts: [Substring], hiding hidden: [Substring]) -> Word? {
        for (index, (part, value)) in zip(parts, hidden).enumerated() where part != value {
            if isParameter(part), isParameter(value) { continue }
            return isParameter(value) && takes(value, part) ? (index, part) : nil
        }
        return nil
    }

    /// Whether a route equals the hidden one with the literal in its place.
    private static func covers(_ parts: [Substring], _ hidden: [Substring], with word: Word) -> Bool {
        guard parts.count == hidden.count else { return false }
        return zip(parts, hidden).enumerated().allSatisfy { index, pair in
            index == word.index ? pair.0 == word.text : pair.0 == pair.1 || (isParameter(pair.0) && isParameter(pair.1))
        }
    }

    private static func isParameter(_ part: Substring) -> Bool { part.hasPrefix("{") }

    /// Whether a parameter can have this value.
    private static func takes(_ parameter: Substring, _ value: Substring) -> Bool {
        switch parameter {
        case "{number}", "{id}", "{task}": value.utf8.allSatisfy { (0x30...0x39).contains($0) }
        case "{kind}": DefinitionKind(rawValue: String(value)) != nil
        default: true
        }
    }
}
