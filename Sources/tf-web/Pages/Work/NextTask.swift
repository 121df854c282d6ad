import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The most urgent task of a worker, with what is needed to decide about it on the spot.
struct NextTask {
    /// How many short answers of the ticket are shown.
    private static let limitAnswers = 3
    /// In characters; a longer answer is cut.
    private static let limitQuote = 280

    private let task: TaskRecord
    private let ticket: Ticket
    private let definition: TaskDefinition
    private let form: TaskForm
    private let answers: AnswerReader
    private let request: ProvedRequest<InCompany>
    /// Whether the visitor may open the ticket too.
    private let opensTicket: Bool

    init(_ line: TaskLine, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws {
        guard let task = try session.task(id: line.id), let ticket = try session.ticket(id: line.ticketID) else {
            throw Failure.notFound
        }
        self.task = task
        self.ticket = ticket
        (definition, form) = try session.taskForm(task)
        answers = AnswerReader(actor: request.actor, giver: ticket.requesterID)
        self.request = request
        opensTicket = try OnTicket(ticket, request.subject, session).may(.readTicket)
    }

    private var path: String { "/c/\(request.company.slug)/tasks/\(task.id)" }
    private var times: Times { request.times }

    var html: HTML {
        let due = task.dueAtMs.map { due -> HTML in "<span>\(times.dueInSentence(due))</span>" }
        let isUnusual = task.priority != .normal
        return """
            <section class="card next stack" aria-labelledby="next"><p class="row sm"><span class="tag">Do this next</span>\
            \(due)\(when(isUnusual, Elements.priority(task.priority)))\
            <span class="soft">assigned \(times.near(task.assignedAtMs ?? task.createdAtMs))</span></p>\
            <h2 id="next"><a href="\(path)">\(task.title)</a></h2>\(content)\(buttons)</section>
            """
    }

    // MARK: What it is about

    private var content: HTML {
        let quote = quoted.map { text -> HTML in "<blockquote>“\(text)”</blockquote>" }
        let number: HTML = "#\(ticket.number) \(ticket.title)"
        let link: HTML =
            opensTicket
            ? #"<a href="/c/\#(request.company.slug)/tickets/\#(ticket.number)">\#(number)</a>"# : number
        var facts: [(String, HTML)] = [
            ("Ticket", link), ("Asked by", Elements.person(ticket.requesterName, ticket.requesterID)),
        ]
        facts += shortAnswers.map { ($0.label, "\($0.text)") }
        if let because = task.because {
            facts.append(("Why you", "\(because.prefix(1).uppercased() + because.dropFirst())"))
        }
        guard let quote else { return Elements.facts(facts) }
        return #"<div class="cols halves">\#(quote)\#(Elements.facts(facts))</div>"#
    }

    /// The first long answer that the visitor may read.
    private var quoted: String? {
        readable.first { $0.field.type == .textarea && $0.field.render == nil }
            .map { Self.cut($0.text, to: Self.limitQuote) }
    }

    private var shortAnswers: [(label: String, text: String)] {
        let short = readable.filter { Self.isShort($0.field.type) && $0.text.count <= 120 }
        return short.prefix(Self.limitAnswers).map { ($0.field.label, $0.text) }
    }

    /// Whether answers of the type tell something in a few words; a ticked box does not.
    private static func isShort(_ type: ElementType) -> Bool {
        switch type {
        case .input, .email, .url, .tel, .number, .date, .time, .dropdown, .radio, .user: true
        case .textarea, .datetime, .checkboxes, .checkbox, .upload, .markdown, .section: false
        }
    }

    private var readable: [(field: AnsweredField, text: String)] {
        ticket.fields.compactMap { field in
            let answer = ticket.form[field.id]
            guard answer != .null, answers.maySee(field) else { return nil }
            let text = field.words(answer)
            return text.isEmpty ? nil : (field, text)
        }
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.count > limit else { return text }
        return text.prefix(limit).split(separator: " ").dropLast().joined(separator: " ") + " …"
    }

    // MARK: What can be done

    private var buttons: HTML {
        let open: HTML = #"<a class="btn quiet end" href="\#(path)">Open the task</a>"#
        let onSpot = definition.outcomes.map(canGiveOnSpot)
        guard !onSpot.isEmpty, onSpot.contains(true) else {
            let isBegun = task.draft?["by"].intValue == Int(request.account.id.rawValue)
            return """
                <p class="row"><a class="btn primary" href="\(path)">\(isBegun ? "Go on with your draft" : "Open the task")</a></p>
                """
        }
        let outcomes = zip(OutcomeButton.all(definition.outcomes), onSpot).map { button, isOnSpot in
            isOnSpot ? button.html : button.link(to: path)
        }
        return """
            <form class="row" method="post" action="\(path)/completion">\(request.tags.hidden(version: task.version, forLive: "task \(task.id)"))\
            \(outcomes)\(open)</form>
            """
    }

    /// Whether an outcome needs nothing to be filled in, and nothing that is filled in already would be lost.
    private func canGiveOnSpot(_ outcome: Outcome) -> Bool {
        guard let fields = form.form else { return true }
        guard task.draft == nil, !form.replacesTicketAnswers, task.prefilled.objectValue?.isEmpty != false else {
            return false
        }
        let context = request.company.formContext(
            now: request.now, me: request.account.login, requester: ticket.requester)
        guard fields.initialAnswers(context, prefilled: [:]).isEmpty else { return false }
        return fields.fields.allSatisfy { _, element in
            !element.isRequired && !element.requiredFor.contains(outcome.value)
        }
    }
}
