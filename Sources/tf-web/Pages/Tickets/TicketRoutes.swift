import TFDefinition
import TFEngine
import TFStore

/// One ticket: its state, comments, changes and the end.
enum TicketRoutes {
    private static let page = "/c/{company}/tickets/{number}"
    private static let object = "/companies/{company}/tickets/{number}"

    static func add(to routes: inout RouteTable) {
        routes.page(page, .readTicket, on: .ticket, query: TicketPageQuery.self, TicketPage.make)
        routes.page("\(page)/workflow", .decideFault, on: .ticket, TicketPage.workflow)
        routes.read(
            object, .readTicket, on: .ticket,
            Operation("readTicket", "One ticket", answer: .object(TicketAnswer.answer))
        ) { request, session in .json(try TicketAnswer(request.subject, session)) }
        addDetails(to: &routes)
        addConversation(to: &routes)
        addEnds(to: &routes)
        addFaults(to: &routes)
    }

    // MARK: Details

    private static func addDetails(to routes: inout RouteTable) {
        routes.change(
            nil, .editTicket, on: .ticket, body: TicketEdit.self,
            api: .patch(
                object,
                Operation(
                    "changeTicket", "Change what it is called and how it is sorted in",
                    answer: .object(TicketAnswer.answer), failures: [409]))
        ) { request, body, session in
            if let original = body.original { try request.subject.demandOther(original, session) }
            try session.changeTicket(
                request.ticket.id, body.change(in: request.company), by: request.account, version: body.version,
                now: request.now)
            return done(request, session)
        }
        routes.page("\(page)/details", .editTicket, on: .ticket, TicketChangePages.details)
        routes.change("\(page)/details", .editTicket, on: .ticket, body: TicketDetails.self) { request, body, session in
            try edit(request, body.change(of: request.ticket, in: request.company), body.version, session)
        }
        routes.page("\(page)/duplicate", .editTicket, on: .ticket, TicketChangePages.duplicate)
        routes.change("\(page)/duplicate", .editTicket, on: .ticket, body: DuplicateLink.self) {
            request, body, session in
            let original = try body.original()
            if let original { try request.subject.demandOther(original, session) }
            var change = TicketChange()
            if original != request.ticket.duplicateOf { change.duplicateOf = .some(original) }
            let linked = try edit(request, change, body.version, session)
            guard body.cancels else { return linked }
            try request.subject.demand(.cancelTicket)
            // A link that was changed has been compared with the version, and counts as a new one.
            let version = change == TicketChange() ? body.version : nil
            try session.cancelTicket(request.ticket.id, version: version, by: request.account, now: request.now)
            return done(request, session, saying: "The ticket is cancelled.").moving(request.ticket.id)
        }
    }

    /// Makes a change from a page, unless nothing is other than it was.
    private static func edit(
        _ request: ProvedRequest<OnTicket>, _ change: TicketChange, _ version: Int?, _ session: CompanyWriteSession
    ) throws -> Done {
        guard change != TicketChange() else { return done(request, session, saying: "Nothing was other than before.") }
        try session.changeTicket(request.ticket.id, change, by: request.account, version: version, now: request.now)
        return done(request, session, saying: "The ticket is changed.")
    }

    // MARK: Conversation

    private static func addConversation(to routes: inout RouteTable) {
        routes.change(
            "\(page)/comments", .commentTicket, on: .ticket, body: SentComment.self,
            api: .post(
                "\(object)/comments",
                Operation(
                    "comment", "Add a comment", status: 201, answer: .object(Comment.answer), failures: [409])),
            files: { _, _ in FilesOfForm(attachments: ReplyForm.files) },
            checking: { request, body, _ in
                if body.isInternal, !request.typed.form.files.isEmpty {
                    throw Failure.invalid([FieldError(field: "file", message: SentFiles.notInNotes)])
                }
                let (ticket, version) = (request.ticket.id, request.isPage ? nil : body.version)
                return CompanyChange.addComment(
                    body.text, isInternal: body.isInternal, ticket: request.ticket, by: request.account,
                    now: request.now
                ).demanding { try $0.demand(version: version, ofTicket: ticket) }
            },
            { request, id, session in
                guard let comment = try session.comment(id: id) else { throw Failure.notFound }
                // If this is refused, the whole transaction is, and the comment is not stored.
                if comment.isInternal { try request.subject.demand(.readInternalNotes) }
                try attach(request, session)
                let told = try request.subject.tellMentioned(in: comment, session, now: request.now)
                let sentence = comment.isInternal ? "The note is added." : "The reply is sent."
                return .seen(
                    "\(request.subject.path)#comment-\(id)",
                    saying: told.map { "\(sentence) \($0)" } ?? sentence
                ).answering { .created(comment, at: "\(request.subject.operation)/comments/\(id)") }
            })
        routes.read(
            "\(object)/comments/{id}", .readTicket, on: .ticket,
            Operation("readComment", "One comment", answer: .object(Comment.answer))
        ) { request, session in
            let all = try session.comments(
                ticket: request.ticket.id, withInternal: request.subject.may(.readInternalNotes))
            guard let id = request.parts.number("id"), let comment = all.first(where: { $0.id == CommentID(id) })
            else { throw Failure.notFound }
            return .json(comment)
        }
        routes.change(
            "\(page)/attachments", .attachToTicket, on: .ticket, body: SentFiles.self,
            files: { _, _ in FilesOfForm(attachments: ReplyForm.files) },
            checking: { request, body, _ in
                guard !body.files.isEmpty else {
                    throw Failure.invalid([FieldError(field: "file", message: "Choose a file")])
                }
                return CompanyChange { _ in }
            },
            { request, _, session in
                try attach(request, session)
                let count = request.typed.form.files.count
                return .seen(request.subject.path, saying: count == 1 ? "The file is added." : "The files are added.")
            })
    }

    /// Adds the files of the form to the ticket.
    private static func attach(_ request: ProvedRequest<OnTicket>, _ session: CompanyWriteSession) throws {
        for file in request.typed.form.files {
            try session.attachUpload(AttachmentID(file), to: request.ticket, by: request.account, now: request.now)
        }
    }

    // MARK: Cancelling and reopening

    private static func addEnds(to routes: inout RouteTable) {
        routes.page("\(page)/cancellation", .cancelTicket, on: .ticket, TicketChangePages.cancellation)
        routes.change(
            "\(page)/cancellation", .cancelTicket, on: .ticket, body: TicketCancellation.self,
            api: operation("cancellation", "cancelTicket", "Cancel the ticket")
        ) { request, body, session in
            try session.cancelTicket(
                request.ticket.id, version: body.version, by: request.account, reason: body.reason, now: request.now)
            return try moved(request, session, saying: "The ticket is cancelled.")
        }
        routes.change(
            "\(page)/reopening", .reopenTicket, on: .ticket, body: VersionOnly.self,
            api: operation("reopening", "reopenTicket", "Start its workflow anew, within 14 days of its end")
        ) { request, body, session in
            try session.reopenTicket(request.ticket.id, by: request.account, version: body.version, now: request.now)
            return try moved(request, session, saying: "The ticket is open again.")
        }
    }

    // MARK: Workflow

    private static func addFaults(to routes: inout RouteTable) {
        routes.read(
            "\(object)/instances", .decideFault, on: .ticket, query: ListPage.self,
            Operation(
                "listInstances", "The workflow inside, and what it waits for", answer: .page(of: InstanceAnswer.answer))
        ) { request, query, session in
            let reader = try request.subject.reader(session)
            let page = try session.instances(
                ticket: request.ticket.id, after: try query.paging.afterID(), limit: query.paging.limit)
            return .page(
                page.instances.map { InstanceAnswer(instance: $0, reader: reader) },
                next: page.next.map { $0.description })
        }
        routes.change(
            "\(page)/retry", .decideFault, on: .ticket, body: VersionOnly.self,
            api: operation("retry", "retryStep", "Try the failed step again"),
            checking: { request, body, _ in decide(.retry, request, body.version) },
            { request, _, session in
                try moved(request, session, saying: "The step was tried once more; how it went stands here.")
            })
        routes.change(
            "\(page)/skip", .decideFault, on: .ticket, body: SkippedStep.self,
            api: operation("skip", "skipStep", "Go on as if the failed step had given this output"),
            checking: { request, body, _ in
                let output = request.isPage ? try WrittenOutput.json(body.output) : body.output ?? .null
                return decide(.skip(output: output), request, body.version)
            },
            { request, _, session in try moved(request, session, saying: "The step is skipped.") })
    }

    private static func decide(
        _ decision: FaultDecision, _ request: ProvedRequest<OnTicket>, _ version: Int?
    ) -> CompanyChange<Void> {
        .decide(
            decision, at: FaultedStep(ticket: request.ticket.id, version: version), by: request.account,
            now: request.now)
    }

    // MARK: Shared

    private static func operation(_ name: String, _ id: String, _ summary: String) -> SameOperation {
        .post("\(object)/\(name)", Operation(id, summary, answer: .object(TicketAnswer.answer), failures: [409]))
    }

    /// The outcome: a person sees the ticket's page again; a program gets the ticket as it is now.
    private static func done(
        _ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession, saying sentence: String? = nil
    ) -> Done {
        .seen(request.subject.path, saying: sentence).answering {
            .json(try TicketAnswer(request.subject.asItIsNow(session), session))
        }
    }
}

extension TicketRoutes {
    /// The outcome of a change after which the workflow goes on.
    private static func moved(
        _ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession, saying sentence: String
    ) throws -> Done {
        let done = done(request, session, saying: sentence).moving(request.ticket.id)
        guard !request.isPage else { return done }
        let subject = request.subject
        return try done.answering(afterStep: { session in
            let inside = subject.reading(session)
            return .json(try TicketAnswer(subject.asItIsNow(inside), inside))
        })
    }
}

extension TicketAnswer {
    /// What the visitor may see of a ticket.
    init(_ subject: OnTicket, _ session: CompanyReadSession) throws {
        let ticket = subject.ticket
        let all = try session.tasks(ticket: ticket.id)
        let tasks = subject.told(all)
        let reader = try subject.reader(session, tasks: all)
        let history = subject.told(try session.history(ticket: ticket.id), of: tasks)
        self.init(
            ticket: TicketRow(ticket), form: reader.answers.visible(ticket.form, ticket.fields), tasks: tasks,
            history: history.map { HistoryAnswer($0, reader) },
            comments: try session.comments(ticket: ticket.id, withInternal: subject.may(.readInternalNotes)),
            attachments: try session.attachments(ticket: ticket.id))
    }
}
