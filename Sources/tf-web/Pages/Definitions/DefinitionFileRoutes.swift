import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Definitions for programs, which read and write whole files.
enum DefinitionFileRoutes {
    private static let list = "/companies/{company}/definitions"

    static func add(to routes: inout RouteTable) {
        let site = routes.server.site
        routes.own(
            .post, "\(list)/check", .editDefinitions, on: .company, query: DefinitionCheckQuery.self,
            Operation(
                "checkDefinition",
                "Check a text as if it were a file of the company; with errors it is refused (422) with every problem",
                body: .yaml, answer: .object(CheckAnswer.answer))
        ) { request, query, own in
            let writer = DefinitionWriter(request.company, own, site: site)
            let checked = try await writer.check(
                .init(source: try await source(own.request), path: "\(writer.directory)/\(query.file)"))
            let problems = checked.problems.map(DefinitionPlaces(request.company, site).shown)
            guard let definition = checked.definition, !problems.contains(where: { $0.severity == .error }) else {
                throw Failure.diagnostics(problems)
            }
            return .json(CheckAnswer(definition: definition, problems: problems).json)
        }
        routes.own(
            .put, "\(list)/{kind}/{name}", .editDefinitions, on: .company, query: NoFields.self,
            Operation(
                "writeDefinition", "Publish a text and write its file; `If-Match` names the revision that was read",
                body: .yaml, otherStatus: 201, answer: .object(WrittenDefinition.answer),
                headers: ["ETag": "The revision that is in force by it, for the `If-Match` of the next change."],
                failures: [409, 412])
        ) { request, _, own in try await write(request, own, site) }
        routes.own(
            .delete, "\(list)/{kind}/{name}", .editDefinitions, on: .definition, query: NoFields.self,
            Operation(
                "retireDefinition", "Start nothing new from it and remove its file", status: 204, answer: .none,
                headers: [
                    dependentsHeader:
                        "What is not offered any more without it, such as `ticket laptop, workflow purchase`; absent: nothing."
                ], failures: [409, 412])
        ) { request, _, own in
            guard request.definition.state != .retired else { throw Failure.notFound }
            try checkPreconditions(own.request, request.definition)
            let writer = DefinitionWriter(request.company, own, site: site)
            let dependents = try await writer.dependents(of: request.definition)
            let told = try await writer.retire(request.definition)
            if let told { throw DefinitionFolder.refusal("It is retired. \(told)") }
            var response = Response(status: .noContent)
            if !dependents.isEmpty {
                response.headers[SecurityHeaders.name(dependentsHeader)] = named(dependents)
            }
            return response
        }
    }

    /// The header that names what a retirement takes out of force.
    private static let dependentsHeader = "X-Not-Offered"
    /// How many are named; the others are only counted: a header has to be short.
    private static let limitNamed = 50

    private static func named(_ definitions: [Definition]) -> String {
        let names = definitions.map { "\($0.kind.rawValue) \($0.name)" }.sorted()
        let more = names.count > limitNamed ? ["\(names.count - limitNamed) more"] : []
        return (names.prefix(limitNamed) + more).joined(separator: ", ")
    }

    private static func write(
        _ request: ProvedRequest<InCompany>, _ own: OwnRequest, _ site: Site
    ) async throws -> Response {
        guard let kind = request.parts["kind"].flatMap(DefinitionKind.init(rawValue:)),
            let name = request.parts["name"]
        else { throw Failure.notFound }
        guard Slug.isValid(name) else {
            throw Failure.invalid([FieldError(field: "name", message: "A name is \(Slug.rule)")])
        }
        let source = try await source(own.request)
        return try await own.records.untilChecked { try await write(source, kind, name, request, own, site) }
    }

    private static func write(
        _ source: [UInt8], _ kind: DefinitionKind, _ name: String, _ request: ProvedRequest<InCompany>,
        _ own: OwnRequest, _ site: Site
    ) async throws -> Response {
        let current = try await own.read(in: request.company) { try $0.definition(kind, name) }
        try checkPreconditions(own.request, current)
        let writer = DefinitionWriter(request.company, own, site: site)
        let places = DefinitionPlaces(request.company, site)
        var path = writer.newPath(kind, name)
        if let current { path = try await writer.path(of: current) }
        let checked = try await writer.check(.init(source: source, path: path))
        guard let definition = checked.definition else {
            throw Failure.diagnostics(checked.problems.map(places.shown))
        }
        guard definition.kind == kind, definition.name == name else {
            throw Failure.invalid([
                FieldError(
                    field: "name",
                    message:
                        "The text defines the \(definition.kind.rawValue) \"\(definition.name)\", not the \(kind.rawValue) \"\(name)\""
                )
            ])
        }
        var replaced = DefinitionWriter.Replaced.any
        if own.request.headers[.ifMatch] != nil {
            replaced = .none
            if let current {
                let standing = try await writer.standing(of: current)
                if let change = DefinitionStanding(current).change(to: standing) { throw Failure.conflict(change) }
                replaced = .only(standing)
            }
        }
        let written = WrittenDefinition(
            definition: definition, revision: checked.parsed.revision, file: places.shown(checked.path),
            problems: try await writer.publish(checked, over: replaced).problems.map(places.shown))
        var response = Response.json(written.json, status: current == nil ? 201 : 200)
        response.headers[.eTag] = DefinitionRow.entityTag(ofRevision: checked.parsed.revision)
        if current == nil {
            response.headers[.location] =
                "/api/v1/companies/\(request.company.slug)/definitions/\(kind.rawValue)/\(name)"
        }
        return response
    }

    /// - Throws: `Failure.preconditionFailed` if `If-Match` names another revision than the one in force, or one in
    ///   force that was retired; or if `If-None-Match` wants a new one, and there is one.
    private static func checkPreconditions(_ request: Request, _ current: DefinitionRow?) throws {
        let tag = current?.entityTag
        let isWanted =
            request.headers[.ifMatch].map { $0 == "*" ? current != nil : EntityTags.matches($0, tag) } ?? true
        guard isWanted, request.headers[.ifNoneMatch] != "*" || current == nil else {
            throw Failure.preconditionFailed(current: tag)
        }
    }

    private static func source(_ request: Request) async throws -> [UInt8] {
        var request = request
        try request.demand("application/yaml")
        return Array(try await request.wholeBody(upTo: 4 * YAMLLimits.bytes).readableBytesView)
    }
}

/// The file name under which a text is checked.
private struct DefinitionCheckQuery: RequestFields {
    let file: String

    init(_ fields: inout FieldReader) {
        let path = fields.optional("file", .text(1, 200), "The file's name, for the messages.")
        // Only the last component counts, so that a request cannot choose a directory.
        file = path?.split(separator: "/").last.map(String.init) ?? "check.yaml"
    }
}
