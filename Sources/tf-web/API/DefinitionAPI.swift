import Foundation
import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Definitions: list, read, write, check.
struct DefinitionAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout Routes) {
        let definitions = "/api/v1/companies/{company}/definitions"
        routes.get(definitions, list)
        routes.post("\(definitions)/check", check)
        routes.get("\(definitions)/{kind}/{name}", read)
        routes.put("\(definitions)/{kind}/{name}", write)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .readDefinitions)
        let problems = try await desk.site.store.problems(found.company.id)
        let rows = try await desk.site.store.definitions(found.company.id)
        return desk.page(
            rows.map { row in
                [
                    "kind": .string(row.kind.rawValue), "name": .string(row.name), "version": .string(row.version),
                    "revision": .string(row.sha256), "state": .string(row.state.rawValue), "file": .string(row.file),
                    "problems": .array(problems.filter { $0.file == row.file }.map(\.json)),
                ]
            }, next: nil)
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .readDefinitions)
        let (kind, name) = try names(context)
        guard let row = try await desk.site.store.definition(found.company.id, kind, name) else {
            throw Failure.notFound
        }
        return Response(
            status: .ok, headers: [.contentType: "application/yaml", .eTag: "\"\(row.sha256)\""],
            body: .init(byteBuffer: ByteBuffer(string: row.source)))
    }

    /// Checks a text as if it were a file of the company.
    @Sendable private func check(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .editDefinitions)
        let bytes = try await source(request)
        let path = try await self.path(
            request.uri.queryParameters["file"].map(String.init) ?? "check.yaml", found.company)
        let (parsed, problems) = try await parse(bytes, path: path, found.company)
        return .json([
            "kind": .optional(parsed.definition?.kind.rawValue), "name": .optional(parsed.definition?.name),
            "problems": .array(problems.map(\.json)),
        ])
    }

    @Sendable private func write(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await company(context, .editDefinitions)
        let (kind, name) = try names(context)
        guard Slug.isValid(name) else {
            throw Failure.invalid([FieldError(field: "name", message: "A name is \(Slug.rule)")])
        }
        let store = desk.site.store
        let current = try await store.definition(found.company.id, kind, name)
        if let wanted = request.headers[.ifMatch], wanted != current.map({ "\"\($0.sha256)\"" }) {
            throw Failure.preconditionFailed
        }
        let bytes = try await source(request)
        let path = current?.file ?? "\(directory(found.company))/\(name).\(kind.rawValue).yaml"
        let (parsed, problems) = try await parse(bytes, path: path, found.company)
        guard let definition = parsed.definition else { throw Failure.diagnostics(problems) }
        guard definition.kind == kind, definition.name == name else {
            throw Failure.invalid([
                FieldError(
                    field: "name",
                    message:
                        "The text defines the \(definition.kind.rawValue) \"\(definition.name)\", not the \(kind.rawValue) \"\(name)\""
                )
            ])
        }
        // Published first, by the same method as the daemon's: it finds the revision known when it sees the file.
        let changes = try await store.publish(
            Publication(
                definition: definition, source: String(decoding: bytes, as: UTF8.self), sha256: parsed.revision,
                file: path, isComplete: !problems.contains { $0.severity == .error },
                versionPosition: parsed.versionPosition),
            company: found.company.id, now: desk.site.now)
        let warnings = changes.republished.map(\.knownVersionWarning.json)
        try DefinitionFileWriter.write(bytes, to: path)
        return .json(
            [
                "kind": .string(kind.rawValue), "name": .string(name), "version": .string(definition.version),
                "revision": .string(parsed.revision), "file": .string(path),
                "problems": .array(problems.map(\.json) + warnings),
            ], status: current == nil ? 201 : 200)
    }

    // MARK: Shared

    /// The text with the company's other definitions around it.
    private func parse(
        _ bytes: [UInt8], path: String, _ company: Company
    ) async throws -> (ParsedDefinition, [Diagnostic]) {
        let store = desk.site.store
        let parsed = Definition.parse(bytes, file: path, company: company.slug)
        guard let definition = parsed.definition else { return (parsed, parsed.diagnostics) }
        var entries = try await store.catalogEntries(company).filter { entry in
            entry.file != path && entry.definition.identity != definition.identity
        }
        entries.append(Catalog.Entry(file: path, definition: definition, references: parsed.references))
        let crossing = Catalog(entries, roles: try await store.companyRoles(company.id)).problems()[path] ?? []
        return (parsed, (parsed.diagnostics + crossing).sorted { $0.position < $1.position })
    }

    private func source(_ request: Request) async throws -> [UInt8] {
        var request = request
        guard request.headers[.contentType]?.split(separator: ";").first?.lowercased() == "application/yaml" else {
            throw Failure.unsupportedMediaType("application/yaml")
        }
        let body = try await request.collectBody(upTo: YAMLLimits.bytes + 1)
        return Array(body.readableBytesView)
    }

    private func directory(_ company: Company) -> String { "\(desk.site.settings.definitions)/\(company.slug)" }

    /// A file's name for messages; only its last part counts, so that no path comes from a request.
    private func path(_ file: String, _ company: Company) async throws -> String {
        "\(directory(company))/\(file.split(separator: "/").last.map(String.init) ?? "check.yaml")"
    }

    private func names(_ context: WebContext) throws -> (DefinitionKind, String) {
        guard let kind = context.parameters.get("kind").flatMap(DefinitionKind.init(rawValue:)),
            let name = context.parameters.get("name")
        else { throw Failure.notFound }
        return (kind, name)
    }

    private func company(_ context: WebContext, _ action: Action) async throws -> Access.InCompany {
        try await desk.access.company(context.parameters.get("company"), try context.requireSignedIn(), action)
    }
}

/// Writes a definition's file so that a reader sees the old text or the new, never half of one.
enum DefinitionFileWriter {
    static func write(_ bytes: [UInt8], to path: String) throws {
        let directory = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let temporary = directory + "/.\(Random.token()).tmp"
        let descriptor = open(temporary, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure.unavailable }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            guard count > 0 else { break }
            written += count
        }
        let isSafe = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isSafe, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw Failure.unavailable
        }
    }
}
