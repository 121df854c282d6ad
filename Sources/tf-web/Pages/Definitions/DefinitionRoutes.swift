import Hummingbird
import NIOCore
import TFDefinition
import TFStore

/// Reads a company's definitions.
enum DefinitionRoutes {
    private static let list = "/c/{company}/definitions"
    private static let object = "/companies/{company}/definitions"

    static func add(to routes: inout RouteTable) {
        let site = routes.server.site
        routes.page(
            list, .readDefinitions, on: .company, query: DefinitionListQuery.self,
            navigation: .at(.definitions, "Workflows"), DefinitionListPage.make)
        routes.page("\(list)/{kind}/{name}", .readDefinitions, on: .definition) { request, session in
            try DefinitionPage.make(request, session, DefinitionPlaces(request.company, site))
        }
        routes.page(
            "\(list)/{kind}/{name}/revisions/{revision}", .readDefinitions, on: .definition, RevisionPage.make)
        routes.own(.get, "\(list)/{kind}/{name}/file", .readDefinitions, on: .definition) { request, _ in
            let row = request.definition
            let name = "\(row.name).\(row.kind.rawValue).yaml"
            return .response(
                Response(
                    status: .ok,
                    headers: [
                        .contentType: "application/yaml", .contentDisposition: ContentDisposition.attachment(name),
                    ], body: .init(byteBuffer: ByteBuffer(string: row.source))))
        }
        routes.read(
            object, .readDefinitions, on: .company, query: ListPage.self,
            Operation("listDefinitions", "All definitions", answer: .page(of: DefinitionAnswer.answer))
        ) { request, query, session in
            try list(session, DefinitionPlaces(request.company, site), query.paging)
        }
        routes.read(
            "\(object)/{kind}/{name}", .readDefinitions, on: .definition,
            Operation(
                "readDefinition", "The source in force; its ETag is the revision, with `-retired` behind it once it is",
                answer: .yaml)
        ) { request, _ in
            Reply(
                status: .ok,
                headers: [.contentType: "application/yaml", .eTag: request.definition.entityTag],
                body: ByteBuffer(string: request.definition.source))
        }
        DefinitionEditRoutes.add(to: &routes)
        DryRunRoutes.add(to: &routes)
    }

    private static func list(
        _ session: CompanyReadSession, _ places: DefinitionPlaces, _ paging: Paging
    ) throws -> Reply {
        let problems = try session.problems()
        let rows = try session.definitions()
        // A file that was never published has no row, but its problems are shown too.
        let known = Set(rows.map(\.file))
        let refused = Catalog.Broken.files(of: problems.filter { !known.contains($0.file) })
        let listed = rows.map(ListedDefinition.published) + refused.map(ListedDefinition.refused)
        let part = paging.part(of: listed) { $0.key(places) }
        return .page(part.items.map { $0.answer(among: problems, places) }, next: part.next)
    }
}
