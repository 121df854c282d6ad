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
    let follow: FollowCard
    /// nil: the visitor does not see all tasks, and so cannot tell who waited for what.
    let time: WorkTimeCard?
    let tags: FormTags
    let now: Int64

    private var ticket: Ticket { on.ticket }

    var html: HTML {
        """
        \(Elements.head("\(ticket.title)", note: "#\(ticket.number)", actions: actions, back: [on.list]))\
        \(fault.html)\(reopening)\(duplicate)\(yourTurn)\
        <div class=cols><div class=stack>\(progress.html)\(conversation)</div>\
        <aside class=stack aria-label="About this ticket">\(aside.facts)\(aside.answers)\(time?.html)\(aside.files)\(follow.html)\
        </aside></div>
        """
    }

    private var conversation: HTML {
        """
        <section class=stack aria-labelledby="talk"><h2 id="talk" class=vh>Conversation and history</h2>\
        \(timeline.html)\(reply.html)</section>
        """
    }

    private var actions: HTML {
        let items = menu
        return """
            <a class="btn small" href="#reply">Reply</a>\
            \(when(!items.isEmpty, Elements.menu("More", items)))
            """
    }

    private var menu: [HTML] {
        var items: [HTML] = []
        if on.may(.editTicket) {
            items.append("<a href=\"\(on.path)/details\">Edit title, priority, labels, due</a>")
            items.append("<a href=\"\(on.path)/duplicate\">Link as a duplicate</a>")
        }
        if on.may(.decideFault) { items.append("<a href=\"\(on.path)/workflow\">Inside the workflow</a>") }
        if ticket.isCancellable, on.may(.cancelTicket) {
            items.append("<a class=\"danger\" href=\"\(on.path)/cancellation\">Cancel this ticket…</a>")
        }
        return items
    }

    /// Says until when a ticket that has ended can be opened again.
    private var reopening: HTML {
        guard let until = ticket.reopenable(now: now), on.may(.reopenTicket) else { return .empty }
        return Elements.banner(
            ticket.state.tone, ticket.state == .closed ? "This ticket is closed" : "This ticket is cancelled",
            "Not done after all? Open it again until \(aside.times.moment(until)); its workflow begins anew.",
            actions: """
                <form method="post" action="\(on.path)/reopening">\(tags.hidden(version: ticket.version))\
                <button class=small>Open it again</button></form>
                """)
    }

    /// Leads to the ticket that says the same.
    private var duplicate: HTML {
        guard let original = ticket.duplicateOf, aside.readsOriginal else { return .empty }
        return Elements.banner(
            .wait, "This is a duplicate of #\(original)", "Both stay as they are; it goes on there.",
            actions: #"<a class="btn small" href="/c/\#(on.company.slug)/tickets/\#(original)">Open #\#(original)</a>"#)
    }

    /// Links to the visitor's open tasks in this ticket.
    private var yourTurn: HTML {
        let mine = tasks.filter { $0.state.isOpen && $0.assigneeID == on.account.id }
        let banners = mine.map { task in
            let link: HTML =
                #"<a class="btn primary small" href="/c/\#(on.company.slug)/tasks/\#(task.id)">Open the task</a>"#
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
