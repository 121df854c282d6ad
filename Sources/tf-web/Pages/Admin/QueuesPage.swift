/// The page that shows every worker's list.
struct QueuesPage {
    let report: QueueReport

    var page: Page {
        let (waiting, age) = report.outbox
        let rows = report.lists.map(row)
        return Page(
            "Queues",
            """
            <h1>Queues</h1>\(report.problem.map(silence))\
            <p>Outbox: \(waiting) waiting\(when(waiting > 0, ", the oldest for \(age) ms")).</p>\
            \(rows.isEmpty
                ? Elements.empty("There is no worker yet.")
                : Elements.table("Every person's list", ["List", "Open in the store", "Length in Redis", "Drift", "Worker"], rows))
            """)
    }

    private func silence(_ problem: String) -> HTML {
        #"<div class="errors"><h2>Redis cannot be reached</h2><p>\#(problem)</p></div>"#
    }

    private func row(_ list: QueueReport.List) -> [HTML] {
        [
            "<code>queue:\(list.company).\(list.login)</code>",
            #"<span class="bar w\#(min(list.open, 8))"></span>\#(list.open)"#,
            "\(list.length.map(String.init) ?? "–")", drift(of: list),
            list.isAvailable.map { $0 ? "available" : "away" } ?? "no worker",
        ]
    }

    private func drift(of list: QueueReport.List) -> HTML {
        guard list.length != list.open else { return "0" }
        let difference = list.length.map { String($0 - list.open) } ?? "unknown"
        return #"<strong class="tag bad">\#(difference)</strong>"#
    }
}
