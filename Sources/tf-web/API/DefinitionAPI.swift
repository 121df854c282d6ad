import Foundation
import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Definitions: list, read, write, retire, check.
struct DefinitionAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let path = "/companies/{company}/definitions"
        let one = "\(path)/{kind}/{name}"
        routes.api(
            .get, path, .readDefinitions, on: .company,
            Operation("listDefinitions", "All definitions", answer: .page(of: DefinitionAnswer.answer)), list)
        routes.api(
            .post, "\(path)/check", .editDefinitions, on: .company,
            Operation(
                "checkDefinition", "Check a text as if it were a file of the company",
                query: [.init(name: "file", shape: .text(1, 200), help: "The file's name, for the messages.")],
                body: .yaml, answer: .object(CheckAnswer.answer)), check)
        routes.api(
            .get, one, .readDefinitions, on: .company,
            Operation("readDefinition", "The source in force; its ETag is the revision", answer: .yaml), read)
        routes.api(
            .put, one, .editDefinitions, on: .company,
            Operation(
                "writeDefinition", "Publish a text and write its file; `If-Match` names the revision that was read",
                body: .yaml, otherStatus: 201, answer: .object(WrittenDefinition.answer), failures: [409, 412]), write)
        routes.api(
            .delete, one, .editDefinitions, on: .company,
            Operation(
                "retireDefinition", "Start nothing new from it and remove its file", status: 204, answer: .none,
                failures: [409, 412]), delete)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        _ = try desk.query(request, context)
        let problems = try await found.store.read { try $0.problems() }
        let rows = try await found.store.read { try $0.definitions() }
        // A file of which nothing was ever published has no row; what is wrong with it is told all the same.
        let known = Set(rows.map(\.file))
        let refused = Catalog.Broken.files(of: problems.filter { !known.contains($0.file) })
        return desk.page(
            rows.map { DefinitionAnswer($0, among: problems) }
                + refused.map { DefinitionAnswer(refused: $0, among: problems) })
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let (kind, name) = try names(context)
        guard let row = try await found.store.read({ try $0.definition(kind, name) }) else {
            throw Failure.notFound
        }
        return Response(
            status: .ok, headers: [.contentType: "application/yaml", .eTag: "\"\(row.sha256)\""],
            body: .init(byteBuffer: ByteBuffer(string: row.source)))
    }

    /// Checks a text as if it were a file of the company.
    @Sendable private func check(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        // Only the last part of a name counts, so that no path comes from a request.
        let query = try desk.query(request, context)
        let file = query.text("file")?.split(separator: "/").last.map(String.init) ?? "check.yaml"
        let checked = try await definitions.check(
            try await source(request), path: "\(definitions.directory(found.company))/\(file)", found.company)
        return .json(CheckAnswer(definition: checked.definition, problems: checked.problems).json)
    }

    @Sendable private func write(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let (kind, name) = try names(context)
        guard Slug.isValid(name) else {
            throw Failure.invalid([FieldError(field: "name", message: "A name is \(Slug.rule)")])
        }
        let current = try await found.store.read { try $0.definition(kind, name) }
        try checkPrecondition(request, current)
        var path = definitions.newPath(kind, name, found.company)
        if let current { path = try await definitions.path(current, found.company) }
        let checked = try await definitions.check(try await source(request), path: path, found.company)
        guard let definition = checked.definition else { throw Failure.diagnostics(checked.problems) }
        guard definition.kind == kind, definition.name == name else {
            throw Failure.invalid([
                FieldError(
                    field: "name",
                    message:
                        "The text defines the \(definition.kind.rawValue) \"\(definition.name)\", not the \(kind.rawValue) \"\(name)\""
                )
            ])
        }
        let problems = try await definitions.publish(checked, found.company, found.store)
        let written = WrittenDefinition(
            definition: definition, revision: checked.parsed.revision, file: checked.path, problems: problems)
        return .json(written.json, status: current == nil ? 201 : 200)
    }

    /// Retires a definition and removes its file.
    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let (kind, name) = try names(context)
        guard let current = try await found.store.read({ try $0.definition(kind, name) }),
            current.state != .retired
        else { throw Failure.notFound }
        try checkPrecondition(request, current)
        try await definitions.retire(current, found.company, found.store)
        return Response(status: .noContent)
    }

    // MARK: Shared

    private var definitions: DefinitionDesk { DefinitionDesk(site: desk.site) }

    private func checkPrecondition(_ request: Request, _ current: DefinitionRow?) throws {
        guard let wanted = request.headers[.ifMatch], wanted != "*" || current == nil else { return }
        if wanted != current.map({ "\"\($0.sha256)\"" }) { throw Failure.preconditionFailed }
    }

    private func source(_ request: Request) async throws -> [UInt8] {
        var request = request
        guard request.headers[.contentType]?.split(separator: ";").first?.lowercased() == "application/yaml" else {
            throw Failure.unsupportedMediaType("application/yaml")
        }
        let body = try await request.collectBody(upTo: 4 * YAMLLimits.bytes)
        return Array(body.readableBytesView)
    }

    private func names(_ context: WebContext) throws -> (DefinitionKind, String) {
        guard let kind = context.part("kind").flatMap(DefinitionKind.init(rawValue:)),
            let name = context.part("name")
        else { throw Failure.notFound }
        return (kind, name)
    }
}
