import TFDefinition
import TFExpression
import TFStore

/// Checks a company's files against each other: what is to be published, and every problem.
struct CompanyCheck: Sendable {
    let publications: [Publication]
    /// All problems, sorted by file and position; what follows only from a retirement is a warning.
    let problems: [Diagnostic]

    /// - Parameters:
    ///   - roles: the company's roles; nil if they are not known.
    ///   - published: the definitions in force. If two files define the same one, the file that published it keeps it.
    ///   - lastGood: the definitions that stay in force because their files are in error or cannot be read now.
    ///   - retired: what is out of force, each as `task approve`.
    ///   - versions: the texts that each version has had.
    init(
        _ tree: CompanyTree, roles: Set<String>?, published: [PublishedFile] = [], lastGood: [Catalog.Entry] = [],
        retired: Set<String> = [], versions: [String: VersionTexts] = [:]
    ) {
        let owners = Dictionary(published.map { ($0.identity, $0.file) }, uniquingKeysWith: { first, _ in first })
        var problems = tree.files.flatMap(\.parsed.diagnostics)
        let (sound, doubles) = Self.withoutDoubles(tree, owners: owners)
        problems += doubles
        let entries = sound.compactMap { file in
            file.parsed.definition.map {
                Catalog.Entry(file: file.path, definition: $0, references: file.parsed.references)
            }
        }
        let identities = Set(entries.map(\.definition.identity))
        // An unread file is no problem if another file publishes its definition now.
        problems += tree.problems(published.filter { !identities.contains($0.identity) })
        let staying = lastGood.filter { !identities.contains($0.definition.identity) }
        // A broken file is no problem for others that need its definition, as long as the last good one stays in force.
        let inForce = Set(staying.map(\.file))
        let broken = tree.files.compactMap(\.parsed.broken)
        let missing = broken.filter { !inForce.contains($0.file) }
        // What was in force and has no file any more goes out of force now.
        let gone = retired.union(published.map { "\($0.kind.rawValue) \($0.name)" })
        let crossing = Catalog(entries + staying, broken: missing, roles: roles, retired: gone)
            .findings(alsoIn: broken)
        let present = Set(entries.map(\.file) + broken.map(\.file))
        publications = sound.compactMap { file in
            Publication(
                file.parsed, source: file.source, file: file.path,
                isComplete: crossing.byFile[file.path]?.contains { $0.severity == .error } != true)
        }
        problems += versions.warnings(for: publications)
        self.problems = crossing.told(crossing.ordered(of: present, with: problems))
    }

    /// The problem of a directory whose name is not a company's.
    static func stranger(_ root: String, _ name: String, known: [String]) -> Diagnostic {
        Diagnostic(
            file: "\(root)/\(name)", position: .start, severity: .error,
            message: "there is no company \"\(name)\"; make it with tf-web company add, or rename the directory",
            suggestion: nearestName(to: name, among: known))
    }

    /// The problems of all directories of a tree whose names are no company's; none if the tree cannot be listed, which is
    /// told of by itself.
    static func strangers(in root: String, known: [String]) -> [Diagnostic] {
        let names = (try? DefinitionTree.companies(root)) ?? []
        return names.sorted().filter { !known.contains($0) }.map { stranger(root, $0, known: known) }
    }

    /// Keeps one file for each definition: the one that published it before, else the first by path. Others are
    /// refused, and say where that is, from the directory of definitions.
    private static func withoutDoubles(
        _ tree: CompanyTree, owners: [String: String]
    ) -> (sound: [DefinitionFile], problems: [Diagnostic]) {
        var claims: [String: [DefinitionFile]] = [:]
        for file in tree.files {
            if let definition = file.parsed.definition { claims[definition.identity, default: []].append(file) }
        }
        var sound: [DefinitionFile] = []
        var problems: [Diagnostic] = []
        for (identity, claimants) in claims {
            let first = claimants.first { $0.path == owners[identity] } ?? claimants[0]
            sound.append(first)
            guard claimants.count > 1, let definition = first.parsed.definition else { continue }
            let version = definition.version.isEmpty ? "" : " \(definition.version)"
            let place = tree.company + first.path.dropFirst(tree.path.count)
            for other in claimants where other.path != first.path {
                problems.append(
                    Diagnostic(
                        file: other.path, position: other.parsed.namePosition, severity: .error,
                        message:
                            "the \(definition.kind.rawValue) \"\(definition.name)\"\(version) is defined in \(place) already"
                    ))
            }
        }
        return (sound.sorted { $0.path < $1.path }, problems)
    }
}
