import TFDefinition

extension DefinitionWriter.Published {
    /// How many warnings are told; the others are only counted.
    private static let limitTold = 2
    private static let limitSentence = 160

    /// What the page after a publication says of the warnings; nil: there are none.
    /// - Parameter path: the file of the text that was seen; other files are named.
    func warned(in path: String) -> String? {
        guard !warnings.isEmpty else { return nil }
        var told = warnings.prefix(Self.limitTold).map { warning in
            let place = warning.file == path ? "line" : "\(warning.file.fileName), line"
            return "\(place) \(warning.position.line): \(Words.excerpt(warning.sentence, limit: Self.limitSentence))"
        }
        if warnings.count > told.count { told.append("\(warnings.count - told.count) more") }
        let are = warnings.count == 1 ? "is" : "are"
        return "There \(are) \(Words.count(warnings.count, "warning")): \(told.joined(separator: "; "))."
    }
}
