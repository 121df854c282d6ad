import TFDefinition
import TFEngine
import TFStore

/// What a page of a list of tickets is made of, read from one snapshot.
struct TicketList {
    private let request: ProvedRequest<InCompany>
    private let query: TicketListQuery
    private let filter: TicketFilter
    private let isManaged: Bool
    private let tickets: RowPage<TicketLine>
    private let roles: [String: String]
    private let endings: [TicketID: WorkflowEndings]
    private let sentence: TicketFilterSentence
    private let tabs: [Tab]
    /// How many tickets match; counted only for those who can change many at once.
    private let matching: Int
    private let empty: HTML

    /// The tickets that the visitor requested.
    static func own(
        _ request: ProvedRequest<InCompany>, _ query: TicketListQuery, _ session: CompanyReadSession
    ) throws -> TicketList {
        try TicketList(request, query, .requested(by: request.account.id), isManaged: false, session)
    }

    /// The tickets that the visitor manages.
    static func managed(
        _ request: ProvedRequest<InCompany>, _ query: TicketListQuery, _ session: CompanyReadSession
    ) throws -> TicketList {
        guard let scope = request.actor.managedTickets else { throw Failure.notFound }
        return try TicketList(request, query, scope, isManaged: true, session)
    }

    /// The list's conditions and its order: for a ticket admin, open tickets that are late stand on top.
    static func filter(
        _ query: TicketListQuery, _ request: ProvedRequest<InCompany>, isManaged: Bool
    ) -> TicketFilter {
        query.filter(
            in: request.company, me: request.account.login, now: request.now,
            order: isManaged && query.state == .open ? .due : .updated)
    }

    private init(
        _ request: ProvedRequest<InCompany>, _ query: TicketListQuery, _ scope: TicketScope, isManaged: Bool,
        _ session: CompanyReadSession
    ) throws {
        self.request = request
        self.query = query
        self.isManaged = isManaged
        filter = Self.filter(query, request, isManaged: isManaged)
        tickets = try session.ticketLines(scope: scope, filter: filter)
        roles = try session.roleLabels(for: tickets.rows.flatMap(\.waiting).map(\.waiting))
        var address = query.address(request.path)
        address.isOfPage = request.typed.isFirst
        endings = try session.endings(of: tickets.rows.filter { $0.state == .closed }.map(\.id))
        let choices: TicketChoices? =
            query.isMenuOpen
            ? TicketChoices(
                types: try session.ticketCountsByType(scope: scope, filter: filter),
                requesters: isManaged ? try session.ticketRequesters(scope: scope, filter: filter) : nil,
                tasks: isManaged ? try request.actor.managedTasks.map { try session.taskChoices(scope: $0) } : nil)
            : nil
        var types = Set(tickets.rows.map(\.type))
        types.formUnion([query.conditions.type].compactMap(\.self))
        var steps = Set(tickets.rows.flatMap(\.waiting).map(\.name))
        steps.formUnion([query.conditions.step].compactMap(\.self))
        steps.formUnion((choices?.tasks?.steps ?? []).map(\.value))
        let logins = [query.conditions.assignee, query.conditions.requester].compactMap { $0 }
        var sentence = TicketFilterSentence(
            query: query, address: address, company: request.company,
            types: try session.titles(of: .ticket, named: choices == nil ? types : nil),
            steps: try session.titles(of: .task, named: steps), choices: choices,
            people: try logins.reduce(into: [:]) { names, login in names[login] = try session.memberName(login) })
        matching =
            isManaged && !tickets.isWhole
            ? try session.ticketCounts(scope: scope, filters: [filter])[0] : tickets.rows.count
        let saved = try isManaged ? SavedViewTabs(.tickets, at: address, request, session) : nil
        let views = ListTabs(address, isSaved: saved?.shown != nil)
        var tabs = try TicketViews(tabs: views, isManaged: isManaged).tabs(scope: scope, request, session)
        if let saved {
            sentence.end = try saved.menu(
                isBuiltIn: !views.isNarrowed && tabs.contains(where: \.isCurrent), session)
            tabs += try saved.tabs { query in
                let filter = Self.filter(TicketListQuery(fitting: query), request, isManaged: true)
                return filter.searchesTexts ? nil : try session.ticketCounts(scope: scope, filters: [filter])[0]
            }
        }
        self.tabs = tabs
        self.sentence = sentence
        empty =
            try tickets.rows.isEmpty
            ? TicketListEmpty(sentence: sentence, filter: filter, isManaged: isManaged)
                .html(scope: scope, request, session) : .empty
    }

    private var title: String { isManaged ? "Tickets" : "My tickets" }

    /// - Parameter above: what stands between the page's head and the list.
    func page(_ above: HTML = .empty) -> Page { shown(above).passingOver(query.passedOver(filter)) }

    private func shown(_ above: HTML) -> Page {
        let address = sentence.address
        let actions: HTML = """
            \(ListParts.export(address))\
            \(when(!isManaged, newTicket))
            """
        let tabs = Elements.tabs("Views", tabs)
        let before: HTML = """
            \(Elements.head("\(title)", actions: actions))\(above)\(tabs)\(sentence.html)
            """
        guard !tickets.rows.isEmpty else { return Page(title, before, live: empty, tabs: tabs) }
        let rows: HTML = "\(view.table)\(ListParts.pager(tickets, address))"
        guard !bulkActions.isEmpty else { return Page(title, before, live: rows, tabs: tabs) }
        let bulk = BulkBar(
            path: "\(address.isOfPage ? "tickets" : request.path)/bulk", address: address, actions: bulkActions,
            matching: matching)
        return Page(title, "\(before)\(bulk.start)", live: rows, bulk.end, tabs: tabs)
    }

    /// What can be done to several rows at once.
    private var bulkActions: [BulkAction] {
        guard isManaged else { return [] }
        return BulkAction.ofTickets.filter {
            $0.isOffered(
                holdsOpen: [nil, .open].contains(query.state), holdsFailed: [nil, .failed].contains(query.state))
        }
    }

    private var newTicket: HTML {
        "<a class=\"btn small primary\" href=\(path)/new>New ticket</a>"
    }

    /// The address of all tickets, as the rows' links have it.
    private var path: String {
        guard request.typed.isFirst else { return "/c/\(request.company.slug)/tickets" }
        return isManaged ? "tickets" : "../tickets"
    }

    private var view: TicketListView {
        TicketListView(
            query: query, filter: filter, page: tickets, address: sentence.address, tickets: path,
            sentence: sentence, me: request.account.id, roles: roles, endings: endings,
            times: request.times,
            isManaged: isManaged, areTickable: !bulkActions.isEmpty)
    }
}
