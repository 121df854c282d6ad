import TFDefinition
import TFEngine
import TFStore

/// What got better or worse, as plots with their tables.
struct ReportsPage {
    let company: Company
    let report: Report

    private var path: String { "/c/\(company.slug)/reports" }
    private var query: ReportQuery { report.query }

    @Sendable static func make(
        _ request: ProvedRequest<InCompany>, _ query: ReportQuery, _ session: CompanyReadSession
    ) throws -> Page {
        ReportsPage(company: request.company, report: try report(request, query, session)).page
    }

    /// The figures that the visitor may see.
    static func report(
        _ request: ProvedRequest<InCompany>, _ query: ReportQuery, _ session: CompanyReadSession
    ) throws -> Report {
        guard let tickets = request.actor.managedTickets, let tasks = request.actor.managedTasks else {
            throw Failure.notFound
        }
        return try Report(request.company, (tickets, tasks), query, session, now: request.now)
    }

    private var page: Page {
        let content: HTML =
            report.isEmpty ? empty : "\(tiles)<div class=\"grid\">\(report.cards(at: path).map(\.html))</div>"
        return Page("Reports", "\(Elements.head("Reports"))\(filters)\(content)").passingOver(report.unknown)
    }

    private var empty: HTML {
        if query.type != nil || query.step != nil {
            return Elements.empty(
                .noMatch, "Nothing to count", "No ticket of this type or step in this time.",
                actions: [Link(query.with(type: nil).with(step: nil).address(path), "Clear the filters")])
        }
        return Elements.empty(
            .nothingYet, "Nothing to count yet",
            "Here is what comes in and how long it takes, as soon as there are tickets in this time.",
            actions: [Link(query.with(.year).address(path), "Look at a year")])
    }

    // MARK: Filters

    private var filters: HTML {
        let periods = ReportQuery.Period.allCases.map { period in
            item(query.with(period), period.label, isCurrent: period == query.period)
        }
        return """
            <div class="row sm">\(Elements.menu("\(query.period.label)", periods, isAtEnd: false))\
            \(typeFilter)\(stepFilter)</div>
            """
    }

    private var typeFilter: HTML {
        if let type = query.type { return pill("of type \(report.typeTitle(type))", query.with(type: nil)) }
        let types = report.typeTitles.choices(report.typeTitles.inForce.union(report.byType.map { $0.name }))
        guard !types.isEmpty else { return .empty }
        return Elements.menu(
            "of any type", types.map { item(query.with(type: $0.name), $0.title, isCurrent: false) }, isAtEnd: false)
    }

    private var stepFilter: HTML {
        if let step = query.step { return pill("of the step \(report.taskTitle(step))", query.with(step: nil)) }
        let steps = report.taskTitles.choices(Set(report.steps.map(\.step) + report.openSteps.map(\.step)))
        guard !steps.isEmpty else { return .empty }
        return Elements.menu(
            "of any step", steps.map { item(query.with(step: $0.name), $0.title, isCurrent: false) }, isAtEnd: false)
    }

    private func item(_ query: ReportQuery, _ label: String, isCurrent: Bool) -> HTML {
        #"<a href="\#(query.address(path))"\#(when(isCurrent, " aria-current=\"true\""))>\#(label)</a>"#
    }

    private func pill(_ label: String, _ without: ReportQuery) -> HTML {
        """
        <a class="tag" href="\(without.address(path))">\(label) <span aria-hidden="true">✕</span>\
        <span class="vh">, take this filter away</span></a>
        """
    }

    // MARK: Tiles

    private var late: HTML {
        report.late == 0
            ? "0"
            : #"<a href="/c/\#(company.slug)/tickets?overdue=true\#(query.type.map { "&type=\($0)" } ?? "")">\#(report.late)</a>"#
    }

    private var tiles: HTML {
        guard let step = query.step else { return ticketTiles }
        let open = ListAddress("/c/\(company.slug)/tasks", [("step", step)] + (query.type.map { [("type", $0)] } ?? []))
        return """
            <dl class="row tiles sm">\(Elements.tile("Tasks done", "\(report.tasksDone)"))\
            \(Elements.tile("Open now", "<a href=\(HTML.value(open.text))>\(report.tasksOpen)</a>"))\
            \(Elements.tile("Half are done within", report.steps.first.map { "\(Times.length($0.times.half))" } ?? "–"))</dl>
            """
    }

    private var ticketTiles: HTML {
        """
        <dl class="row tiles sm">\(Elements.tile("Opened", "\(report.opened)"))\(Elements.tile("Closed", "\(report.closed)"))\
        \(Elements.tile("Open now", "<a href=\"/c/\(company.slug)/tickets\">\(report.openNow)</a>"))\
        \(Elements.tile("Late", late, isBad: report.late > 0))\
        \(Elements.tile("Half are closed within", report.timeToClose.map { "\(Times.length($0.half))" } ?? "–"))</dl>
        """
    }
}
