import TFDefinition
import TFEngine
import TFStore

/// The company's definitions by kind, with what is wrong with them and what uses them.
struct DefinitionListPage {
    private let company: Company
    private let rows: [DefinitionRow]
    private let problems: [Diagnostic]
    private let uses: DefinitionUses
    private let notes: [DefinitionID: String]
    private let mayEdit: Bool
    private let times: Times

    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let rows = try session.definitions()
        let roleLabels = try session.roleLabels()
        let page = DefinitionListPage(
            company: request.company, rows: rows, problems: try session.problems(),
            uses: try DefinitionUses(rows, session),
            notes: try rows.reduce(into: [:]) { notes, row in
                guard row.state != .retired else { return }
                notes[row.id] = try session.revision(row.revisionID).note(roleLabels)
            }, mayEdit: request.subject.may(.editDefinitions), times: request.times)
        return Page("Workflows and forms", page.html)
    }

    private var path: String { "/c/\(company.slug)/definitions" }

    private var html: HTML {
        guard !rows.isEmpty || !problems.isEmpty else { return "\(head)\(first)" }
        return "\(head)\(unpublished)\([DefinitionKind.workflow, .task, .ticket].map(section))"
    }

    private var head: HTML {
        Elements.head(
            "Workflows and forms",
            actions: when(mayEdit, #"<a class="btn primary" href="\#(path)/new">New</a>"#))
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

    /// Problems of files that are not in force at all.
    private var unpublished: HTML {
        let known = Set(rows.map(\.file))
        let others = problems.filter { !known.contains($0.file) }
        guard !others.isEmpty else { return .empty }
        let files = Set(others.map(\.file)).sorted()
        let items = files.map { file -> HTML in
            let own = others.filter { $0.file == file }
            return "<li><code>\(file)</code>\(DefinitionProblems(own).list)</li>"
        }
        return """
            <section class="banner fail"><h2>\(counted(files.count, "file")) \(files.count == 1 ? "is" : "are") not in force</h2>\
            <ul class="sm">\(items)</ul><p class="sm">A file comes into force by itself once it has no error.</p></section>
            """
    }

    private func section(_ kind: DefinitionKind) -> HTML {
        let own = rows.filter { $0.kind == kind }.sorted { (title($0), $0.name) < (title($1), $1.name) }
        guard !own.isEmpty else { return .empty }
        let titles = own.reduce(into: [:]) { counts, row in counts[title(row), default: 0] += 1 }
        let problems = own.map(problemCount)
        let uses = own.map { useCount(DefinitionUses.Name(kind: kind, name: $0.name), $0) }
        // A column that is empty from top to bottom is left out.
        let (hasProblems, hasUses) = (problems.contains { !$0.isEmpty }, uses.contains { !$0.isEmpty })
        // Nearly all are in force: only another state is said.
        let hasStates = own.contains { $0.state != .active }
        var heads: [RowTable.Head] = [.init("Name")]
        if hasStates { heads.append(.init("State", .w2)) }
        if hasProblems { heads.append(.init("Problems", .w2)) }
        if hasUses { heads.append(.init("Used by", .w2)) }
        let rows = own.enumerated().map { index, row -> [RowTable.Cell] in
            var cells = [link(row, isAlike: titles[title(row), default: 0] > 1)]
            if hasStates {
                cells.append(row.state == .active ? .text(.empty) : .state(row.state.tone, row.state.label))
            }
            if hasProblems { cells.append(.text(problems[index])) }
            if hasUses { cells.append(.text(uses[index])) }
            return cells + [.named(times.near(row.publishedAtMs))]
        }
        let table = RowTable(kind.heading, heads: heads + [.init("Published", .w2)], rows: rows)
        return "<h2>\(kind.heading)</h2>\(table.html)"
    }

    private func title(_ row: DefinitionRow) -> String {
        uses.titles[DefinitionUses.Name(kind: row.kind, name: row.name)] ?? ReadableName.title(row.name)
    }

    /// - Parameter isAlike: whether another has the same title: then its name tells it from that one.
    private func link(_ row: DefinitionRow, isAlike: Bool) -> RowTable.Cell {
        let meta = [isAlike ? row.name : nil, notes[row.id]].compactMap { $0 }.joined(separator: " · ")
        return .link(path: "\(path)/\(row.kind.rawValue)/\(row.name)", title: "\(title(row))", meta: "\(meta)")
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
