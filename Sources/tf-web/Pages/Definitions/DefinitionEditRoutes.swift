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
        routes.own(
            .get, "\(list)/new", .editDefinitions, on: .company, query: NewDefinition.self
        ) { request, own in
            let new = NewDefinition(fitting: own.request.uri.query ?? "")
            return try await Workbench(request, current: nil, own, site).first(new)
        }
        routes.own(.post, "\(list)/new", .editDefinitions, on: .company, files: textFile) { request, own in
            try await Workbench(request, current: nil, own, site).answer(
                own.form)
        }
        routes.own(.get, "\(definition)/edit", .editDefinitions, on: .definition) { request, own in
            try await Workbench(
                request, current: request.definition, own, site
            ).first(nil)
        }
        routes.own(
            .post, "\(definition)/edit", .editDefinitions, on: .definition, files: textFile
        ) { request, own in
            try await Workbench(
                request, current: request.definition, own, site
            ).answer(own.form)
        }
        routes.page("\(definition)/retirement", .editDefinitions, on: .definition, DefinitionConfirmPage.retirement)
        routes.own(.post, "\(definition)/retirement", .editDefinitions, on: .definition) { request, own in
            let row = try request.definition(as: own.form)
            guard row.state != .retired else { throw Failure.conflict("the definition is retired already") }
            try await DefinitionWriter(request.company, own, site: site).retire(row)
            let sentence = "\(ReadableName.title(row.name)) is retired: nothing new starts, what runs finishes."
            return .response(site.seeOther(request.subject.path, saying: sentence))
        }
        let publication = "\(definition)/revisions/{revision}/publication"
        routes.page(publication, .editDefinitions, on: .definition, DefinitionConfirmPage.publication)
        routes.own(.post, publication, .editDefinitions, on: .definition) { request, own in
            try await bringBack(request, own, site)
        }
        DefinitionFileRoutes.add(to: &routes)
    }

    @Sendable private static func textFile(
        _ request: ProvedRequest<some Subject>, _ session: CompanyReadSession
    ) -> FilesOfForm { FilesOfForm(texts: ["file"]) }

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
            return try await Workbench(request, current: row, own, site)
                .answer(
                    DefinitionText(revision, of: row))
        }
        _ = try await writer.publish(checked, over: .some(row))
        let sentence = "Revision \(revision.sha256.prefix(7)) of \(ReadableName.title(row.name)) is in force again."
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
