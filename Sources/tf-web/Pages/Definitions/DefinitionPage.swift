import TFDefinition
import TFStore

/// The page of one definition: how it looks, its text, and all its revisions.
struct DefinitionPage {
    private let on: OnDefinition
    private let problems: [Diagnostic]
    private let revisions: [RevisionRow]
    private let picture: HTML
    private let tags: FormTags

    private var row: DefinitionRow { on.definition }

    @Sendable static func make(_ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession) throws -> Page {
        let row = request.definition
        let picture = DefinitionPicture(company: request.company, now: request.now)
        let page = DefinitionPage(
            on: request.subject, problems: row.problems(among: try session.problems()),
            revisions: try session.revisions(ofDefinition: row.id),
            picture: try picture.html(try session.revision(row.revisionID)) { graph in
                try WorkflowDiagram(graph, revision: row.revisionID, session).html()
            }, tags: request.tags)
        return Page(row.name, page.html)
    }

    private var html: HTML {
        """
        <h1>\(row.name) \(row.state.tag)</h1><p>\(row.kind.rawValue) \(row.version), \(row.file), revision \
        \(HTML.revision(row.sha256))</p>\(DefinitionProblems(problems).html)\
        \(when(on.mayEdit, actions))\(picture)\
        <h2>Source</h2>\(HTML.numbered(row.source))\(history)
        """
    }

    private var actions: HTML {
        let retire: HTML = """
            <form method="post" action="\(on.path)/retirement">\(tags.hidden(version: Int(row.revisionID.rawValue)))\
            <button class="second">Retire</button></form>
            """
        let dryRun: HTML = #"<a class="button second" href="\#(on.path)/dry-run">Dry run</a>"#
        return """
            <div class="buttons"><a class="button" href="\(on.path)/edit">Edit</a>\(when(row.kind == .workflow, dryRun))\
            \(when(row.state != .retired, retire))</div>
            """
    }

    private var history: HTML {
        let table = Elements.table(
            "Every text that it had, the newest first", ["Revision", "First published", "State"],
            revisions.map { revision in
                [
                    #"<a href="\#(on.path)/revisions/\#(revision.sha256)">\#(HTML.revision(revision.sha256))</a>"#,
                    Elements.time(revision.publishedAtMs, on.company),
                    row.isCurrent(revision) ? #"<span class="tag good">current</span>"# : "older",
                ]
            })
        return "<h2>Revisions</h2>\(table)"
    }
}

extension DefinitionRow {
    /// Whether a revision is the one in force.
    func isCurrent(_ revision: RevisionRow) -> Bool { revision.id == revisionID && state != .retired }
}
