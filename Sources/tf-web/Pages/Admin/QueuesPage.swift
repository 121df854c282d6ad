import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The page that shows every queue: is anything not moving, and what has failed.
struct QueuesPage {
    let report: QueueReport
    let tags: FormTags
    let times: Times
    let now: Int64

    private var rows: [QueueRow] { report.rows(now: now) }

    var page: Page {
        Page(
            "Queues", "\(SitePage.queues.tabs)\(Elements.head("Queues"))",
            live: "\(silence)\(tiles)\(table)\(failed)"
        ).under(.admin).renewed(everySeconds: 5)
    }

    private var silence: HTML {
        report.problem.map { Elements.banner(.fail, "Redis cannot be reached", "\($0)") } ?? .empty
    }

    // MARK: Tiles

    private var tiles: HTML {
        let rows = rows
        let done = rows.flatMap(\.done).reduce(0, +)
        let oldest = rows.compactMap(\.oldestAtMs).min()
        let failed: HTML =
            report.failedCount == 0 ? "0" : "<a class=\"late\" href=\"#failed\">\(report.failedCount)</a>"
        return """
            <dl class="row tiles sm">\(Elements.tile("Waiting", "\(rows.reduce(0) { $0 + $1.count })"))\
            \(Elements.tile("Done per minute", "\(Plot.number(Double(done) / 60))"))\
            \(Elements.tile("Oldest", oldest.map { "\(Times.roughly(max(0, now - $0)))" } ?? "–"))\
            \(Elements.tile("Failed", failed, isBad: report.failedCount > 0))\(match)</dl>
            """
    }

    private var match: HTML {
        guard report.problem == nil else { return Elements.tile("Lists match the store", "Not known", isBad: true) }
        let differing = report.lists.count(where: \.isDifferent)
        return Elements.tile(
            "Lists match the store", differing == 0 ? "Yes" : "\(differing) \(differing == 1 ? "differs" : "differ")",
            isBad: differing > 0)
    }

    // MARK: Queues

    private var table: HTML {
        let rows = rows
        let end = Plot.end(max(rows.map(\.count).max() ?? 0, 8))
        // A column that is empty from top to bottom is left out.
        let hasLines = rows.contains(where: \.wasBusy)
        return """
            <table class=rows><caption class=vh>Queues, those that do not move first, then the longest</caption><thead><tr>\
            <th class=w2 scope=col>State<th scope=col>Queue<th class=w2 scope=col>Length<br>\(Gauge.axis(end: end))\
            <th class="w1 num" scope=col>Tasks<th class="w2 num" scope=col>Oldest\
            \(when(hasLines, "<th class=w2 scope=col>Last hour"))<th class="w1 num" scope=col>Failed\
            <tbody>\(rows.map { html($0, end: end, hasLines: hasLines) })</table>\
            <p class="sm soft">Tasks on hold are not counted.</p>
            """
    }

    private func html(_ row: QueueRow, end: Int, hasLines: Bool) -> HTML {
        let name: HTML =
            row.path.map { "<a href=\(HTML.value($0))>\(row.name)</a>" } ?? "<b>\(row.name)</b>"
        let gauge = Gauge(parts: [.init(count: row.count, look: Plot.tone(.work), word: nil)], end: end)
        let oldest = row.oldestAtMs.map { moment -> HTML in
            """
            <time datetime="\(Moment.iso8601(moment))">\(Times.roughly(max(0, now - moment)))</time>
            """
        }
        let cause = when(!row.cause.isEmpty, "<br><small class=text>\(row.cause)</small>")
        let failed: HTML = row.failed == 0 ? .empty : "<a class=late href=#failed>\(row.failed)</a>"
        return """
            <tr><td class=\(row.state.tone.rawValue)>\(row.state.word)<th scope=row>\(name)\(row.note)\(cause)\
            <td>\(gauge.html)<td class=num data-l=Tasks>\(row.count)<td class=num data-l=Oldest>\(oldest)\(when(hasLines, "<td>\(line(row))"))\
            <td class=num\(when(row.failed > 0, " data-l=Failed"))>\(failed)
            """
    }

    private func line(_ row: QueueRow) -> HTML {
        row.wasBusy
            ? Sparkline(values: row.done, label: "Done in each 5 minutes of the last hour").html : .empty
    }

    // MARK: What failed

    private var failed: HTML {
        guard !report.failed.isEmpty else { return .empty }
        let more = report.failedCount - report.failed.count
        let note: HTML = more > 0 ? "<span class=\"soft sm\">\(more) more are not shown</span>" : .empty
        return """
            <section class="card" id="failed" aria-labelledby="failed-title"><header><h2 id="failed-title">Failed</h2>\
            \(note)</header><ul class="menu stack">\(report.failed.map(item))</ul></section>
            """
    }

    private func item(_ run: FailedRun) -> HTML {
        """
        <li class="row"><span class="fix">\(Elements.glyph(.fail, "Failed"))<span>\(subject(run))<br>\
        <small>\(reason(run))</small></span></span>\(decisions(run))</li>
        """
    }

    private func subject(_ run: FailedRun) -> HTML {
        let workflow = run.view.map { ReadableName.title(String($0.workflow.prefix { $0 != " " })) } ?? "Workflow"
        guard let ticket = run.ticket else { return "<b>\(workflow)</b>, started by itself" }
        let number = ticket.number
        return """
            <b>\(workflow)</b> for <a href="/c/\(run.company)/tickets/\(number)">#\(number) \(ticket.title)</a>
            """
    }

    /// Where and how it failed. The title and detail of an error may quote answers that are for others, so they are shown
    /// on the ticket's page alone, to those who may read them.
    private func reason(_ run: FailedRun) -> HTML {
        let step = run.view?.failedStep.map { step -> HTML in "“\(step)”: " }
        let cause = run.view?.error.map { error -> HTML in "\(error.cause) (status \(error.status))" }
        let moment = run.atMs.map { moment -> HTML in ", \(times.near(moment))" }
        return "\(report.companyNames[run.company] ?? run.company) · \(step)\(cause ?? "It stopped")\(moment)"
    }

    /// What can be decided here. What gives a result in the step's place is asked on the ticket's page.
    private func decisions(_ run: FailedRun) -> HTML {
        guard let ticket = run.ticket else { return .empty }
        let number = ticket.number
        let path = "/c/\(run.company)/tickets/\(number)"
        guard run.view?.stopped != nil else {
            return #"<span class="row end"><a class="btn small" href="\#(path)">Look at it</a></span>"#
        }
        return """
            <span class="row end"><form method="post" action="\(path)/retry">\(tags.hidden(version: ticket.version, forLive: "\(path)"))\
            <button class="small">Try again<span class="vh">: #\(number)</span></button></form>\
            <a class="btn small" href="\(path)">Skip the step…<span class="vh"> of #\(number)</span></a></span>
            """
    }
}
