import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Doing the same to several rows of a list: a preview says what would happen to how many, then each row is changed on
/// its own, and a page says what became of it.
enum BulkRoutes {
    /// How many rows one transaction changes: others wait for it.
    private static let rowsOfTransaction = 25

    static func add(to routes: inout RouteTable) {
        add(BulkTickets.self, .listTickets, to: &routes)
        add(BulkTasks.self, .assignTask, to: &routes)
    }

    private static func add<Rows: BulkRows>(_ rows: Rows.Type, _ action: Action, to routes: inout RouteTable) {
        let path = "/c/{company}/\(Rows.name)/bulk"
        routes.page(path, action, on: .company, query: BulkSelection.self) { request, selection, session in
            if let done = selection.done { return try resultPage(done, rows, request, session) }
            return try preview(selection, rows, request, session)
        }
        routes.own(.post, path, action, on: .company, body: BulkOrder.self) { request, order, own in
            guard Rows.actions.contains(order.action) else { throw Failure.notFound }
            if order.action == .priority, order.priority == nil {
                throw Failure.invalid([FieldError(field: "priority", message: "Choose the priority")])
            }
            guard let id = own.form["_submission"].map({ String($0.prefix(60)) }) else { throw Failure.notFound }
            try await carryOut(order, rows, id: id, request, own)
            return .seeOther("/c/\(request.company.slug)/\(Rows.name)/bulk?done=\(ListAddress.encoded(id))")
        }
    }

    // MARK: Preview

    private static func preview<Rows: BulkRows>(
        _ selection: BulkSelection, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>,
        _ session: CompanyReadSession
    ) throws -> Page {
        let list = "/c/\(request.company.slug)/\(Rows.name)"
        // A form with an error is shown again with the rows that it was about.
        let typed = request.typed.form
        let action = typed["action"].flatMap(BulkAction.init) ?? selection.action
        guard let action, Rows.actions.contains(action) else { return .elsewhere(list) }
        var (rows, hasMore) = (selection.rows, false)
        if let sent = typed["rows"] {
            rows = BulkOrder.numbers(in: sent)
        } else if selection.isAll {
            (rows, hasMore) = try kind.matching(selection.query, request, session)
        }
        let results = try kind.results(action, rows, request.subject, session)
        guard !results.isEmpty else { return .elsewhere(list) }
        let view = BulkPreview(
            action: action, list: Link(selection.query.isEmpty ? list : "\(list)?\(selection.query)", Rows.name),
            results: results, hasMore: hasMore, count: kind.count,
            people: action == .reassign ? try session.assignablePeople() : [], errors: request.typed.errors,
            tags: request.tags)
        return view.page.under(kind.name == "tasks" ? .tasks : .tickets)
    }

    // MARK: Carrying out

    private static func carryOut<Rows: BulkRows>(
        _ order: BulkOrder, _ kind: Rows.Type, id: String, _ request: ProvedRequest<InCompany>, _ own: OwnRequest
    ) async throws {
        for (index, start) in stride(from: 0, to: order.rows.count, by: rowsOfTransaction).enumerated() {
            let rows = order.rows[start..<min(start + rowsOfTransaction, order.rows.count)]
            let key = key(id, index, request)
            try await own.write(in: request.company) { session in
                // An order that is sent again does no row twice.
                guard try session.site.answer(to: key) == nil else { return }
                let results = try rows.compactMap { try result(of: order, $0, kind, request, session) }
                try session.site.keep(.array(results.map(\.json)), for: key)
            }
        }
    }

    /// Changes a row; who acts is looked up anew in each transaction, since a right may have been taken away.
    private static func result<Rows: BulkRows>(
        of order: BulkOrder, _ number: Int, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>,
        _ session: CompanyWriteSession
    ) throws -> BulkResult? {
        let access = try request.subject.asItIsNow(session)
        guard let row = try kind.find(number, access, session) else { return nil }
        var obstacle = try kind.obstacle(order.action, row, session)
        if obstacle == nil {
            obstacle = try session.separately { try kind.perform(order, row, session, now: request.now) }
            if obstacle == nil, let note = kind.adminNote(order.action, row, access) {
                try session.note(note.action, note.subject, now: request.now)
            }
        }
        return BulkResult(row: number, title: kind.title(row), obstacle: obstacle)
    }

    /// Under which the results of a transaction are kept.
    private static func key(_ id: String, _ index: Int, _ request: ProvedRequest<InCompany>) -> RequestKey {
        RequestKey(
            account: request.account.id, name: "bulk \(id) \(index)", request: "bulk \(request.path)", at: request.now)
    }

    // MARK: Results

    private static func resultPage<Rows: BulkRows>(
        _ id: String, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> Page {
        var results: [BulkResult] = []
        for index in 0... {
            guard let kept = try session.site.answer(to: key(id, index, request)) else { break }
            results += (kept.arrayValue ?? []).compactMap(BulkResult.init)
        }
        let list = "/c/\(request.company.slug)/\(Rows.name)"
        guard !results.isEmpty else { return .elsewhere(list) }
        return BulkResultPage(list: Link(list, ListParts.words(Rows.name)), results: results, count: kind.count).page
            .under(kind.name == "tasks" ? .tasks : .tickets)
    }
}

extension InCompany {
    /// The same person in the same company, with their rights as of this session.
    fileprivate func asItIsNow(_ session: CompanyReadSession) throws -> InCompany {
        guard let identity = try session.site.identity(account.login) else { throw Failure.notFound }
        return InCompany(
            company: company, actor: Actor(identity, company: company.slug), signedIn: signedIn)
    }
}
