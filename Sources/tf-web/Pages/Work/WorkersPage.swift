import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// All workers, with their load, what they did lately, and whether they get new tasks.
struct WorkersPage: Sendable {
    /// How many days the lines of done tasks go back.
    static let days = 14

    let company: Company
    let workers: [WorkerLoad]
    let figures: [AccountID: WorkerFigures]
    /// Whether Redis answers. How long its lists are is for those who run the site: they follow the store's figures in a
    /// moment, and a ticket admin has nothing to do about it.
    let isQueueThere: Bool
    let unserved: UnservedBanner
    /// The names for people of the company's roles.
    let roleLabels: [String: String]
    let now: Int64

    private var times: Times { Times(company, now: now) }

    var page: Page {
        let list = workers.isEmpty ? empty : "\(silence)\(Gauge.legend)\(table)"
        return Page("Workers", Elements.head("Workers"), live: "\(unserved.html)\(unserved.others)\(list)")
    }

    private var empty: HTML {
        Elements.empty(
            .nothingYet, "Nobody can be given tasks yet",
            "Workers are the people and programs with the role task worker. An administrator gives it.")
    }

    private var silence: HTML {
        isQueueThere
            ? .empty
            : Elements.banner(
                .wait, "The queue does not answer", "These are the store’s figures; new tasks wait until it is back.")
    }

    // MARK: The table

    /// What a full bar is: room for the longest list.
    private var end: Int { Plot.end(max(figures.values.map(\.open).max() ?? 0, 8)) }

    private var table: HTML {
        let rows = workers.sorted { $0.name < $1.name }.map(row)
        return """
            <table class="rows"><caption class="vh">Open tasks and availability of each worker</caption><thead><tr>\
            <th scope="col">Worker</th><th class="w4" scope="col">Open tasks<br>\(Gauge.axis(end: end))</th><th class="w1" scope="col">Oldest</th>\
            <th class="w2" scope="col">Done, \(Self.days) days</th><th class="w2" scope="col">Typical time</th>\
            <th scope="col">Gets new tasks</th></tr></thead><tbody>\(rows)</tbody></table>
            """
    }

    private func row(_ worker: WorkerLoad) -> HTML {
        let figures = figures[worker.account] ?? WorkerFigures()
        let gauge = Gauge.tasks(
            started: figures.started, notStarted: figures.notStarted, held: figures.held, end: end)
        return """
            <tr><th scope="row"><p class="fix">\(Elements.initials(worker.name, worker.account, isBig: true))\
            <span><a href="/c/\(company.slug)/tasks?assignee=\(worker.login)">\(worker.name)</a><br>\(roles(worker))\
            </span></p></th><td>\(gauge.html) <b class="num">\(figures.open)</b></td>\
            <td\(when(figures.oldestAtMs != nil, " data-l=\"Oldest\""))>\(figures.oldestAtMs.map { age(since: $0) })</td><td data-l="Done, \(Self.days) days">\(line(figures))</td>\
            <td\(when(figures.typicalMs != nil, " data-l=\"Typical time\""))>\(figures.typicalMs.map { Times.roughly($0) })</td><td>\(availability(worker))</td></tr>
            """
    }

    private func roles(_ worker: WorkerLoad) -> String {
        let roles = worker.roles.map { roleLabels[$0] ?? ReadableName.title($0) }
        let kind = worker.kind == .service ? ["Program"] : []
        return (kind + roles).joined(separator: ", ")
    }

    private func age(since moment: Int64) -> HTML {
        """
        <time datetime="\(Moment.iso8601(moment))">\(Times.roughly(max(0, now - moment)))</time>
        """
    }

    private func line(_ figures: WorkerFigures) -> HTML {
        guard !figures.doneByDay.isEmpty else { return #"<span class="soft">None</span>"# }
        let line = Sparkline(values: figures.doneByDay, label: "Done on each of the last \(Self.days) days")
        return "\(line.html) <b class=\"num\">\(figures.doneByDay.reduce(0, +))</b>"
    }

    private func availability(_ worker: WorkerLoad) -> HTML {
        guard worker.kind == .person else {
            return worker.isAvailable ? Elements.tag(.done, "Connected") : Elements.tag(.wait, "Not connected")
        }
        let presence = worker.presence
        let (tone, word): (Tone, HTML) =
            worker.isAvailable
            ? (.done, "Available")
            : (.wait, presence.changesAtMs.map { "Away until \(times.until($0))" } ?? "Away")
        let absence: HTML? = PlannedAbsence(presence).map { _ in
            "<br><small>Away \(times.span(presence.changesAtMs, presence.changesBackAtMs))</small>"
        }
        return """
            <a class="switch \(tone.rawValue)" href="/c/\(company.slug)/availability/\(worker.login)">\(Elements.glyph(tone))\(word)\
            <span class="vh">: change it for \(worker.name)</span></a>\(absence)
            """
    }
}
