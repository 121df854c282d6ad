import TFDefinition

/// What the publication of one text does to the definitions that name it.
struct DefinitionHarm {
    /// More would hide the problems of the text itself.
    private static let limit = 20

    /// The definitions that are in force and would not be offered any more.
    let definitions: [Definition]
    /// A warning for each of the first of them.
    let warnings: [Diagnostic]

    /// - Parameters:
    ///   - path: the text's file.
    ///   - neighbours: the company's other definitions.
    ///   - found: the problems between all files, the text among them.
    ///   - known: the problems that the company's files have without it.
    init(of path: String, to neighbours: [Catalog.Entry], _ found: Catalog.Problems, known: [Diagnostic]) {
        let already = Set(known.filter { $0.severity == .error }.map(\.file))
        let harmed = neighbours.sorted { $0.file < $1.file }.compactMap {
            entry -> (definition: Definition, error: Diagnostic)? in
            guard !already.contains(entry.file) else { return nil }
            return found.byFile[entry.file]?.first { $0.severity == .error }.map { (entry.definition, $0) }
        }
        definitions = harmed.map(\.definition)
        warnings = harmed.prefix(Self.limit).map { definition, error in
            let file = error.file.split(separator: "/").last.map(String.init) ?? error.file
            let place = "\(file):\(error.position.line):\(error.position.column)"
            return Diagnostic(
                file: path, position: .start, severity: .warning,
                message:
                    "once this is published, the \(definition.kind.rawValue) \"\(definition.name)\" is not offered any more: \(error.sentence) (\(place))"
            )
        }
    }

    /// What a person confirms: exactly the definitions that they were shown.
    var token: String { definitions.map(\.identity).sorted().joined(separator: " ") }

    /// - Parameter token: what the form sent; nil: nothing was confirmed.
    func isAccepted(by token: String?) -> Bool { definitions.isEmpty || token == self.token }
}
