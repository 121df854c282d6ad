import TFDefinition
import TFEngine
import TFStore

/// The company's definitions by kind, with what is wrong with them and what uses them; what is out of force has a view of
/// its own.
struct DefinitionListPage {
    private static let limit = 25
    /// In characters; a longer note is cut.
    private static let limitNote = 80

    private let company: Company
    private let query: DefinitionListQuery
    private let part: DefinitionOrder.Part
    /// How many definitions are out of force, and how many are not.
    private let counts: (current: Int, retired: Int)
    /// The titles that several definitions of a kind have in the view, each with the kind.
    private let ambiguous: Set<Heading>
    private let problems: [Diagnostic]
    /// Of files that are not in force at all.
    private let unpublished: [Diagnostic]
    private let uses: DefinitionUses
    private let notes: [DefinitionID: String]
    private let mayEdit: Bool
    private let times: Times
    /// What the rows' links begin with: they are relative where the browser shows this page's own address.
    private let base: String

    /// What a row of the list stands under: each kind has a table of its own.
    private struct Heading: Hashable {
        let kind: DefinitionKind
        let title: String
    }

    @Sendable static func make(
        _ request: ProvedRequest<InCompany>, _ query: DefinitionListQuery, _ session: CompanyReadSession
    ) throws -> Page {
        let all = try session.definitions()
        let uses = try DefinitionUses(all, session)
        let current = all.filter { $0.state != .retired }
        // Superseded versions of what is in force have no page of their own.
        let names = Set(current.map { DefinitionUses.Name(kind: $0.kind, name: $0.name) })
        let retired = all.filter { !names.contains(DefinitionUses.Name(kind: $0.kind, name: $0.name)) }
        let view = query.isOfRetired ? retired : current
        let title = { (row: DefinitionRow) in uses.title(of: row) }
        let order = DefinitionOrder(all, titled: title)
        let part = order.part(of: view, at: query.cursor, limit: limit)
        let (roleLabels, problems) = (try session.roleLabels(), try session.problems())
        let known = Set(all.map(\.file))
        let page = DefinitionListPage(
            company: request.company, query: query, part: part, counts: (current.count, retired.count),
            ambiguous: Set(
                Dictionary(grouping: view) { Heading(kind: $0.kind, title: title($0)) }
                    .filter { $0.value.count > 1 }.keys),
            problems: problems, unpublished: problems.filter { !known.contains($0.file) }, uses: uses,
            notes: try part.rows.reduce(into: [:]) { notes, row in
                guard row.state != .retired else { return }
                notes[row.id] = try session.revision(row.revisionID).note(roleLabels)
            }, mayEdit: request.subject.may(.editDefinitions), times: request.times,
            base: request.typed.isFirst ? "definitions" : request.path)
        return Page("Workflows and forms", page.html).passingOver(query.passedOver(order.has))
    }

    private var path: String { "/c/\(company.slug)/definitions" }
    private var retiredPath: String { "\(path)?state=\(DefinitionRow.State.retired.rawValue)" }

    private var html: HTML {
        let address = ListAddress(path, [("state", query.isOfRetired ? DefinitionRow.State.retired.rawValue : nil)])
        guard part.rows.isEmpty else {
            let pager = ListParts.pager(previous: part.previous, next: part.next, address)
            return "\(head)\(tabs)\(banner)\(DefinitionOrder.kinds.map(section))\(pager)"
        }
        if query.cursor != nil { return "\(head)\(tabs)\(ListParts.gone(address))" }
        if query.isOfRetired { return "\(head)\(tabs)\(nothingRetired)" }
        return "\(head)\(tabs)\(unpublished.isEmpty ? first : banner)"
    }

    private var head: HTML {
        Elements.head(
            "Workflows and forms",
            actions: when(mayEdit, #"<a class="btn primary" href="\#(path)/new">New</a>"#))
    }

    /// Only where something is out of force.
    private var tabs: HTML {
        guard counts.retired > 0 || query.isOfRetired else { return .empty }
        return Elements.tabs(
            "Views",
            [
                Tab(label: "Current", path: path, count: counts.current, isCurrent: !query.isOfRetired),
                Tab(label: "Retired", path: retiredPath, count: counts.retired, isCurrent: query.isOfRetired),
            ])
    }

    private var nothingRetired: HTML {
        Elements.empty(
            .nothingYet, "Nothing is retired", "What is taken out of force stands here, and can be brought back.")
    }

    /// What a company sees before its first definition.
    private var first: HTML {
        guard mayEdit else {
            return Elements.empty(
                .nothingYet, "No form yet", "Nobody can send a ticket before a workflow creator has written a form.")
        }
        return """
            <section class="empty">\(Flower.full.html)<h2>Write the first form</h2>\
            <p>Save this as <code>workflows/\(company.slug)/broken-thing.ticket.yaml</code>. It is live a second later.</p>\
            <pre id="yaml" tabindex="0" role="region" aria-label="Example form">\(WorkbenchTemplate.form.source(in: company.slug))</pre>\
            <p class="row"><button type="button" data-copy="yaml">Copy</button>\
            <a class="btn primary" href="\(path)/new?template=form">Write it here</a></p></section>
            """
    }

    /// The problems of files that are not in force at all; on the first page of what is.
    private var banner: HTML {
        guard !unpublished.isEmpty, !query.isOfRetired, query.cursor == nil else { return .empty }
        let files = Set(unpublished.map(\.file)).sorted()
        let items = files.map { file -> HTML in
            let own = unpublished.filter { $0.file == file }
            return "<li><code>\(file)</code>\(DefinitionProblems(own).list)</li>"
        }
        return """
            <section class="banner fail"><h2>\(counted(files.count, "file")) \(files.count == 1 ? "is" : "are") not in force</h2>\
            <ul class="sm">\(items)</ul><p class="sm">A file comes into force by itself once it has no error.</p></section>
            """
    }

    private func section(_ kind: DefinitionKind) -> HTML {
        let own = part.rows.filter { $0.kind == kind }
        guard !own.isEmpty else { return .empty }
        let problems = own.map(problemCount)
        let uses = own.map { useCount(DefinitionUses.Name(kind: kind, name: $0.name), $0) }
        // A column that is empty from top to bottom is left out.
        let (hasProblems, hasUses) = (problems.contains { !$0.isEmpty }, uses.contains { !$0.isEmpty })
        // Nearly all are in force: only another state is said.
        let hasStates = own.contains { $0.state == .incomplete }
        var heads: [RowTable.Head] = [.init("Name")]
        if hasStates { heads.append(.init("State", .w2)) }
        if hasProblems { heads.append(.init("Problems", .w2)) }
        if hasUses { heads.append(.init("Used by", .w2)) }
        let rows = own.enumerated().map { index, row -> [RowTable.Cell] in
            var cells = [link(row)]
            if hasStates {
                cells.append(row.state == .active ? .text(.empty) : .state(row.state.tone, row.state.label))
            }
            if hasProblems { cells.append(.text(problems[index])) }
            if hasUses { cells.append(.text(uses[index])) }
            return cells + [.named(times.inList(row.publishedAtMs))]
        }
        let table = RowTable(kind.heading, heads: heads + [.init("Published", .w2)], rows: rows)
        return "<h2>\(kind.heading)</h2>\(table.html)"
    }

    /// Where another of its kind has the same title, its name tells it from that one; of retired ones the version too.
    private func link(_ row: DefinitionRow) -> RowTable.Cell {
        let title = uses.title(of: row)
        let name = row.state == .retired ? "\(row.name) \(row.version)" : row.name
        let meta = [
            ambiguous.contains(Heading(kind: row.kind, title: title)) ? name : nil,
            notes[row.id].map { Words.excerpt($0, limit: Self.limitNote) },
        ]
        .compactMap { $0 }.joined(separator: " · ")
        return .link(path: "\(base)/\(row.kind.rawValue)/\(row.name)", title: "\(title)", meta: "\(meta)")
    }

    private func problemCount(_ row: DefinitionRow) -> HTML {
        let own = row.problems(among: problems)
        guard !own.isEmpty else { return .empty }
        let isError = row.state == .incomplete || own.contains { $0.severity == .error }
        return "\(Elements.glyph(isError ? .fail : .wait)) \(counted(own.count, "problem"))"
    }

    private func useCount(_ name: DefinitionUses.Name, _ row: DefinitionRow) -> HTML {
        guard row.state != .retired else { return .empty }
        let users = uses.users(of: name)
        switch name.kind {
        case .ticket: return users.isEmpty ? .empty : "\(counted(users.count, "workflow"))"
        case .workflow: return users.isEmpty ? "no form" : "\(counted(users.count, "form"))"
        case .task: return users.isEmpty ? "no workflow" : "\(counted(users.count, "workflow"))"
        }
    }
}
