import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Writing definitions in the browser: all problems at once, then a preview, then into force.
struct DefinitionEditPages: Sendable {
    let desk: PageDesk

    private var definitions: DefinitionDesk { DefinitionDesk(site: desk.site) }

    func addRoutes(to routes: inout RouteTable) {
        let definition = "/c/{company}/definitions/{kind}/{name}"
        routes.page(.get, "/c/{company}/definitions/new", .editDefinitions, on: .company, showNew)
        routes.page(.post, "/c/{company}/definitions/new", .editDefinitions, on: .company, takesFiles: true, saveNew)
        routes.page(.get, "\(definition)/edit", .editDefinitions, on: .company, showEdit)
        routes.page(.post, "\(definition)/edit", .editDefinitions, on: .company, takesFiles: true, saveEdit)
        routes.page(.post, "\(definition)/retirement", .editDefinitions, on: .company, retire)
        routes.page(.post, "\(definition)/revisions/{revision}/publication", .editDefinitions, on: .company, bringBack)
    }

    /// What is written, and where.
    private struct Draft {
        let company: Company
        /// nil: a new one.
        let current: DefinitionRow?
        var source: String
        var errors: [FieldError] = []
        var problems: [Diagnostic] = []
        /// nil: not checked yet, or with errors.
        var checked: DefinitionDesk.Checked?

        var address: String {
            let base = "/c/\(company.slug)/definitions"
            return current.map { "\(base)/\($0.kind.rawValue)/\($0.name)/edit" } ?? "\(base)/new"
        }
    }

    // MARK: Showing

    @Sendable private func showNew(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        return try await page(request, context, Draft(company: found.company, current: nil, source: ""))
    }

    @Sendable private func showEdit(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let row = try await row(context, found.company)
        return try await page(
            request, context, Draft(company: found.company, current: row, source: row.source))
    }

    // MARK: Saving

    @Sendable private func saveNew(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        return try await save(request, context, found.company, current: nil)
    }

    @Sendable private func saveEdit(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        return try await save(request, context, found.company, current: try await row(context, found.company))
    }

    private func save(
        _ request: Request, _ context: WebContext, _ company: Company, current: DefinitionRow?
    ) async throws -> Response {
        var context = context
        context.form = try await FormIntake.read(context, desk.site, company, text: "file")
        let form = context.form
        // A chosen file wins over what stands in the page.
        let file = form["file"].flatMap { $0.isEmpty ? nil : $0 }
        var draft = Draft(
            company: company, current: current, source: file ?? form["source"] ?? "", errors: form.fileErrors)
        if draft.errors.isEmpty, draft.source.isEmpty {
            draft.errors = [FieldError(field: "source", message: "Write a definition, or choose a file")]
        }
        guard draft.errors.isEmpty else { return try await page(request, context, draft) }
        if let current, form["version"].flatMap({ RevisionID($0) }) != current.revisionID {
            return desk.conflict(
                context, request, "the definition was changed while you edited it", company: company,
                back: draft.address)
        }
        draft = try await checked(draft, file: form.text("path"))
        guard let checked = draft.checked, form["outcome"] == "publish" else {
            return try await page(request, context, draft)
        }
        _ = try await definitions.publish(checked, company, desk.access.store(context).inside(company.id))
        guard let definition = checked.definition else { throw Failure.notFound }
        return desk.site.seeOther(
            "/c/\(company.slug)/definitions/\(definition.kind.rawValue)/\(definition.name)",
            saying: "\(definition.name) is published.")
    }

    /// The draft with everything that is wrong with it, and ready to publish where nothing is.
    private func checked(_ draft: Draft, file: String?) async throws -> Draft {
        var draft = draft
        var path = "\(definitions.directory(draft.company))/definition.yaml"
        if let current = draft.current { path = try await definitions.path(current, draft.company) }
        if draft.current == nil, let file {
            guard Self.isPath(file) else {
                draft.errors = [
                    FieldError(
                        field: "path",
                        message: "Write a path such as it/access.ticket.yaml: a–z, 0–9, - and _, no dots in front")
                ]
                return draft
            }
            path = "\(definitions.directory(draft.company))/\(file)"
        }
        var result = try await definitions.check(Array(draft.source.utf8), path: path, draft.company)
        if let definition = result.definition {
            let known = try await desk.site.store.read(in: draft.company.id) {
                try $0.definition(definition.kind, definition.name)
            }
            if let current = draft.current, definition.kind != current.kind || definition.name != current.name {
                draft.errors = [
                    FieldError(
                        field: "source",
                        message:
                            "This is the \(current.kind.rawValue) \"\(current.name)\"; the text defines the \(definition.kind.rawValue) \"\(definition.name)\""
                    )
                ]
            } else if draft.current == nil, let known, known.state != .retired {
                draft.errors = [
                    FieldError(
                        field: "source",
                        message: "The \(definition.kind.rawValue) \"\(definition.name)\" is there already; edit it")
                ]
            } else if draft.current == nil, file == nil {
                result = try await definitions.check(
                    Array(draft.source.utf8),
                    path: definitions.newPath(definition.kind, definition.name, draft.company), draft.company)
            }
        }
        if draft.errors.isEmpty, draft.current == nil || result.definition != nil,
            let problem = try await definitions.obstacle(result, draft.company)
        {
            draft.errors = [FieldError(field: draft.current == nil ? "path" : "source", message: problem)]
        }
        // A file with errors is known by its problems alone: its text stands nowhere else.
        if draft.errors.isEmpty, draft.current == nil, file != nil, try await definitions.folder.exists(result.path) {
            draft.errors = [
                FieldError(field: "path", message: "There is a file at \(result.path) already; choose another path")
            ]
        }
        draft.problems = result.problems
        if draft.errors.isEmpty, result.definition != nil { draft.checked = result }
        return draft
    }

    /// Names of a few directories and a file; nothing that leads out or hides.
    private static func isPath(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...8).contains(parts.count), let file = parts.last, file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        else { return false }
        return parts.allSatisfy { part in
            (1...100).contains(part.utf8.count) && part.first != "." && part.first != "#"
                && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        }
    }

    @Sendable private func retire(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let row = try await row(context, found.company)
        guard context.form["version"].flatMap({ RevisionID($0) }) == row.revisionID, row.state != .retired else {
            return desk.conflict(
                context, request, "the definition was changed meanwhile", company: found.company,
                back: address(row, found.company))
        }
        try await definitions.retire(row, found.company, found.store)
        return desk.site.seeOther(
            address(row, found.company), saying: "\(row.name) is retired: nothing new starts, what runs finishes.")
    }

    /// Makes an older text current again, or a retired one.
    @Sendable private func bringBack(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let row = try await row(context, found.company)
        let revisions = try await found.store.read { try $0.revisions(ofDefinition: row.id) }
        guard let revision = revisions.first(where: { $0.sha256 == context.part("revision") }) else {
            throw Failure.notFound
        }
        guard context.form["version"].flatMap({ RevisionID($0) }) == row.revisionID else {
            return desk.conflict(
                context, request, "the definition was changed meanwhile", company: found.company,
                back: address(row, found.company))
        }
        let checked = try await definitions.check(
            Array(revision.source.utf8), path: try await definitions.path(row, found.company), found.company)
        guard checked.definition != nil else {
            // Rules may have become stricter since.
            return try await page(
                request, context,
                Draft(
                    company: found.company, current: row, source: revision.source, problems: checked.problems))
        }
        _ = try await definitions.publish(checked, found.company, found.store)
        return desk.site.seeOther(
            address(row, found.company),
            saying: "Revision \(revision.sha256.prefix(10)) of \(row.name) is current again.")
    }

    // MARK: The page

    private func page(_ request: Request, _ context: WebContext, _ draft: Draft) async throws -> Response {
        let isRefused = !draft.errors.isEmpty || draft.problems.contains { $0.severity == .error }
        let title = draft.current.map { "Edit \($0.name)" } ?? "New definition"
        let frame = desk.frame(
            context, request, title: title, company: draft.company,
            isError: isRefused && draft.checked == nil)
        // What was typed before a sign-in was typed against the revision of then.
        let typedOn = context.isParked ? context.form["version"].flatMap { Int($0) } : nil
        let hidden = Elements.hidden(
            csrf: frame.csrf, version: draft.current.map { typedOn ?? Int($0.revisionID.rawValue) })
        let preview: HTML =
            draft.checked == nil
            ? .empty
            : try await DefinitionPreview(desk: desk, company: draft.company).html(draft.checked, draft.current)
        let publish: HTML =
            draft.checked == nil
            ? .empty : #"<button name="outcome" value="publish">Publish</button>"#
        return desk.respond(
            frame,
            """
            \(Elements.errorSummary(draft.errors))<h1>\(title)</h1>\(DefinitionProblems(draft.problems).html)\(preview)\
            <form method="post" action="\(draft.address)" enctype="multipart/form-data" novalidate>\(hidden)\
            \(source(draft))\(when(draft.current == nil, path(draft, context)))\(file(draft))\
            <div class="buttons">\(publish)\
            <button name="outcome" value="check" class="\(draft.checked == nil ? "" : "second")">Check and preview</button>\
            </div></form>
            """)
    }

    private func source(_ draft: Draft) -> HTML {
        let rows = min(40, max(20, draft.source.sourceLines.count + 2))
        return Elements.field(
            "source", label: "Definition", hint: "YAML: a ticket, a task or a workflow.", errors: draft.errors
        ) { attributes in
            """
            <textarea class="code" name="source" rows="\(rows)" spellcheck="false"\(attributes)>
            \(draft.source)</textarea>
            """
        }
    }

    private func path(_ draft: Draft, _ context: WebContext) -> HTML {
        Elements.field(
            "path", label: "File", hint: "In the company's directory; left empty, it is named after the definition.",
            isOptional: true, errors: draft.errors
        ) { attributes in
            """
            <input type="text" name="path" value="\(context.form["path"] ?? "")" placeholder="it/access.ticket.yaml" \
            autocomplete="off"\(attributes)>
            """
        }
    }

    private func file(_ draft: Draft) -> HTML {
        Elements.field(
            "file", label: "Or take it from a file", isOptional: true, errors: draft.errors
        ) { attributes in
            #"<input type="file" name="file" accept=".yaml,.yml"\#(attributes)>"#
        }
    }

    // MARK: Finding

    private func address(_ row: DefinitionRow, _ company: Company) -> String {
        "/c/\(company.slug)/definitions/\(row.kind.rawValue)/\(row.name)"
    }

    private func row(_ context: WebContext, _ company: Company) async throws -> DefinitionRow {
        guard let kind = context.part("kind").flatMap(DefinitionKind.init(rawValue:)),
            let name = context.part("name"),
            let row = try await desk.site.store.read(in: company.id, { try $0.definition(kind, name) })
        else { throw Failure.notFound }
        return row
    }

    private func find(_ context: WebContext) async throws -> Access.InCompany {
        try await desk.access.company(context)
    }
}
