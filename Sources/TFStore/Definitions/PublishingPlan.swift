import TFDefinition
import TFEngine

/// The state of a company's definitions when somebody began to read its files.
///
/// Reading many files takes a while, and others may publish meanwhile: what they have changed is newer than the files
/// that were read.
package struct DefinitionsMark: Sendable, Hashable {
    private struct Standing: Sendable, Hashable {
        let state: DefinitionRow.State
        let file: String
        let sha256: String
        let updatedAtMs: Int64
    }

    private let standings: [String: Standing]

    init(_ db: CompanyReadSession) throws {
        let rows = try db.all(
            Row.self,
            """
            SELECT d.kind, d.name, d.version, d.state, d.file, r.sha256, d.updated_at_ms
            FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ?
            """, [db.company])
        standings = try rows.reduce(into: [:]) { standings, row in
            let identity = Definition.identity(try Column.word(row["kind"]), row["name"], row["version"])
            standings[identity] = Standing(
                state: try Column.word(row["state"]), file: row["file"], sha256: row["sha256"],
                updatedAtMs: row["updated_at_ms"])
        }
    }

    /// The identities of the definitions that have changed or been added since.
    fileprivate func changed(in now: DefinitionsMark) -> Set<String> {
        Set(now.standings.filter { standings[$0.key] != $0.value }.keys)
    }
}

/// A daemon's look at a company's files: definitions that somebody else has changed since are neither overwritten nor
/// retired by what it read.
package struct DefinitionsLook: Sendable, Hashable {
    package let leader: Leadership
    /// The state before the first file was read.
    package let mark: DefinitionsMark

    package init(leader: Leadership, mark: DefinitionsMark) {
        self.leader = leader
        self.mark = mark
    }
}

/// The changes that bring a company's definitions in line with its files.
struct PublishingPlan: Sendable {
    private(set) var changed: [Publication] = []
    private(set) var retired: [PublishedFile] = []
    private(set) var changes = PublishedChanges()

    var isEmpty: Bool { changed.isEmpty && retired.isEmpty }

    /// - Parameters:
    ///   - kept: files whose definitions are not retired although nothing is published from them; nil: all files.
    ///   - mark: the state before the files were read; nil: nobody else publishes.
    init(
        _ db: CompanyReadSession, _ publications: [Publication], keeping kept: Set<String>?,
        since mark: DefinitionsMark?
    ) throws {
        let newer = try mark?.changed(in: db.definitionsMark()) ?? []
        let rows = try db.all(PublishedFile.self, PublishedFile.select, [db.company])
        let known = Dictionary(rows.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
        for publication in publications {
            let definition = publication.definition
            let row = known[definition.identity]
            let state = publication.isComplete ? DefinitionRow.State.active : .incomplete
            if let row, row.sha256 == publication.sha256, row.state == state, row.file == publication.file { continue }
            if newer.contains(definition.identity) {
                changes.overtaken.append(publication.name)
                continue
            }
            changed.append(publication)
            guard row?.sha256 != publication.sha256 || row?.state == .retired else { continue }
            changes.published.append(publication.name)
            if let row, row.sha256 != publication.sha256, publication.statesVersion {
                changes.republished.append(publication)
            }
        }
        guard let kept else { return }
        let current = Set(publications.map(\.definition.identity))
        let gone = rows.filter { $0.state != .retired && !current.contains($0.identity) && !kept.contains($0.file) }
        changes.overtaken += gone.filter { newer.contains($0.identity) }.map { "\($0.kind.rawValue) \($0.name)" }
        retired = gone.filter { !newer.contains($0.identity) }
        changes.retired = retired.map { "\($0.kind.rawValue) \($0.name)" }
    }
}

/// What a publication has changed, for the log.
package struct PublishedChanges: Sendable {
    /// Kind and name of each new or changed definition.
    package var published: [String] = []
    /// The definitions whose files name a version that had another text before.
    package var republished: [Publication] = []
    /// Kind and name of each definition that was retired.
    package var retired: [String] = []
    /// Kind and name of each definition that somebody else has changed since the files were read, and that was left
    /// alone: the files have to be read again.
    package var overtaken: [String] = []
}
