import TFEngine
import TFStore

/// All workers, with their load and a form for their availability.
struct WorkersPage {
    let company: Company
    let workers: [WorkerLoad]
    /// The lengths of their lists in Redis, in the same order; nil if Redis does not answer.
    let lengths: [Int]?
    let unserved: UnservedTasks
    let tags: FormTags

    var page: Page {
        let list =
            workers.isEmpty
            ? Elements.empty("Nobody in this company holds the role task_worker.")
            : Elements.table(
                "Open tasks of each worker", ["Worker", "Roles", "Open", "Done", "State", "Change"],
                workers.enumerated().map { row($1, length: lengths?[$0]) })
        return Page("Workers", "<h1>Workers</h1>\(unserved.html)\(list)")
    }

    private func row(_ worker: WorkerLoad, length: Int?) -> [HTML] {
        [
            "\(worker.name) (\(worker.login))", "\(worker.roles.joined(separator: ", "))",
            #"<span class="bar w\#(min(worker.open, 8))"></span>\#(worker.open)\#(drift(worker, length))"#,
            "\(worker.done)", availability(worker), worker.kind == .service ? "by itself" : change(worker),
        ]
    }

    /// A note if Redis's figure differs from the store's.
    private func drift(_ worker: WorkerLoad, _ length: Int?) -> String {
        guard let length else { return " (Redis does not answer)" }
        // Jobs that a program has leased are in no list.
        return length == worker.open || worker.kind == .service ? "" : " (Redis has \(length))"
    }

    private func availability(_ worker: WorkerLoad) -> HTML {
        let tag: HTML =
            worker.isAvailable
            ? #"<span class="tag good">available</span>"# : #"<span class="tag off">away</span>"#
        let kind: HTML = worker.kind == .service ? " a program" : .empty
        let change = worker.changesAtMs.map { moment -> HTML in " until \(Elements.time(moment, company))" }
        return "\(tag)\(kind)\(change)"
    }

    private func change(_ worker: WorkerLoad) -> HTML {
        """
        <form method="post" action="/c/\(company.slug)/workers/\(worker.login)/availability">\(tags.hidden())\
        <input type="hidden" name="available" value="\(worker.isAvailable ? "false" : "true")">\
        <button class="plain">\(worker.isAvailable ? "Set away" : "Set available")\
        <span class="hidden">: \(worker.name)</span></button></form>
        """
    }
}
