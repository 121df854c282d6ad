import TFDefinition
import TFEngine
import TFStore

/// Where a ticket is: one sentence, its steps, and the whole workflow folded below.
struct ProgressCard {
    let on: OnTicket
    /// The tasks that the visitor may see.
    let tasks: [TaskRecord]
    let progress: TicketProgress
    let reasons: Reasons
    let times: Times

    private var ticket: Ticket { on.ticket }
    private var open: [TaskRecord] { tasks.filter(\.state.isOpen) }

    var html: HTML {
        // How a cancelled ticket ended stands above.
        let isSaid = ticket.state == .cancelled
        if isSaid, progress.steps == nil { return .empty }
        return """
            <section class="card stack" id=progress aria-label=Progress\(when(movesSoon, " data-soon"))>\
            \(when(!isSaid, "<header><h2>\(sentence)</h2>\(due)</header>"))\
            \(progress.steps?.html)\(waiting)\(drawing)</section>
            """
    }

    /// Whether something else is to be read here in a moment, without anybody's doing.
    private var movesSoon: Bool {
        guard ticket.state == .open else { return false }
        return open.isEmpty
            ? progress.steps?.now.isEmpty ?? false : open.contains { $0.state == .ready && $0.waiting == .queue }
    }

    private var due: HTML {
        guard ticket.state == .open, let due = open.compactMap(\.dueAtMs).min() else { return .empty }
        let step = open.count > 1 ? "The first of these steps is" : "This step is"
        return "<span class=\"soft sm end\">\(step)\(when(!times.isPast(due), " due")) \(times.due(due))</span>"
    }

    private var sentence: HTML {
        switch ticket.state {
        case .closed: return "Closed: <strong>\(ticket.status)</strong>"
        case .cancelled: return "Cancelled"
        case .failed where on.may(.decideFault): return "The workflow stopped with an error"
        case .failed: return "The workflow stopped with an error; a ticket admin has to look at it"
        case .open:
            if !open.isEmpty { return "Now: \(Words.list(open.prefix(3).map(place)))\(more)" }
            let here = progress.steps?.now ?? []
            guard !here.isEmpty else { return "Now: the next step begins in a moment" }
            return "Now: \(Words.list(here))"
        }
    }

    private var more: HTML { open.count > 3 ? ", and \(open.count - 3) more" : .empty }

    private func place(_ task: TaskRecord) -> HTML {
        let words = Words.task(task.title, ofTicket: ticket.title).object
        let path = "/c/\(on.company.slug)/tasks/\(task.id)"
        let link: HTML = on.mayRead(task) ? "<a href=\(path)>\(words)</a>" : "\(words)"
        // The ticket's own priority stands beside.
        let title: HTML = """
            \(link)\(when(task.priority != ticket.priority, " (\(task.priority.rawValue) priority)"))
            """
        guard let name = task.assigneeName else {
            return "\(title) \(task.waiting == .queue ? "is being assigned" : "is with nobody")"
        }
        return switch task.state {
        case .started: "\(name) is working on \(title)"
        case .held: "\(title) is on hold until \(times.until(task.wakeAtMs)), with \(name)"
        case .ready, .assigned, .completed, .withdrawn, .failed: "\(title) is with \(name)"
        }
    }

    /// Why tasks are with nobody.
    private var waiting: HTML {
        let told = open.compactMap { task in task.waiting.flatMap { $0 == .queue ? nil : (task, $0) } }
        let lines = told.map { task, reason -> HTML in
            let title = Words.task(task.title, ofTicket: ticket.title).subject
            return "<p class=\"sm soft\">\(reasons.nobody(has: "\(title)", reason, task, times)).</p>"
        }
        return "\(lines)"
    }

    private var drawing: HTML {
        guard let diagram = progress.diagram else { return .empty }
        return "<details><summary class=\"sm soft\">Show the workflow</summary>\(diagram)</details>"
    }
}
