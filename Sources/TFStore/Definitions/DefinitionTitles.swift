import TFDefinition
import TFEngine

/// The titles of ticket types or of tasks by their names. Those that are out of force have theirs too: what was begun with
/// them keeps its name for people.
package struct DefinitionTitles: Sendable, Hashable {
    private let titles: [String: String]
    /// The names of what can be begun now.
    package let inForce: Set<String>

    fileprivate init(_ titles: [String: String], inForce: Set<String>) {
        self.titles = titles
        self.inForce = inForce
    }

    /// The title of a definition; its name in words if there is none of that name.
    package subscript(name: String) -> String { titles[name] ?? ReadableName.title(name) }

    /// Some definitions in the order of their titles, to choose from. Of those with the same title each has its name too.
    package func choices(_ names: Set<String>) -> [(name: String, title: String)] {
        let counts = names.reduce(into: [String: Int]()) { counts, name in counts[self[name], default: 0] += 1 }
        let choices = names.map { name in
            let title = self[name]
            return (name: name, title: counts[title] == 1 ? title : "\(title) · \(name)")
        }
        return choices.sorted { ($0.title, $0.name) < ($1.title, $1.name) }
    }
}

extension CompanyReadSession {
    /// The titles of the company's definitions of a kind: of what is in force, else of what is incomplete, else
    /// of what was retired, and of several of the newest version.
    /// - Parameter names: only of these; nil: of all.
    package func titles(of kind: DefinitionKind, named names: Set<String>? = nil) throws -> DefinitionTitles {
        guard names?.isEmpty != true else { return DefinitionTitles([:], inForce: []) }
        let isNamed = names.map { SQLCondition.isOneOf("d.name", $0.sorted()) } ?? SQLCondition("1 = 1")
        let versions = try all(
            TitledVersion.self,
            """
            SELECT d.name, d.version, d.state, r.id AS revision_id FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = ? AND \(isNamed.sql)
            """, [company, kind.rawValue] + isNamed.arguments)
        var newest: [String: TitledVersion] = [:]
        for version in versions {
            if let known = newest[version.name], !(known < version) { continue }
            newest[version.name] = version
        }
        var (titles, inForce): ([String: String], Set<String>) = ([:], [])
        for (name, version) in newest {
            guard let definition = try definition(of: version.revision) else { continue }
            titles[name] = definition.shownTitle
            if version.state == .active, !definition.isRetired { inForce.insert(name) }
        }
        return DefinitionTitles(titles, inForce: inForce)
    }

    /// The title of a revision; nil: this version of the programs cannot read it, which may be said of what was retired
    /// long ago.
    package func title(of revision: RevisionID) throws -> String? { try definition(of: revision)?.shownTitle }

    private func definition(of revision: RevisionID) throws -> Definition? {
        do { return try self.revision(revision) } catch is DecodingError { return nil }
    }
}

extension Definition {
    /// Whether its own text says so.
    fileprivate var isRetired: Bool {
        switch self {
        case .ticket(let ticket): ticket.isRetired
        case .task, .workflow: false
        }
    }
}

/// One of the versions that may give a name its title.
private struct TitledVersion: RowReadable, Comparable {
    let name: String
    let version: String
    let state: DefinitionRow.State
    let revision: RevisionID

    init(row: Row) throws {
        name = row["name"]
        version = row["version"]
        state = try Column.word(row["state"])
        revision = row["revision_id"]
    }

    private var rank: Int {
        switch state {
        case .active: 2
        case .incomplete: 1
        case .retired: 0
        }
    }

    /// What is in force comes before what is incomplete, and this before what was retired, whatever their numbers are.
    static func < (left: TitledVersion, right: TitledVersion) -> Bool {
        guard left.rank == right.rank else { return left.rank < right.rank }
        return SemanticVersion.isLower(left.version, right.version)
    }
}
