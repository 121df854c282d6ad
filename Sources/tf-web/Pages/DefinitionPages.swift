import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// The company's definitions with their problems.
struct DefinitionPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(
            .get, "/c/{company}/definitions", .readDefinitions, on: .company,
            navigation: .at(.definitions, "Definitions"), list)
        routes.page(.get, "/c/{company}/definitions/{kind}/{name}", .readDefinitions, on: .company, show)
        routes.page(
            .get, "/c/{company}/definitions/{kind}/{name}/revisions/{revision}", .readDefinitions, on: .company,
            showRevision)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let store = found.store
        let rows = try await store.read { try $0.definitions() }
        let problems = try await store.read { try $0.problems() }
        let frame = desk.frame(context, request, title: "Definitions", company: found.company)
        return desk.respond(
            frame,
            """
            <h1>Definitions</h1>\(problems.isEmpty ? "<p>All files are in order.</p>" : DefinitionProblems(problems).html)\
            \(when(mayEdit(found), new(found.company)))\
            \(rows.isEmpty
                ? Elements.empty("No definition is published. Drop a file into the company's directory.")
                : table(rows, problems, found.company))
            """)
    }

    private func table(_ rows: [DefinitionRow], _ problems: [Diagnostic], _ company: Company) -> HTML {
        Elements.table(
            "A revision is named by the beginning of its SHA-256",
            ["Name", "Kind", "Version", "State", "Revision", "File", "Published"],
            rows.map { row in
                let count = row.problems(among: problems).count
                return [
                    #"<a href="/c/\#(company.slug)/definitions/\#(row.kind.rawValue)/\#(row.name)">\#(row.name)</a>"#,
                    "\(row.kind.rawValue)", "\(row.version)", state(row.state, problems: count),
                    "<code>\(row.sha256.prefix(10).description)</code>", "\(row.file)",
                    Elements.time(row.updatedAtMs, company),
                ]
            })
    }

    private func state(_ state: DefinitionRow.State, problems: Int) -> HTML {
        let kind =
            switch state {
            case .active: "good"
            case .incomplete: "bad"
            case .retired: "off"
            }
        let count: HTML = problems == 0 ? .empty : " \(problems) problem\(problems == 1 ? "" : "s")"
        return #"<span class="tag \#(kind)">\#(state.rawValue)</span>\#(count)"#
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        guard let row = try await row(context, found.company) else { throw Failure.notFound }
        let (kind, name) = (row.kind, row.name)
        let problems = row.problems(among: try await found.store.read { try $0.problems() })
        let revisions = try await found.store.read { try $0.revisions(ofDefinition: row.id) }
        let frame = desk.frame(context, request, title: name, company: found.company)
        let definition = try await found.store.read { try $0.revision(row.revisionID) }
        let picture = try await DefinitionPreview(desk: desk, company: found.company).picture(
            definition, revision: row.revisionID)
        return desk.respond(
            frame,
            """
            <h1>\(name) \(state(row.state, problems: 0))</h1><p>\(kind.rawValue) \(row.version), \(row.file), revision \
            <code>\(row.sha256.prefix(10).description)</code></p>\(DefinitionProblems(problems).html)\
            \(when(mayEdit(found), actions(row, found.company, frame.csrf)))\(picture)\
            <h2>Source</h2><pre tabindex="0">\(numbered(row.source))</pre>\
            \(history(row, revisions, found))
            """)
    }

    private func new(_ company: Company) -> HTML {
        #"<p><a class="button" href="/c/\#(company.slug)/definitions/new">New definition</a></p>"#
    }

    private func mayEdit(_ found: Access.InCompany) -> Bool {
        Policy.decide(found.actor, .editDefinitions, .company) == .allowed
    }

    private func path(_ row: DefinitionRow, _ company: Company) -> String {
        "/c/\(company.slug)/definitions/\(row.kind.rawValue)/\(row.name)"
    }

    private func actions(_ row: DefinitionRow, _ company: Company, _ csrf: String) -> HTML {
        let path = path(row, company)
        let retire: HTML = """
            <form method="post" action="\(path)/retirement">\(Elements.hidden(csrf: csrf, version: Int(row.revisionID.rawValue)))\
            <button class="second">Retire</button></form>
            """
        let dryRun: HTML = #"<a class="button second" href="\#(path)/dry-run">Dry run</a>"#
        return """
            <div class="buttons"><a class="button" href="\(path)/edit">Edit</a>\(when(row.kind == .workflow, dryRun))\
            \(when(row.state != .retired, retire))</div>
            """
    }

    private func history(_ row: DefinitionRow, _ revisions: [RevisionRow], _ found: Access.InCompany) -> HTML {
        let table = Elements.table(
            "Every text that it had, the newest first", ["Revision", "First published", "State"],
            revisions.map { revision in
                let isCurrent = revision.id == row.revisionID && row.state != .retired
                return [
                    #"<a href="\#(path(row, found.company))/revisions/\#(revision.sha256)"><code>\#(revision.sha256.prefix(10).description)</code></a>"#,
                    Elements.time(revision.publishedAtMs, found.company),
                    isCurrent ? #"<span class="tag good">current</span>"# : "older",
                ]
            })
        return "<h2>Revisions</h2>\(table)"
    }

    /// One text that it had, with what is different from the current one.
    @Sendable private func showRevision(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        guard let row = try await row(context, found.company),
            let revision = try await found.store.read({ try $0.revisions(ofDefinition: row.id) }).first(where: {
                $0.sha256 == context.part("revision")
            })
        else { throw Failure.notFound }
        let title = "\(row.name), revision \(revision.sha256.prefix(10))"
        let frame = desk.frame(context, request, title: title, company: found.company)
        let isCurrent = revision.id == row.revisionID && row.state != .retired
        let hidden = Elements.hidden(csrf: frame.csrf, version: Int(row.revisionID.rawValue))
        let bringBack: HTML = """
            <form method="post" action="\(path(row, found.company))/revisions/\(revision.sha256)/publication">\(hidden)\
            <button>Bring it back</button></form>
            """
        return desk.respond(
            frame,
            """
            <h1>\(title)</h1><p>First published \(Elements.time(revision.publishedAtMs, found.company)). \
            <a href="\(path(row, found.company))">To the current one</a></p>\
            \(when(mayEdit(found) && !isCurrent, bringBack))\
            <h2>From this to the current one</h2>\(LineDiff(from: revision.source, to: row.source).html)\
            <h2>Source</h2><pre tabindex="0">\(numbered(revision.source))</pre>
            """)
    }

    private func row(_ context: WebContext, _ company: Company) async throws -> DefinitionRow? {
        guard let kind = context.part("kind").flatMap(DefinitionKind.init(rawValue:)),
            let name = context.part("name")
        else { return nil }
        return try await desk.site.store.read(in: company.id) { try $0.definition(kind, name) }
    }

    private func numbered(_ source: String) -> String {
        let lines = source.sourceLines
        let width = String(lines.count).count
        return lines.enumerated().map { index, line in
            let number = String(index + 1)
            return String(repeating: " ", count: width - number.count) + number + "  " + line
        }.joined(separator: "\n")
    }

    private func find(_ context: WebContext) async throws -> Access.InCompany {
        try await desk.access.company(context)
    }
}
