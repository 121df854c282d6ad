import TFDefinition
import TFStore

/// The page of one ticket: what was said and done in the middle, facts at the side.
struct TicketView {
    let on: OnTicket
    /// The tasks that the visitor may see.
    let tasks: [TaskRecord]
    let fault: FaultView
    let progress: ProgressCard
    let timeline: Timeline
    let reply: ReplyForm
    let aside: TicketAside
    /// The entry that tells who cancelled the ticket; nil: nobody did.
    let cancellation: HistoryEntry?
    let follow: FollowCard
    /// nil: the visitor does not see all tasks, and so cannot tell who waited for what.
    let time: WorkTimeCard?
    let tags: FormTags
    let now: Int64

    private var ticket: Ticket { on.ticket }

    var html: HTML {
        """
        \(Elements.head("\(ticket.title)", note: "#\(ticket.number)", actions: actions, back: [on.list]))\
        \(fault.html)\(ending)\(ticket.state == .cancelled ? .empty : duplicate)\(yourTurn)\
        <div class=cols><div class=stack>\(progress.html)\(conversation)</div>\
        <aside class=stack aria-label="About this ticket">\(aside.facts)\(aside.answers)\(time?.html)\(aside.files)\(follow.html)\
        </aside></div>
        """
    }

    private var conversation: HTML {
        """
        <section class=stack aria-labelledby=talk><h2 id=talk class=vh>Conversation and history</h2>\
        \(timeline.html)\(reply.html)</section>
        """
    }

    private var actions: HTML {
        """
        <a class="btn small" href=#reply>Reply</a>\
        \(menu.isEmpty ? cancel(look: "btn small danger") : Elements.menu("More", menu + [cancel(look: "danger")].filter { !$0.bytes.isEmpty }))
        """
    }

    private var menu: [HTML] {
        var items: [HTML] = []
        if on.may(.editTicket) {
            items.append("<a href=\(on.path)/details>Edit title, priority, labels, due</a>")
            items.append("<a href=\(on.path)/duplicate>Link as a duplicate</a>")
        }
        if on.may(.decideFault) { items.append("<a href=\(on.path)/workflow>Inside the workflow</a>") }
        return items
    }

    private func cancel(look: String) -> HTML {
        guard ticket.isCancellable, on.may(.cancelTicket) else { return .empty }
        return "<a class=\"\(look)\" href=\(on.path)/cancellation>Cancel this ticket…</a>"
    }

    /// Says how a ticket has ended, and until when it can be opened again.
    private var ending: HTML {
        let until = on.may(.reopenTicket) ? ticket.reopenable(now: now) : nil
        let again: HTML? = until.map { until in
            "Not done after all? Open it again until \(aside.times.moment(until)); its workflow begins anew."
        }
        let button: HTML? = until.map { _ in
            """
            <form method="post" action="\(on.path)/reopening">\(tags.hidden(version: ticket.version))\
            <button class=small>Open it again</button></form>
            """
        }
        guard ticket.state == .cancelled else {
            guard let again, let button else { return .empty }
            return Elements.banner(aside.tone, "This ticket is closed", again, actions: button)
        }
        let reason: HTML? = cancellation?.data["reason"].stringValue.map { reason in "Reason: \(reason)" }
        let texts = [reason, again].compactMap(\.self)
        return Elements.banner(
            aside.tone, cancelled, texts.count == 2 ? "\(texts[0])<br>\(texts[1])" : texts.first ?? .empty,
            actions: "\(button)\(aside.readsOriginal ? original : .empty)")
    }

    /// "Cancelled by Tom, 24 Nov: duplicate of #8"
    private var cancelled: HTML {
        let who: HTML = cancellation.map { entry in " by \(timeline.words.people.name(entry.actor))" } ?? .empty
        let date = aside.times.near(cancellation?.atMs ?? ticket.closedAtMs)
        let original: HTML? = aside.readsOriginal ? ticket.duplicateOf.map { ": duplicate of #\($0)" } : nil
        return "Cancelled\(who), \(date)\(original)"
    }

    /// Leads to the ticket of which this one is a duplicate.
    private var duplicate: HTML {
        guard let number = ticket.duplicateOf, aside.readsOriginal else { return .empty }
        return Elements.banner(
            .wait, "This is a duplicate of #\(number)", "Both stay as they are; it goes on there.", actions: original)
    }

    private var original: HTML {
        guard let number = ticket.duplicateOf else { return .empty }
        return #"<a class="btn small" href="/c/\#(on.company.slug)/tickets/\#(number)">Open #\#(number)</a>"#
    }

    /// Links to the visitor's open tasks in this ticket.
    private var yourTurn: HTML {
        let mine = tasks.filter { $0.state.isOpen && $0.assigneeID == on.account.id }
        let banners = mine.map { task in
            let words = task.strategy == .requester ? "Answer" : "Open the task"
            let link: HTML =
                #"<a class="btn primary small" href="/c/\#(on.company.slug)/tasks/\#(task.id)">\#(words)</a>"#
            return Elements.banner(.work, "Waiting for you: \(task.title)", actions: link)
        }
        return "\(banners)"
    }
}

extension OnTicket {
    /// The list in which the visitor finds the ticket.
    var list: Link {
        let company = "/c/\(company.slug)"
        if actor.managedTickets != nil { return Link("\(company)/tickets", "Tickets") }
        if Policy.isOwn(actor, facts) || !actor.has(.taskWorker) {
            return Link("\(company)/my/tickets", "My tickets")
        }
        return Link("\(company)/my/tasks", "My tasks")
    }
}

extension Ticket {
    var isCancellable: Bool { state == .open || state == .failed }

    /// Until when it can be opened again; nil: it has not ended, or too long ago.
    func reopenable(now: Int64) -> Int64? {
        guard state == .closed || state == .cancelled, let closedAtMs else { return nil }
        let until = closedAtMs + Store.reopeningTime
        return now <= until ? until : nil
    }
}
