import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What the people of the demo do.
extension DemoLife {
    func submit(_ told: DemoTicket, _ company: CompanyStore, now: Int64) async throws -> Int {
        let requester = try account(told.requester, told)
        var answers = told.answers
        for (field, days) in told.dates { answers[field] = .string(calendar.date(inDays: days)) }
        for (field, name) in told.files {
            answers[field] = [.id(try await upload(name, by: requester, company, now: now))]
        }
        return try await company.submitTicket(
            TicketSubmission(type: told.type, requester: requester, title: told.title, answers: answers), now: now)
    }

    mutating func perform(
        _ act: DemoAct, on ticket: Ticket, _ told: DemoTicket, _ company: CompanyStore, now: Int64
    ) async throws {
        switch act {
        case .start, .draft, .hold, .claim, .release, .give, .work:
            try await perform(act, onTaskOf: ticket, told, company, now: now)
        case .say(let login, let text):
            _ = try await company.addComment(
                text, isInternal: false, ticket: ticket, by: account(login, told), now: now)
        case .note(let login, let text):
            _ = try await company.addComment(
                text, isInternal: true, ticket: ticket, by: account(login, told), now: now)
        case .attach(let login, let file):
            let person = try account(login, told)
            let id = try await upload(file, by: person, company, now: now)
            try await company.write { try $0.attachUpload(id, to: ticket, by: person, now: now) }
        case .label(let login, let labels):
            try await change(ticket, by: account(login, told), company, now: now) { $0.labels = labels }
        case .prioritize(let login, let priority):
            try await change(ticket, by: account(login, told), company, now: now) { $0.priority = priority }
        case .link(let login, let title):
            let original = try await company.read { db in
                try (1..<ticket.number).first { try db.ticket(number: $0)?.title == title }
            }
            guard let original else { throw impossible(told, "there is no ticket \"\(title)\" before it") }
            try await change(ticket, by: account(login, told), company, now: now) { $0.duplicateOf = original }
        case .cancel(let login):
            let person = try account(login, told)
            try await company.write { try $0.cancelTicket(ticket.id, version: nil, by: person, now: now) }
        case .reopen(let login):
            let person = try account(login, told)
            try await company.write { try $0.reopenTicket(ticket.id, by: person, version: nil, now: now) }
        }
    }

    private func change(
        _ ticket: Ticket, by account: Account, _ company: CompanyStore, now: Int64,
        _ edit: (inout TicketChange) -> Void
    ) async throws {
        var change = TicketChange()
        edit(&change)
        try await company.write { [change] in
            try $0.changeTicket(ticket.id, change, by: account, version: nil, now: now)
        }
    }

    // MARK: Tasks

    private mutating func perform(
        _ act: DemoAct, onTaskOf ticket: Ticket, _ told: DemoTicket, _ company: CompanyStore, now: Int64
    ) async throws {
        switch act {
        case .claim(let login, let name):
            let person = try account(login, told)
            let task = try await task(of: ticket, told, on: name, isFree: true)
            try await company.write { try $0.claimTask(task.id, by: person, version: nil, now: now) }
        case .start(let name, let login):
            let task = try await task(of: ticket, told, on: name, by: login)
            let holder = try account(task.assignee ?? "", told)
            try await company.write { try $0.startTask(task.id, by: holder, version: nil, now: now) }
        case .draft(let answers):
            let task = try await task(of: ticket, told)
            try await company.saveDraft(
                task.id, answers, by: account(task.assignee ?? "", told), version: nil, now: now)
        case .hold(let length, let reason):
            let task = try await task(of: ticket, told)
            let move = TaskMove(
                by: try account(task.assignee ?? "", told), onlyOwn: true, reason: reason, version: nil)
            let end = now + Int64(hours(length)) * 60_000
            try await company.write { try $0.holdTask(task.id, until: end, move, now: now) }
            daemon.wake(at: end)
        case .release(let reason):
            let task = try await task(of: ticket, told)
            let move = TaskMove(
                by: try account(task.assignee ?? "", told), onlyOwn: true, reason: reason, version: nil)
            try await company.write { try $0.releaseTask(task.id, move, now: now) }
        case .give(let recipient, let login, let reason):
            let task = try await task(of: ticket, told)
            let move = TaskMove(by: try account(login, told), onlyOwn: false, reason: reason, version: nil)
            try await company.write { try $0.reassignTask(task.id, .to(recipient), move, now: now) }
        case .work, .say, .note, .attach, .label, .prioritize, .link, .cancel, .reopen: break
        }
    }

    func complete(
        _ task: TaskRecord, of ticket: Ticket, _ outcome: String, _ answers: JSONObject, _ company: CompanyStore,
        now: Int64
    ) async throws {
        guard let holder = people[task.assignee ?? ""] else { return }
        var answers = answers
        if try await company.read({ try $0.taskForm(task) }).form.replacesTicketAnswers {
            answers.merge(ticket.form.objectValue ?? [:]) { amended, _ in amended }
        }
        try await company.completeTask(
            Completion(task: task.id, by: holder, outcome: outcome, answers: answers, version: nil), now: now)
    }

    /// The open task that something is done about: one that somebody has, or one that nobody has.
    func task(
        of ticket: Ticket, _ told: DemoTicket, on name: String? = nil, by login: String? = nil, isFree: Bool = false
    ) async throws -> TaskRecord {
        let task = try await store.read(in: ticket.companyID) { try $0.tasks(ticket: ticket.id) }.first {
            $0.state.isOpen && ($0.assignee == nil) == isFree && (name == nil || $0.name == name)
                && (login == nil || $0.assignee == login)
        }
        guard let task else { throw impossible(told, "no task \(name ?? "") is open for \(login ?? "anybody")") }
        return task
    }

    private func upload(
        _ name: String, by account: Account, _ company: CompanyStore, now: Int64
    ) async throws -> AttachmentID {
        var file = try await FileSink(in: company, now: now)
        try await file.write(DemoFile.pdf(name))
        try await file.finish()
        let upload = FormUpload(id: file.id, name: name, mediaType: "application/pdf", size: file.size)
        try await company.write { try $0.addUpload(upload, by: account.id, now: now) }
        return file.id
    }

    private func account(_ login: String, _ told: DemoTicket) throws -> Account {
        guard let account = people[login] else { throw impossible(told, "there is nobody \"\(login)\"") }
        return account
    }
}
