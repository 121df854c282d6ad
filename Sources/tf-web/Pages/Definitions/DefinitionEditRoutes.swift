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
        routes.page("\(definition)/retirement", .editDefinitions, on: .definition) { request, session in
            try DefinitionConfirmPage.retirement(request, session, DefinitionPlaces(request.company, site))
        }
        routes.own(
            .post, "\(definition)/retirement", .editDefinitions, on: .definition, body: NoFields.self
        ) { request, _, own in
            let row = request.definition
            try DefinitionStanding(row).confirm(own.form)
            guard row.state != .retired else { throw Failure.conflict("the definition is retired already") }
            let title = try await own.read(in: request.company) { try $0.revision(row.revisionID).shownTitle }
            let told = try await DefinitionWriter(request.company, own, site: site).retire(row)
            let sentence = "“\(title)” is retired: nothing new starts, what runs finishes."
            return .response(
                site.seeOther(
                    request.subject.path, saying: [sentence, told].compactMap { $0 }.joined(separator: " ")))
        }
        let publication = "\(definition)/revisions/{revision}/publication"
        routes.own(.get, publication, .editDefinitions, on: .definition) { request, own in
            let older = try await older(request, own, site)
            return .page(try await question(request, older.checked.harm, older.standing, own, site))
        }
        routes.own(
            .post, publication, .editDefinitions, on: .definition, body: PublicationAgain.self
        ) { request, again, own in
            try await bringBack(request, again, own, site)
        }
        DefinitionFileRoutes.add(to: &routes)
    }

    @Sendable private static func textFile(
        _ request: ProvedRequest<some RouteSubject>, _ session: CompanyReadSession
    ) -> FilesOfForm { FilesOfForm(texts: ["file"]) }

    /// Publishes an older revision, or a retired definition, again.
    private static func bringBack(
        _ request: ProvedRequest<OnDefinition>, _ again: PublicationAgain, _ own: OwnRequest, _ site: Site
    ) async throws -> OwnAnswer {
        try await own.records.untilChecked { try await broughtBack(request, again, own, site) }
    }

    private static func broughtBack(
        _ request: ProvedRequest<OnDefinition>, _ again: PublicationAgain, _ own: OwnRequest, _ site: Site
    ) async throws -> OwnAnswer {
        let row = request.definition
        let (revision, checked, standing) = try await older(request, own, site)
        try standing.confirm(own.form)
        guard let definition = checked.definition else {
            // The rules may have become stricter since.
            return try await Workbench(request, current: row, own, site)
                .answer(
                    DefinitionText(revision, of: standing))
        }
        guard checked.harm.isAccepted(by: again.accepted) else {
            let errors = [checked.harm.refusal]
            return .page(
                try await question(request, checked.harm, standing, own, site, errors).refusing(422, errors))
        }
        let published = try await DefinitionWriter(request.company, own, site: site)
            .publish(checked, over: .only(standing))
        let sentence = "Revision \(revision.sha256.prefix(7)) of “\(definition.shownTitle)” is in force again."
        return .response(
            site.seeOther(
                request.subject.path,
                saying: [sentence, checked.harm.told, published.told, published.warned(in: checked.path)]
                    .compactMap { $0 }.joined(separator: " ")))
    }

    /// The revision that the address names, checked as if it were published now.
    private static func older(
        _ request: ProvedRequest<OnDefinition>, _ own: OwnRequest, _ site: Site
    ) async throws -> (revision: RevisionRow, checked: DefinitionWriter.Checked, standing: DefinitionStanding) {
        let (sha256, row) = (request.parts["revision"], request.definition)
        guard let revision = try await own.read(in: request.company, { try $0.revision(sha256, of: row) })
        else { throw Failure.notFound }
        let writer = DefinitionWriter(request.company, own, site: site)
        let path = try await writer.path(of: row)
        let checked = try await writer.check(.init(source: Array(revision.source.utf8), path: path))
        return (revision, checked, try await writer.standing(of: row))
    }

    private static func question(
        _ request: ProvedRequest<OnDefinition>, _ harm: DefinitionHarm, _ standing: DefinitionStanding,
        _ own: OwnRequest, _ site: Site, _ errors: [FieldError] = []
    ) async throws -> Page {
        try await own.read(in: request.company) { session in
            try DefinitionConfirmPage.publication(
                request, session, standing, DefinitionPlaces(request.company, site),
                box: harm.box(accepted: nil, errors: errors))
        }
    }
}

/// Brings an older text into force again. The version that its form names is not a number: see `DefinitionStanding`.
private struct PublicationAgain: RequestFields {
    /// Which definitions may go out of force for it.
    let accepted: String?

    init(_ fields: inout FieldReader) { accepted = fields.onPage(DefinitionHarm.field, .text) }
}

extension DefinitionStanding {
    /// - Throws: `Failure.conflict` if the definition does not stand as the form's page showed it.
    fileprivate func confirm(_ form: PostedForm) throws {
        guard let shown = form["version"].flatMap({ DefinitionStanding($0) }) else {
            throw Failure.conflict("the definition was changed meanwhile")
        }
        if let change = shown.change(to: self) { throw Failure.conflict(change) }
    }
}
