import TFDefinition
import TFStore

/// A company's files against each other: what is to be published, what stays, and every problem.
struct CompanyCheck: Sendable {
    let publications: [Publication]
    /// Files in error; what they published last stays in force.
    let kept: Set<String>
    /// All problems, by file and place.
    let problems: [Diagnostic]

    /// - Parameters:
    ///   - roles: the company's roles; nil where they are not known.
    ///   - owners: the file that published each identity last, which keeps it against a second file.
    ///   - lastGood: what files that are in error now published last.
    init(
        _ tree: CompanyTree, roles: Set<String>?, owners: [String: String] = [:],
        lastGood: (String) -> [Catalog.Entry] = { _ in [] }
    ) {
        var problems = tree.notices + tree.files.flatMap(\.parsed.diagnostics)
        let broken = tree.files.filter { $0.parsed.definition == nil && !$0.parsed.diagnostics.isEmpty }
        let (sound, doubles) = Self.withoutDoubles(tree.files, owners: owners)
        problems += doubles
        let entries = sound.compactMap { file in
            file.parsed.definition.map {
                Catalog.Entry(file: file.path, definition: $0, references: file.parsed.references)
            }
        }
        let keptEntries = broken.flatMap { lastGood($0.path) }
        let crossing = Catalog(entries + keptEntries, roles: roles).problems()
        let brokenPaths = Set(broken.map(\.path))
        problems += crossing.filter { !brokenPaths.contains($0.key) }.values.joined()
        publications = sound.compactMap { file in
            file.parsed.definition.map { definition in
                Publication(
                    definition: definition, source: file.source, sha256: file.parsed.revision, file: file.path,
                    isComplete: crossing[file.path]?.contains { $0.severity == .error } != true)
            }
        }
        kept = brokenPaths
        self.problems = problems.sorted { ($0.file, $0.position) < ($1.file, $1.position) }
    }

    static func identity(_ definition: Definition) -> String {
        "\(definition.kind.rawValue) \(definition.name) \(definition.version)"
    }

    /// One file an identity: the one that published it before, else the first by path; the others are refused.
    private static func withoutDoubles(
        _ files: [DefinitionFile], owners: [String: String]
    ) -> (sound: [DefinitionFile], problems: [Diagnostic]) {
        var claims: [String: [DefinitionFile]] = [:]
        for file in files {
            if let definition = file.parsed.definition { claims[identity(definition), default: []].append(file) }
        }
        var sound: [DefinitionFile] = []
        var problems: [Diagnostic] = []
        for (identity, claimants) in claims {
            let first = claimants.first { $0.path == owners[identity] } ?? claimants[0]
            sound.append(first)
            for other in claimants where other.path != first.path {
                let words = identity.split(separator: " ")
                let name = "\(words[0]) \"\(words[1])\"" + (words.count > 2 ? " \(words[2])" : "")
                problems.append(
                    Diagnostic(
                        file: other.path, position: .start, severity: .error,
                        message: "the \(name) is defined in \(first.path) already"))
            }
        }
        return (sound.sorted { $0.path < $1.path }, problems)
    }
}
