import TFDefinition

/// Two addresses of which one hides the other.
struct Shadow: Hashable, CustomStringConvertible {
    let hidden: String
    let by: String
    /// The part of the address that reads as a word of the one and as a value of the other.
    let word: String

    var description: String {
        "\(hidden) cannot be reached where \"\(word)\" stands in it, since \(by) has that word there"
    }
}

extension RouteTable {
    /// Addresses that some of their own values never reach.
    ///
    /// The router goes by parts: at each it takes the route that has the very word, and does not come back to one that
    /// has a parameter there. So no route may have a word where another takes that word as a value: `…/workflow/{name}/…`
    /// beside `…/{kind}/{name}` hides every workflow.
    var shadows: [Shadow] {
        let paths = Set(routes.map(\.path)).map { (path: $0, parts: $0.split(separator: "/")) }
        var shadows: Set<Shadow> = []
        for hidden in paths {
            for other in paths {
                guard let word = Self.word(of: other.parts, hiding: hidden.parts) else { continue }
                // One that takes every method and value of the hidden one has the same parts behind the word.
                let isReached = paths.contains { Self.covers($0.parts, hidden.parts, with: word) }
                if !isReached { shadows.insert(Shadow(hidden: hidden.path, by: other.path, word: String(word.text))) }
            }
        }
        return shadows.sorted { $0.description < $1.description }
    }

    private typealias Word = (index: Int, text: Substring)

    /// The first part in which `parts` has a word that `hidden` takes as a value; nil: they part before, or never.
    private static func word(of parts: [Substring], hiding hidden: [Substring]) -> Word? {
        for (index, (part, value)) in zip(parts, hidden).enumerated() where part != value {
            if isParameter(part), isParameter(value) { continue }
            return isParameter(value) && takes(value, part) ? (index, part) : nil
        }
        return nil
    }

    /// Whether a route has the hidden one's parts with the word in its place.
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
