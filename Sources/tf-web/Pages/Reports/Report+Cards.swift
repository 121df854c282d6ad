import TFStore

/// The reports as plots with their tables.
extension Report {
    /// The cards in the order in which they are shown; one without figures is left out.
    func cards(at path: String) -> [PlotCard] {
        ReportTable.allCases.compactMap { table in
            let address = query.address("\(path)/table", [("table", table.rawValue)])
            return card(table).map { card in
                PlotCard(
                    title: card.table.title, sentence: card.sentence, plot: card.plot, table: card.table,
                    download: address)
            }
        }
    }

    /// The figures of one table; a table without figures has no rows.
    func table(_ table: ReportTable) -> PlotTable {
        card(table)?.table ?? PlotTable(title: table.rawValue, heads: [], rows: [])
    }

    private typealias Card = (sentence: String, plot: HTML, table: PlotTable)

    private func card(_ table: ReportTable) -> Card? {
        switch table {
        case .flow: query.step == nil ? flow : nil
        case .age: query.step == nil ? age : nil
        case .times: steps.isEmpty ? nil : times
        case .shares: steps.isEmpty ? nil : shares
        case .hours: opened == 0 ? nil : comings
        case .types: openNow == 0 ? nil : types
        case .steps: openSteps.isEmpty ? nil : waitingSteps
        case .workers: workers.isEmpty ? nil : workersCard
        }
    }

    // MARK: Tickets

    private var flow: Card {
        let sentence =
            switch opened - closed {
            case 0: opened == 0 ? "Nothing was opened or closed." : "As many were closed as opened."
            case let more where more > 0: "\(more) more opened than closed."
            case let more: "\(-more) more closed than opened."
            }
        return (
            sentence, FlowPlot(stretches: stretches, label: "Opened \(opened), closed \(closed)").html,
            PlotTable(
                title: "Opened and closed",
                heads: [query.period.stretch == 1 ? "Day" : "Week from", "Opened", "Closed"],
                rows: stretches.map { [.text($0.label), .count($0.opened), .count($0.closed)] })
        )
    }

    private var age: Card {
        let bars = byAge.map { BarPlot.Bar(label: $0.age, count: $0.tickets, late: $0.late) }
        let list = byAge.map { "\($0.age) \($0.tickets)" }.joined(separator: ", ")
        return (
            late == 0 ? "None is late." : "\(late) \(late == 1 ? "is" : "are") late.",
            BarPlot(bars: bars, look: Plot.tone(.work), label: "Open tickets by age: \(list)").html,
            PlotTable(
                title: "Age of what is open", heads: ["Age", "Open", "Late"],
                rows: byAge.map { [.text($0.age), .count($0.tickets), .count($0.late)] })
        )
    }

    private var comings: Card {
        let ofDays = hours.map { $0.reduce(0, +) }
        let day = ofDays.indices.max { ofDays[$0] < ofDays[$1] } ?? 0
        let hour = hours[day].indices.max { hours[day][$0] < hours[day][$1] } ?? 0
        let sentence = "Most come on \(HourPlot.days[day]), between \(hour * 2):00 and \(hour * 2 + 2):00."
        return (
            sentence, HourPlot(counts: hours, label: sentence).html,
            PlotTable(
                title: "When tickets come", heads: ["Day", "Before 8", "8 to 14", "After 14"],
                rows: zip(HourPlot.days, hours).map { day, counts in
                    let parts = [counts[..<4], counts[4..<7], counts[7...]]
                    return [.text(day)] + parts.map { .count($0.reduce(0, +)) }
                })
        )
    }

    private var types: Card {
        let shown = byType.prefix(Self.limitRows)
        let first = shown.first.map { "\($0.type): \(Self.share($0.tickets, of: openNow)) of what is open." } ?? ""
        return (
            first + Self.leftOut("with most", of: byType.count, "types"),
            BarPlot(
                bars: shown.map { BarPlot.Bar(label: $0.type, count: $0.tickets, late: $0.late) },
                look: Plot.tone(.work), label: "Open tickets by type. \(first)"
            ).html,
            PlotTable(
                title: "Open by type", heads: ["Type", "Open", "Late"],
                rows: byType.map {
                    [.link($0.type, to: "tickets?type=\($0.name)"), .count($0.tickets), .count($0.late)]
                })
        )
    }

    // MARK: Steps

    private var times: Card {
        // The plot has room for a few: for those that take longest.
        let slowest = steps.sorted { $0.times.half > $1.times.half }
        return (
            "“\(slowest.first.map { taskTitle($0.step) } ?? "")” takes longest."
                + Self.leftOut("longest", of: steps.count, "steps"),
            TimePlot(
                lines: slowest.prefix(Self.limitRows).map {
                    TimePlot.Line(
                        label: taskTitle($0.step), half: $0.times.half, nineInTen: $0.times.nineInTen)
                }, label: "Time of each step: half and nine in ten are done within"
            ).html,
            PlotTable(
                title: "Time per step", heads: ["Step", "Done", "Half within", "9 in 10 within"],
                rows: steps.map {
                    [
                        .text(taskTitle($0.step)), .count($0.times.count), .length($0.times.half),
                        .length($0.times.nineInTen),
                    ]
                })
        )
    }

    private var shares: Card {
        let sums = steps.map { [max(0, $0.unassigned), max(0, $0.waiting), max(0, $0.working)] }
        let all = sums.flatMap { $0 }.reduce(0, +)
        let worked = sums.reduce(0) { $0 + $1[2] }
        let sentence = "Of all the time, \(Self.share(Int(worked), of: Int(all))) is work; the rest is waiting."
        return (
            sentence + Self.leftOut("first", of: steps.count, "steps"),
            SharePlot(
                lines: zip(steps, sums).prefix(Self.limitRows).map {
                    SharePlot.Line(label: taskTitle($0.step), values: $1)
                },
                parts: [
                    ("Nobody", Plot.tone(.idle)), ("Waiting", Plot.tone(.wait)), ("Worked on", Plot.tone(.work)),
                ], label: sentence
            ).html,
            PlotTable(
                title: "Waiting and working", heads: ["Step", "With nobody", "In a list", "Worked on"],
                rows: zip(steps, sums).map { step, sum in
                    [.text(taskTitle(step.step))] + sum.map { .length($0 / Int64(max(step.times.count, 1))) }
                })
        )
    }

    private var waitingSteps: Card {
        let first = openSteps.first.map { "“\(taskTitle($0.step))” has most: \($0.tasks)." } ?? ""
        return (
            first + Self.leftOut("with most", of: openSteps.count, "steps"),
            BarPlot(
                bars: openSteps.prefix(Self.limitRows).map { BarPlot.Bar(label: taskTitle($0.step), count: $0.tasks) },
                look: Plot.tone(.work), label: "Open tasks by step. \(first)"
            ).html,
            PlotTable(
                title: "Open by step", heads: ["Step", "Open"],
                rows: openSteps.map { [.link(taskTitle($0.step), to: "tasks?step=\($0.step)"), .count($0.tasks)] })
        )
    }

    // MARK: Workers

    private var workersCard: Card {
        let all = workers.reduce(0) { $0 + $1.times.count }
        let first = workers.first.map { "\($0.name) did most: \(Self.share($0.times.count, of: all))." } ?? ""
        return (
            first + Self.leftOut("with most", of: workers.count, "workers"),
            BarPlot(
                bars: workers.prefix(Self.limitRows).map { BarPlot.Bar(label: $0.name, count: $0.times.count) },
                look: Plot.tone(.done),
                label: "Tasks done by each worker. \(first)"
            ).html,
            PlotTable(
                title: "Done by each worker", heads: ["Worker", "Done", "Half within", "9 in 10 within"],
                rows: workers.map {
                    [.text($0.name), .count($0.times.count), .length($0.times.half), .length($0.times.nineInTen)]
                })
        )
    }

    /// Says which lines a plot has room for; nothing if it has all.
    private static func leftOut(_ which: String, of count: Int, _ things: String) -> String {
        guard count > limitRows else { return "" }
        return " The \(limitRows) \(which) of \(count) \(things); the table has all."
    }

    private static func share(_ part: Int, of all: Int) -> String {
        "\(all == 0 ? 0 : Int((Double(part) / Double(all) * 100).rounded())) %"
    }
}
