import Hummingbird
import TFDefinition
import TFStore

/// The company's definitions with their problems.
struct DefinitionPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout Routes) {
        routes.get("/c/{company}/definitions", list)
        routes.get("/c/{company}/definitions/{kind}/{name}", show)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let store = desk.site.store
        let rows = try await store.definitions(found.company.id)
        let problems = try await store.problems(found.company.id)
        let frame = desk.frame(context, request, title: "Definitions", company: found.company)
        return desk.respond(
            frame,
            """
            <h1>Definitions</h1>\(problemList(problems))\
            \(rows.isEmpty
                ? Elements.empty("No definition is published. Drop a file into the company's directory.")
                : table(rows, problems, found.company))
            """)
    }

    private func problemList(_ problems: [Diagnostic]) -> HTML {
        guard !problems.isEmpty else { return "<p>All files are in order.</p>" }
        let items = problems.map { problem -> HTML in
            """
            <li><code>\(problem.file):\(problem.position.line):\(problem.position.column)</code> \
            <strong class="tag \(problem.severity == .error ? "bad" : "wait")">\(problem.severity.rawValue)</strong> \
            \(problem.sentence)</li>
            """
        }
        return "<h2>Problems</h2><ul>\(items)</ul>"
    }

    private func table(_ rows: [DefinitionRow], _ problems: [Diagnostic], _ company: Company) -> HTML {
        Elements.table(
            "A revision is named by the beginning of its SHA-256",
            ["Name", "Kind", "Version", "State", "Revision", "File", "Published"],
            rows.map { row in
                let count = problems.count { $0.file == row.file }
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
        guard let kind = context.parameters.get("kind").flatMap(DefinitionKind.init(rawValue:)),
            let name = context.parameters.get("name"),
            let row = try await desk.site.store.definition(found.company.id, kind, name)
        else { throw Failure.notFound }
        let problems = try await desk.site.store.problems(found.company.id).filter { $0.file == row.file }
        let frame = desk.frame(context, request, title: name, company: found.company)
        return desk.respond(
            frame,
            """
            <h1>\(name) \(state(row.state, problems: 0))</h1><p>\(kind.rawValue) \(row.version), \(row.file), revision \
            <code>\(row.sha256.prefix(10).description)</code></p>\(problemList(problems))\(try await diagram(row))\
            <h2>Source</h2><pre tabindex="0">\(numbered(row.source))</pre>
            """)
    }

    private func diagram(_ row: DefinitionRow) async throws -> HTML {
        guard case .workflow(let workflow) = try await desk.site.store.revision(row.revisionID),
            let svg = await desk.site.diagrams.svg(
                WorkflowGraph(workflow), key: String(row.revisionID), states: [:], walked: [])
        else { return .empty }
        return #"<h2>Diagram</h2><div class="diagram" tabindex="0" role="region" aria-label="Workflow">\#(svg)</div>"#
    }

    private func numbered(_ source: String) -> String {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let width = String(lines.count).count
        return lines.enumerated().map { index, line in
            let number = String(index + 1)
            return String(repeating: " ", count: width - number.count) + number + "  " + line
        }.joined(separator: "\n")
    }

    private func find(_ context: WebContext) async throws -> Access.InCompany {
        try await desk.access.company(
            context.parameters.get("company"), try context.requireSignedIn(), .readDefinitions)
    }
}
