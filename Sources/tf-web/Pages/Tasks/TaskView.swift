import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The page of one task: what is to be done in the middle, its ticket at the side.
struct TaskView {
    let on: OnTask
    let work: TaskWork
    /// Of the task, the oldest first.
    let history: [HistoryEntry]
    let reasons: Reasons
    let tags: FormTags
    /// nil unless the workflow stopped here, and the visitor may decide.
    let stopped: StoppedTask?
    let aside: TaskAside
    let times: Times

    private var task: TaskRecord { on.task }
    private var isMine: Bool { task.assigneeID == on.account.id }

    var html: HTML {
        """
        \(Elements.head("\(task.title)", actions: actions, back: [on.list, aside.wayToTicket]))\(facts)\(hold)\(stopped?.html)\
        <div class="cols">\(work.html)<aside class="stack" aria-label="The ticket">\(administration)\(aside.html)</aside></div>
        """
    }

    // MARK: In one line

    private var facts: HTML {
        """
        <p class="row sm">\(standing)\
        \(due)\
        \(when(task.priority != .normal, "<span>\(Elements.priority(task.priority))</span>"))\(tries)\
        <span class="soft">\(why)</span></p>
        """
    }

    private var standing: HTML {
        on.asksRequester && (task.state == .assigned || task.state == .started)
            ? Elements.tag(.wait, "Waiting for you") : Elements.state(task.state)
    }

    private var due: HTML? {
        guard task.state.isOpen, let due = task.dueAtMs else { return nil }
        return "<span>\(times.dueInSentence(due))</span>"
    }

    /// Why it is the visitor's, or somebody else's, or nobody's.
    private var why: HTML {
        guard task.state.isOpen else {
            let who = finisher.map { ", by \($0)" }
            return task.state == .completed ? "Finished \(times.moment(task.finishedAtMs))\(who)" : .empty
        }
        if on.asksRequester { return "Your ticket goes on once you have answered." }
        guard let login = task.assignee, let name = task.assigneeName else {
            return task.waiting.map { reasons.nobody(has: "It", $0, task, times) } ?? .empty
        }
        guard let reason = task.decision?.because else { return isMine ? .empty : "\(name) has it" }
        let because = reasons.sentence(reason, for: login, role: task.role)
        let next = reasons.following(task.decision).map { n -> HTML in ", \(n)" }
        return isMine ? "Yours because \(because)\(next)" : "\(name) has it because \(because)\(next)"
    }

    /// Who finished it; nil if nobody is known. What a program's output has under `by` is the program's own.
    private var finisher: String? {
        guard task.kind == .person, let login = task.output?["by"].stringValue else { return task.assigneeName }
        return reasons.people.name(login)
    }

    /// How many tries of programs failed, and why the last did.
    private var tries: HTML {
        guard task.failures > 0 else { return .empty }
        let last: HTML =
            switch task.error {
            case .reported(let title, let detail)?:
                ", the last: \([title, detail].compactMap { $0 }.joined(separator: ": "))"
            case .leaseEnded(let login, let moment)?:
                ", the last: nothing was heard from \(reasons.people.name(login)) until \(times.told(moment))"
            case nil: .empty
            }
        return "<span class=\"late\">\(task.failures) failed \(task.failures == 1 ? "try" : "tries")\(last)</span>"
    }

    // MARK: Banners

    private var hold: HTML {
        guard task.state == .held else { return .empty }
        let entry = history.last { $0.kind == .held }
        let reason: HTML? = entry?.data["reason"].stringValue.map { ": “\($0)”" }
        return Elements.banner(
            .wait, "On hold until \(times.moment(task.wakeAtMs))",
            """
            \(entry.map { "By \($0.actor == reasons.me ? "you" : reasons.people.name($0.actor))" })\(reason). \
            It comes back by itself then.\(when(on.may(.workTask), " Whoever answers it, or saves a draft, ends the hold."))
            """,
            actions: on.may(.workTask)
                ? """
                <form method="post" action="\(on.path)/start">\(tags.hidden(version: task.version))\
                <button class="small">Go on with it now</button></form>
                """ : .empty)
    }

    // MARK: Actions

    private var actions: HTML {
        guard task.state.isOpen else { return .empty }
        if isMine, task.state == .assigned, task.kind == .person, on.may(.workTask), !on.asksRequester {
            return """
                <form method="post" action="\(on.path)/start">\(tags.hidden(version: task.version))\
                <button class="small">Start</button></form>
                """
        }
        // Who works on it has these below the form.
        guard !on.may(.workTask) else { return .empty }
        let moves = work.moves
        return when(!moves.isEmpty, Elements.menu("More", moves))
    }

    /// What ticket admins change beside the work itself.
    private var administration: HTML {
        guard on.may(.prioritizeTask), task.state.isOpen else { return .empty }
        let options = Priority.allCases.map { one -> HTML in
            """
            <option value="\(one.rawValue)"\(when(one == task.priority, " selected"))>\(Words.priority(one))</option>
            """
        }
        return Elements.card(
            "For ticket admins",
            """
            <div class="stack"><form class="row" method="post" action="\(on.path)/priority">\(tags.hidden(version: task.version))\
            <label for="f-priority" class="sm">Priority</label>\
            <select id="f-priority" name="priority">\(options)</select><button>Set</button></form>\(takeOver)</div>
            """)
    }

    private var takeOver: HTML {
        guard !isMine, on.actor.membership != nil, task.kind == .person, !on.facts.isExcluded else { return .empty }
        if task.assigneeID == nil {
            guard !work.offersClaim, on.may(.claimTask) else { return .empty }
            return """
                <form class="row" method="post" action="\(on.path)/claim">\(tags.hidden(version: task.version))\
                <button>Take it over</button></form>
                """
        }
        return """
            <form class="row" method="post" action="\(on.path)/assignment">\(tags.hidden(version: task.version))\
            <input type="hidden" name="assignee" value="\(on.account.login)"><button>Take it over</button></form>
            """
    }
}
