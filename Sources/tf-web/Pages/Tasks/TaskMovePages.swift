import TFDefinition
import TFEngine
import TFStore

/// The pages behind a task's menu: to do it later, or to leave it to others.
enum TaskMovePages {
    @Sendable static func hold(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> Page {
        let typed = request.typed
        let until = typed.form["until"] ?? tomorrow(request)
        let isOwn = request.task.assigneeID == request.account.id
        let whose =
            isOwn
            ? "It stays yours, and waits" : "It stays with \(request.task.assigneeName ?? "its worker"), and waits"
        let told =
            request.subject.asksRequester
            ? "Your ticket waits until then. When the time has come it waits for you again."
            : "\(whose) under “On hold”. When the time has come it is back among the others."
        let fields: HTML = """
            <p>\(told)</p>\
            \(Elements.field("until", label: "Until", hint: zone(request), errors: typed.errors) { attributes in
                #"<input type="datetime-local" name="until" value="\#(until)"\#(attributes)>"#
            })\(reason(request, isOptional: true))
            """
        let title = request.subject.asksRequester ? "Answer later" : "Put on hold"
        return page(title, request, fields, action: "hold", button: title)
    }

    @Sendable static func release(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> Page {
        let isOwn = request.task.assigneeID == request.account.id
        let (whom, who) = isOwn ? ("you", "you") : (request.task.assigneeName ?? "its worker", "they")
        let what: HTML =
            switch request.task.strategy {
            case .pool: "It goes back to the tasks to claim. Anybody who may do it can take it."
            case .shortestQueue, .roundRobin:
                """
                It goes to somebody else as soon as somebody can have it. It does not come back to \(whom) by itself, but \(who) \
                may claim it while nobody has it.
                """
            case .person, .requester, .each: "It is then with nobody, and a ticket admin has to give it to somebody."
            }
        return page(
            "Give it back", request,
            "<p>\(what)</p>\(reason(request, isOptional: true))", action: "release",
            button: "Give it back")
    }

    /// Giving it to a certain person.
    @Sendable static func assignment(
        _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession
    ) throws -> Page {
        let isHandover = !request.subject.may(.assignTask)
        let chosen = request.typed.form["assignee"]
        let colleagues = try colleagues(request, session)
        let options = colleagues.map { worker -> HTML in
            """
            <option value="\(worker.login)"\(when(worker.login == chosen, " selected"))>\(worker.name), \
            \(Words.count(worker.open, "open task"))\(when(!worker.isAvailable, ", away"))</option>
            """
        }
        let first = isHandover ? "Choose a colleague" : rule(request.task.strategy)
        let held: HTML =
            request.task.state == .held
            ? "<p>It is on hold. That ends: whoever gets it has it in their list at once.</p>" : .empty
        let nobody: HTML = colleagues.isEmpty ? "<p>Nobody else may do it.</p>" : .empty
        let fields: HTML = """
            \(holder(request))\(nobody)\(held)\(Elements.field("assignee", label: isHandover ? "Colleague" : "Worker", errors: request.typed.errors) {
                attributes in
                #"<select name="assignee"\#(attributes)><option value="">\#(first)</option>\#(options)</select>"#
            })\(reason(request, isOptional: !isHandover))
            """
        return page(
            isHandover ? "Hand to a colleague" : "Give to somebody", request, fields, action: "assignment",
            button: isHandover ? "Hand over" : "Give it")
    }

    /// Who has the task now.
    private static func holder(_ request: ProvedRequest<OnTask>) -> HTML {
        guard request.task.assigneeID != request.account.id else { return .empty }
        guard let name = request.task.assigneeName else { return "<p>Nobody has it now.</p>" }
        return "<p><b>\(name)</b> has it now.</p>"
    }

    // MARK: Parts

    private static func reason(_ request: ProvedRequest<OnTask>, isOptional: Bool) -> HTML {
        Elements.field("reason", label: "Reason", isOptional: isOptional, errors: request.typed.errors) { attributes in
            #"<input class="wide" name="reason" value="\#(request.typed.form["reason"])" autocomplete="off"\#(attributes)>"#
        }
    }

    private static func zone(_ request: ProvedRequest<OnTask>) -> HTML {
        "In \(request.company.timeInWords)."
    }

    /// Tomorrow at nine, as a field of the page holds it.
    private static func tomorrow(_ request: ProvedRequest<OnTask>) -> String {
        let today = request.company.today(now: request.now)
        return "\(CalendarDate(days: today.days + 1))T09:00"
    }

    private static func page(
        _ title: String, _ request: ProvedRequest<OnTask>, _ content: HTML, action: String, button: String
    ) -> Page {
        let subject = request.subject
        guard subject.task.state.isOpen else { return .elsewhere(subject.path) }
        return Page(
            title,
            """
            \(Elements.head("\(title)", back: [subject.list, Link(subject.path, subject.task.title)]))\
            <form class="card" method="post" action="\(subject.path)/\(action)" novalidate>\
            \(request.tags.hidden(version: subject.task.version))\(content)\
            <div class="dock row"><button class="primary">\(button)</button>\
            <a class="btn quiet" href="\(subject.path)">No, go back</a></div></form>
            """
        ).under(subject.position)
    }

    private static func rule(_ strategy: AssignmentStrategy) -> String {
        switch strategy {
        case .roundRobin: "Whose turn it is"
        case .pool: "Whoever claims it"
        case .shortestQueue: "Whoever has the shortest list"
        case .person, .requester, .each: "Choose somebody"
        }
    }

    /// The other workers who may have the task, by the rule that decides when it is given.
    private static func colleagues(
        _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession
    ) throws -> [WorkerLoad] {
        let task = request.task
        let others = try session.workers().filter { $0.kind == task.kind && $0.login != task.assignee }
        return try others.filter { try session.isEligible($0.login, for: task) }
    }
}
