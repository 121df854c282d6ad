import TFDefinition
import TFStore

/// One revision of a definition, with its differences from the one in force.
enum RevisionPage {
    @Sendable static func make(_ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession) throws -> Page {
        let (row, path) = (request.definition, request.subject.path)
        guard let revision = try session.revision(request.parts["revision"], of: row) else { throw Failure.notFound }
        let shown = try session.revision(row.revisionID).shownTitle
        let publisher = try session.publishers(of: row)[revision.id]
        let title = "\(shown), revision \(revision.sha256.prefix(7))"
        let bringBack: HTML = """
            <a class="btn small" href="\(path)/revisions/\(revision.sha256)/publication">Bring it back…</a>
            """
        let head = Elements.definitionHead(
            title, place: "Revision \(revision.sha256.prefix(7))",
            note: row.isCurrent(revision) ? Elements.tag(.done, "In force") : Elements.tag(.off, "Not in force"),
            actions: when(request.subject.mayEdit && !row.isCurrent(revision), bringBack),
            back: [Elements.definitions(of: request.company), Link(path, shown)])
        let changes: HTML = """
            <section id="changes" class="stack"><h2>From this to the one in force</h2>\
            \(LineDiff(from: revision.source, to: row.source).html)</section>
            """
        return Page(
            title,
            """
            \(head)<p class="sm soft">First published \(request.times.near(revision.publishedAtMs))\(publisher?.words)</p>\
            \(when(revision.id != row.revisionID, changes))\
            <h2>Source</h2>\(DefinitionSource(source: revision.source).html)
            """
        ).under(.definitions)
    }
}

extension CompanyReadSession {
    /// A revision of a definition by its checksum.
    func revision(_ sha256: String?, of row: DefinitionRow) throws -> RevisionRow? {
        try revisions(ofDefinition: row.id).first { $0.sha256 == sha256 }
    }
}
