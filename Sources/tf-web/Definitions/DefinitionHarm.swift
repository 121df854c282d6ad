import TFDefinition

/// What the publication of one text does to the definitions that name it.
struct DefinitionHarm {
    /// More would hide the problems of the text itself.
    private static let limit = 20

    /// A warning for each definition that is in force and would not be offered any more.
    let warnings: [Diagnostic]

    /// - Parameters:
    ///   - path: the text's file.
    ///   - neighbours: the company's other definitions.
    ///   - found: the problems between all files, the text among them.
    ///   - known: the problems that the company's files have without it.
    init(of path: String, to neighbours: [Catalog.Entry], _ found: Catalog.Problems, known: [Diagnostic]) {
        let already = Set(known.filter { $0.severity == .error }.map(\.file))
        warnings = neighbours.lazy.filter { !already.contains($0.file) }.compactMap { entry in
            guard let error = found.byFile[entry.file]?.first(where: { $0.severity == .error }) else { return nil }
            let file = error.file.split(separator: "/").last.map(String.init) ?? error.file
            let place = "\(file):\(error.position.line):\(error.position.column)"
            return Diagnostic(
                file: path, position: .start, severity: .warning,
                message:
                    "once this is published, the \(entry.definition.kind.rawValue) \"\(entry.definition.name)\" is not offered any more: \(error.sentence) (\(place))"
            )
        }.prefix(Self.limit).map(\.self)
    }
}
