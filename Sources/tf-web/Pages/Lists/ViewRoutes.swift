import TFDefinition
import TFEngine
import TFStore

/// Saved views of the lists of tickets and tasks: one's own, some of them shared with a company role.
enum ViewRoutes {
    /// The list that its forms stand on.
    private static let page = "/c/{company}/{list}?{query}"

    static func add(to routes: inout RouteTable) {
        routes.change(
            "/c/{company}/views", .listTickets, on: .company, body: SentView.self, formOn: page
        ) { request, body, session in
            let view = try NewSavedView(
                of: body.list, named: body.name, query: body.query, sharedWith: request.subject.shared(body.role))
            let isReplaced = try session.save(view, by: request.account.id, now: request.now)
            return .seen(
                address(of: body.list, body.query, request.company),
                saying: isReplaced ? "“\(body.name)” shows this list now." : "The view is saved.")
        }
        routes.change(
            "/c/{company}/views/{id}", .listTickets, on: .company, body: SentView.self,
            formOn: page
        ) { request, body, session in
            try session.renameView(
                try id(request), to: body.name, sharedWith: request.subject.shared(body.role),
                by: request.account.id)
            return .seen(address(of: body.list, body.query, request.company), saying: "The view is changed.")
        }
        routes.change(
            "/c/{company}/views/{id}/deletion", .listTickets, on: .company, body: DeletedView.self,
            formOn: page
        ) { request, body, session in
            try session.deleteView(try id(request), by: request.account.id)
            return .seen(address(of: body.list, "", request.company), saying: "The view is deleted.")
        }
    }

    private static func id(_ request: ProvedRequest<InCompany>) throws -> SavedViewID {
        guard let id = request.parts.number("id") else { throw Failure.notFound }
        return SavedViewID(id)
    }

    private static func address(of list: SavedView.List, _ query: String, _ company: Company) -> String {
        let path = "/c/\(company.slug)/\(list.rawValue)"
        return query.isEmpty ? path : "\(path)?\(query)"
    }
}

extension InCompany {
    /// The role with which a view is shared: only ticket admins share one.
    fileprivate func shared(_ role: String?) throws -> String? {
        guard role == nil || actor.has(.ticketAdmin) else {
            throw Failure.forbidden("Only ticket admins share views with others.")
        }
        return role
    }
}

/// A view to be saved or renamed: a list's conditions with a name.
struct SentView: RequestFields {
    let list: SavedView.List
    let name: String
    let query: String
    let role: String?

    init(_ fields: inout FieldReader) {
        list = fields.required("list", .word)
        name = fields.required("name", .text(1, .label), ask: "Enter a name for the view")
        // As the list itself would write it, so that the list recognizes it.
        query = list.address("", fields.optional("query", .text(1, 4_000)) ?? "").query
        role = fields.optional("role", .text(1, .identifier))
    }
}

/// The list whose view is deleted.
struct DeletedView: RequestFields {
    let list: SavedView.List

    init(_ fields: inout FieldReader) { list = fields.required("list", .word) }
}

extension SavedView.List {
    /// The list's address with a query, in the list's own order of conditions.
    func address(_ path: String, _ query: String) -> ListAddress {
        switch self {
        case .tickets: TicketListQuery(fitting: query).address(path)
        case .tasks: ManagedTasksQuery(fitting: query).address(path)
        }
    }
}
