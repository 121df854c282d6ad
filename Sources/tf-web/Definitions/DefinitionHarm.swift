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
    ///   - present: the problems between the files as they are, which what is recorded of them may not tell yet: the
    ///     daemon looks at the others after each publication. Computed only if it matters.
    init(
        of path: String, to neighbours: [Catalog.Entry], _ found: Catalog.Problems,
        present: () -> [String: [Diagnostic]]
    ) {
        let harmed = Self.outOfForce(
            neighbours.sorted { $0.file < $1.file }, after: found.byFile, present: present)
        definitions = harmed.map(\.entry.definition)
        warnings = harmed.prefix(Self.limit).map { entry, error in
            let definition = entry.definition
            let file = error.file.split(separator: "/").last.map(String.init) ?? error.file
            let place = "\(file):\(error.position.line):\(error.position.column)"
            return Diagnostic(
                file: path, position: .start, severity: .warning,
                message:
                    "once this is published, the \(definition.kind.rawValue) \"\(definition.name)\" is not offered any more: \(error.sentence) (\(place))"
            )
        }
    }

    /// Those of some definitions that a change takes out of force, each with the first error that does so.
    /// - Parameters:
    ///   - after: the problems between the files once it is made.
    ///   - present: those before it; computed only if it matters.
    static func outOfForce(
        _ entries: [Catalog.Entry], after: [String: [Diagnostic]], present: () -> [String: [Diagnostic]]
    ) -> [(entry: Catalog.Entry, error: Diagnostic)] {
        func error(_ entry: Catalog.Entry, _ problems: [String: [Diagnostic]]) -> Diagnostic? {
            problems[entry.file]?.first { $0.severity == .error }
        }
        let wrong = entries.compactMap { entry -> (entry: Catalog.Entry, error: Diagnostic)? in
            error(entry, after).map { (entry, $0) }
        }
        guard !wrong.isEmpty else { return [] }
        let before = present()
        return wrong.filter { error($0.entry, before) == nil }
    }

    /// What a person confirms: exactly the definitions that they were shown.
    var token: String { definitions.map(\.identity).sorted().joined(separator: " ") }

    /// - Parameter token: what the form sent; nil: nothing was confirmed.
    func isAccepted(by token: String?) -> Bool { definitions.isEmpty || token == self.token }
}
