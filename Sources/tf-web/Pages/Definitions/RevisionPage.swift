import TFDefinition
import TFStore

/// One revision of a definition, with its differences from the current one.
enum RevisionPage {
    @Sendable static func make(_ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession) throws -> Page {
        let (row, path) = (request.definition, request.subject.path)
        guard let revision = try session.revision(request.parts["revision"], of: row) else { throw Failure.notFound }
        let title = "\(row.name), revision \(revision.sha256.prefix(10))"
        let bringBack: HTML = """
            <form method="post" action="\(path)/revisions/\(revision.sha256)/publication">\
            \(request.tags.hidden(version: Int(row.revisionID.rawValue)))<button>Bring it back</button></form>
            """
        return Page(
            title,
            """
            <h1>\(title)</h1><p>First published \(Elements.time(revision.publishedAtMs, request.company)). \
            <a href="\(path)">To the current one</a></p>\
            \(when(request.subject.mayEdit && !row.isCurrent(revision), bringBack))\
            <h2>From this to the current one</h2>\(LineDiff(from: revision.source, to: row.source).html)\
            <h2>Source</h2>\(HTML.numbered(revision.source))
            """)
    }
}

extension CompanyReadSession {
    /// A revision of a definition by its checksum.
    func revision(_ sha256: String?, of row: DefinitionRow) throws -> RevisionRow? {
        try revisions(ofDefinition: row.id).first { $0.sha256 == sha256 }
    }
}
