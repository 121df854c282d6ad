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
            if selection.done != nil { return try resultPage(selection, rows, request, session) }
            return try preview(selection, rows, request, session)
        }
        routes.own(.post, path, action, on: .company, body: BulkOrder.self) { request, order, own in
            guard Rows.actions.contains(order.action) else { throw Failure.notFound }
            guard !order.rows.isEmpty else {
                throw Failure.invalid([FieldError(field: "rows", message: BulkOrder.noRows)])
            }
            if let unchosen = order.unchosen { throw Failure.invalid([unchosen]) }
            guard let id = own.form[PostedForm.key].map({ String($0.prefix(60)) }) else { throw Failure.notFound }
            let question = try await own.read(in: request.company) { session -> Page? in
                // An order that was begun is not asked about again.
                guard try session.site.answer(to: key(id, 0, request)) == nil else { return nil }
                let refused = try Rows.refused(order, order.rows, request.subject, session)
                guard order.agreed != order.agreement(without: refused) || refused.count == order.rows.count else {
                    return nil
                }
                return try narrowed(order, rows, request, session)
            }
            if let question { return .page(question) }
            try await carryOut(order, rows, id: id, request, own)
            let results = ListAddress(
                "/c/\(request.company.slug)/\(Rows.name)/bulk", [("done", id), ("query", order.query)])
            return .seeOther(results.text)
        }
    }

    // MARK: Preview

    private static func preview<Rows: BulkRows>(
        _ selection: BulkSelection, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>,
        _ session: CompanyReadSession
    ) throws -> Page {
        // A form with an error is shown again with the rows that it was about.
        let typed = request.typed.form
        let list = list(Rows.self, typed["query"] ?? selection.query, request)
        let action = typed["action"].flatMap(BulkAction.init) ?? selection.action
        guard let action, Rows.actions.contains(action) else { return .elsewhere(list.path) }
        var (rows, hasMore) = (selection.rows, false)
        if let sent = typed["rows"] {
            rows = BulkOrder.numbers(in: "\(sent),\(typed["others"] ?? "")")
        } else if selection.isAll {
            (rows, hasMore) = try kind.matching(selection.query, request, session)
        }
        let results = try kind.results(action, rows, request.subject, session)
        return try preview(
            action, results, query: typed["query"] ?? selection.query, hasMore: hasMore, request.typed.errors, kind,
            request, session)
    }

    private static func preview<Rows: BulkRows>(
        _ action: BulkAction, _ results: [BulkResult], query: String, hasMore: Bool = false, chosen: BulkOrder? = nil,
        without refused: [BulkResult] = [], kept: [BulkResult] = [], notice: HTML = .empty, _ errors: [FieldError],
        _ kind: Rows.Type,
        _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> Page {
        let left = Set((refused + kept).map(\.row))
        let possible = results.filter { $0.obstacle == nil || left.contains($0.row) }.map(\.row)
        let view = BulkPreview(
            action: action, list: list(Rows.self, query, request), query: query, results: results, hasMore: hasMore,
            count: kind.count, numbered: kind.numbered, effectOfPriority: kind.effectOfPriority,
            handover: action == .reassign ? try kind.handover(possible, request.subject, session) : nil,
            chosen: chosen, notTheirs: left, agreed: chosen?.agreement(without: refused), notice: notice,
            errors: errors,
            tags: request.tags)
        return view.page.under(kind.name == "tasks" ? .tasks : .tickets)
    }

    /// The preview again, of an order whose rows are other ones than those that were agreed: without those that the
    /// chosen person may not have or has already, or with all of them and an error if there are no others.
    private static func narrowed<Rows: BulkRows>(
        _ order: BulkOrder, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> Page {
        let rows = order.rows + order.others
        var results = try kind.results(.reassign, rows, request.subject, session)
        var refused = try kind.refused(order, rows, request.subject, session)
        let left = Set(refused.map(\.row))
        var kept = try kind.kept(order, rows, request.subject, session).filter { !left.contains($0.row) }
        let possible = results.count { $0.obstacle == nil } - refused.count - kept.count
        var name: String?
        if case .to(let login) = order.target { name = try session.memberName(login) ?? login }
        var errors: [FieldError] = []
        if possible > 0 {
            let obstacles = Dictionary((refused + kept).map { ($0.row, $0) }, uniquingKeysWith: { first, _ in first })
            results = results.map { obstacles[$0.row] ?? $0 }
        } else {
            let none = kept.isEmpty ? "may have none of these" : "has all of these already that they may have"
            let message = "\(name ?? "Nobody") \(none): choose somebody else"
            errors = [FieldError(field: "assignee", message: message)]
            (refused, kept) = ([], [])
        }
        let all = kind.count(results.count)
        let share = possible == results.count ? "all \(all)" : "\(Elements.grouped(possible)) of \(all)"
        let notice = Elements.banner(
            .wait, name.map { "\($0) can be given \(share)" } ?? "It is about \(share) now",
            refused.isEmpty && kept.isEmpty
                ? "None is left out because of them. Nothing is done yet."
                : "The others stay as they are; why is said below. Nothing is done yet: go on, or choose somebody else."
        )
        let page = try preview(
            .reassign, results, query: order.query ?? "", chosen: order, without: refused, kept: kept,
            notice: when(errors.isEmpty, notice), errors, kind, request, session)
        return errors.isEmpty ? page : page.refusing(422, errors)
    }

    /// The list in which the rows were chosen.
    private static func list<Rows: BulkRows>(
        _ kind: Rows.Type, _ query: String, _ request: ProvedRequest<InCompany>
    ) -> Link {
        let path = "/c/\(request.company.slug)/\(Rows.name)"
        return Link(query.isEmpty ? path : "\(path)?\(query)", Rows.name)
    }

    // MARK: Carrying out

    private static func carryOut<Rows: BulkRows>(
        _ order: BulkOrder, _ kind: Rows.Type, id: String, _ request: ProvedRequest<InCompany>, _ own: OwnRequest
    ) async throws {
        // Always of all rows, so that a number means the same transaction when the order is sent again.
        for (index, start) in stride(from: 0, to: order.rows.count, by: rowsOfTransaction).enumerated() {
            let rows = order.rows[start..<min(start + rowsOfTransaction, order.rows.count)]
            let key = key(id, index, request)
            try await own.write(in: request.company) { session in
                // An order that is sent again does no row twice.
                guard try session.site.answer(to: key) == nil else { return }
                let results = try rows.map { try result(of: order, $0, kind, request, session) }
                try session.site.keep(.array(results.map(\.json)), for: key)
            }
        }
    }

    /// Changes a row; who acts is looked up anew in each transaction, since a right may have been taken away.
    private static func result<Rows: BulkRows>(
        of order: BulkOrder, _ number: Int, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>,
        _ session: CompanyWriteSession
    ) throws -> BulkResult {
        let access = try request.subject.asItIsNow(session)
        guard let row = try kind.find(number, access, session) else { return .unknown(number) }
        // In the words of the preview, which has named the same.
        var obstacle =
            try kind.obstacle(order.action, row, session)
            ?? kind.refused(order, [number], access, session).first?.obstacle
        let isSame = try obstacle == nil && order.isDone(to: kind.tasksToGive(row, session))
        if obstacle == nil {
            obstacle = try session.separately { try kind.perform(order, row, session, now: request.now) }
            if obstacle == nil, let note = kind.adminNote(order.action, row, access), let action = note.action {
                try session.note(action, note.subject, now: request.now)
            }
        }
        let recipient = try order.recipient(session.site)
        let done = obstacle == nil ? order.done(to: recipient, isSame: isSame) : ""
        var result = BulkResult(row: number, title: kind.title(row), obstacle: obstacle, done: done)
        if obstacle == nil, isSame { result.keeper = recipient }
        return result
    }

    /// Under which the results of a transaction are kept.
    private static func key(_ id: String, _ index: Int, _ request: ProvedRequest<InCompany>) -> IdempotencyKey {
        IdempotencyKey(
            account: request.account.id, name: "bulk \(id) \(index)", request: "bulk \(request.path)", at: request.now)
    }

    // MARK: Results

    private static func resultPage<Rows: BulkRows>(
        _ selection: BulkSelection, _ kind: Rows.Type, _ request: ProvedRequest<InCompany>,
        _ session: CompanyReadSession
    ) throws -> Page {
        let id = selection.done ?? ""
        var results: [BulkResult] = []
        for index in 0... {
            guard let kept = try session.site.answer(to: key(id, index, request)) else { break }
            results += (kept.arrayValue ?? []).compactMap(BulkResult.init)
        }
        let list = list(Rows.self, selection.query, request)
        guard !results.isEmpty else { return .elsewhere(list.path) }
        return BulkResultPage(list: list, results: results, count: kind.count, numbered: kind.numbered).page
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
