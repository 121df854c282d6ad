import HTTPTypes
import Hummingbird
import TFStore

extension RouteTable {
    /// Adds the file of a page's list, such as its table for a spreadsheet, read from one snapshot.
    /// - Parameter query: that of the page. A file has no place to say that a parameter was passed over, so it is refused.
    mutating func table<Kind: RouteSubject, Query: RequestFields>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, query: Query.Type,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Query, Kind.Reading) throws -> Reply
    ) {
        let rules = FieldRules(query)
        let server = server
        add(
            Route(
                method: .get, path: path, access: .cookie, action: action, resource: Kind.kind, isFile: true
            ) { request, context in
                let query = rules.read(request.uri.query)
                return try await server.read(request, context, on: kind) { proved, session in
                    guard query.passedOver.isEmpty else { throw Failure.invalid(query.passedOver) }
                    return try handler(proved, Query(query), session)
                }.value.response
            })
    }
}
