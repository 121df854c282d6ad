import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Edits definitions. Each change publishes in the store and writes a file, so it is not a single transaction.
enum DefinitionEditRoutes {
    private static let list = "/c/{company}/definitions"
    private static let definition = "\(list)/{kind}/{name}"

    static func add(to routes: inout RouteTable) {
        let site = routes.server.site
        routes.page("\(list)/new", .editDefinitions, on: .company) { request, _ in
            DefinitionEditPage.make(request.company, nil, request)
        }
        routes.own(.post, "\(list)/new", .editDefinitions, on: .company, files: textFile) { request, own in
            try await save(request, in: request.company, current: nil, own, site)
        }
        routes.page("\(definition)/edit", .editDefinitions, on: .definition) { request, _ in
            DefinitionEditPage.make(request.company, request.definition, request)
        }
        routes.own(
            .post, "\(definition)/edit", .editDefinitions, on: .definition, files: textFile
        ) { request, own in
            try await save(request, in: request.company, current: request.definition, own, site)
        }
        routes.own(.post, "\(definition)/retirement", .editDefinitions, on: .definition) { request, own in
            let row = try request.definition(as: own.form)
            guard row.state != .retired else { throw Failure.conflict("the definition is retired already") }
            try await DefinitionWriter(request.company, own, site: site).retire(row)
            let sentence = "\(row.name) is retired: nothing new starts, what runs finishes."
            return .response(site.seeOther(request.subject.path, saying: sentence))
        }
        routes.own(
            .post, "\(definition)/revisions/{revision}/publication", .editDefinitions, on: .definition
        ) { request, own in try await bringBack(request, own, site) }
        DefinitionFileRoutes.add(to: &routes)
    }

    @Sendable private static func textFile(
        _ request: ProvedRequest<some Subject>, _ session: CompanyReadSession
    ) -> FilesOfForm { FilesOfForm(texts: ["file"]) }

    /// Checks the typed text, and publishes it if that was asked for and nothing is wrong.
    /// - Parameter current: the definition that is edited; nil for a new one.
    private static func save(
        _ request: ProvedRequest<some Subject>, in company: Company, current: DefinitionRow?, _ own: OwnRequest,
        _ site: Site
    ) async throws -> OwnAnswer {
        let form = own.form
        let text = DefinitionText(form)
        guard form.fileErrors.isEmpty else { throw Failure.invalid(form.fileErrors) }
        guard !text.source.isEmpty else {
            throw Failure.invalid([FieldError(field: "source", message: "Write a definition, or choose a file")])
        }
        if let current, text.version != current.revisionID {
            throw Failure.conflict("the definition was changed while you edited it")
        }
        let writer = DefinitionWriter(company, own, site: site)
        let check = try await DraftCheck(
            writer: writer, company: company, store: own.records(of: company), current: current, text: text
        ).result()
        guard check.isReady, text.isToBePublished, let definition = check.checked.definition else {
            return .page(
                DefinitionEditPage(
                    company: company, current: current, text: text, errors: check.errors, check: check,
                    tags: request.tags, now: request.now
                ).page)
        }
        _ = try await writer.publish(check.checked, over: .some(current))
        let location = "/c/\(company.slug)/definitions/\(definition.kind.rawValue)/\(definition.name)"
        return .response(site.seeOther(location, saying: "\(definition.name) is published."))
    }

    /// Publishes an older revision, or a retired definition, again.
    private static func bringBack(
        _ request: ProvedRequest<OnDefinition>, _ own: OwnRequest, _ site: Site
    ) async throws -> OwnAnswer {
        let sha256 = request.parts["revision"]
        let known = request.definition
        guard let revision = try await own.read(in: request.company, { try $0.revision(sha256, of: known) })
        else { throw Failure.notFound }
        let row = try request.definition(as: own.form)
        let writer = DefinitionWriter(request.company, own, site: site)
        let checked = try await writer.check(Array(revision.source.utf8), path: try await writer.path(of: row))
        guard checked.definition != nil else {
            // The rules may have become stricter since.
            return .page(
                DefinitionEditPage(
                    company: request.company, current: row, text: DefinitionText(revision, of: row),
                    check: DraftCheck.Result(checked: checked, errors: []), tags: request.tags, now: request.now
                ).page)
        }
        _ = try await writer.publish(checked, over: .some(row))
        let sentence = "Revision \(revision.sha256.prefix(10)) of \(row.name) is current again."
        return .response(site.seeOther(request.subject.path, saying: sentence))
    }
}

extension ProvedRequest<OnDefinition> {
    /// The definition, if it is still the revision that the form's page showed.
    /// - Throws: `Failure.conflict` if it was changed since.
    fileprivate func definition(as form: PostedForm) throws -> DefinitionRow {
        guard form["version"].flatMap({ RevisionID($0) }) == subject.definition.revisionID else {
            throw Failure.conflict("the definition was changed meanwhile")
        }
        return subject.definition
    }
}
