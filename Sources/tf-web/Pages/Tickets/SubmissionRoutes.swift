import TFDefinition
import TFEngine
import TFStore

/// The ticket types that may be submitted, and their submission.
enum SubmissionRoutes {
    private static let form = "/c/{company}/tickets/new/{type}"

    static func add(to routes: inout RouteTable) {
        addTypes(to: &routes)
        addForm(to: &routes)
        addOperation(to: &routes)
    }

    private static func addForm(to routes: inout RouteTable) {
        routes.page(form, .submitTicket, on: .ticketType, TicketFormPage.make)
        routes.change(
            form, .submitTicket, on: .ticketType, body: FilledTicketForm.self,
            files: { request, _ in FilesOfForm(form: request.type.form) },
            checking: { request, body, session in
                .submit(try body.submission(request, session), now: request.now)
            },
            { request, ticket, _ in
                try request.access.demandSubmission(of: ticket)
                let (tickets, told) = ("/c/\(request.company.slug)/tickets", "Ticket #\(ticket.number) is submitted.")
                guard request.access.mayRead(ticket) else {
                    return .seen("\(tickets)/new", saying: "\(told) Tickets of its type are not shown to you.")
                        .moving(ticket.id)
                }
                return .seen("\(tickets)/\(ticket.number)", saying: "\(told) This page shows where it is.")
                    .moving(ticket.id)
            })
        routes.question("\(form)/validation", .submitTicket, on: .ticketType, body: FilledTicketForm.self) {
            request, body, session in
            let form = request.type.form
            return FormCheck.reply(
                try session.check(
                    form, body.form.answers(of: form), FormFiller(giver: request.account.id), now: request.now),
                [request.type.checkedTitle(body.title).error].compactMap { $0 })
        }
    }

    private static func addOperation(to routes: inout RouteTable) {
        routes.change(
            nil, .submitTicket, on: .company, body: SentTicket.self,
            api: .post(
                "/companies/{company}/tickets",
                Operation(
                    "submitTicket", "Submit a ticket", status: 201, answer: .object(TicketAnswer.answer),
                    note: "Without a body if the ticket is none that you may see, or cannot be read just then.",
                    failures: [409])),
            checking: { request, body, session in
                .submit(try body.submission(request.subject, session), now: request.now)
            },
            { request, ticket, _ in
                try request.subject.demandSubmission(of: ticket)
                let (access, address) = (
                    request.subject, "/api/v1/companies/\(request.company.slug)/tickets/\(ticket.number)"
                )
                let told = Reply(status: .created, headers: [.location: address])
                // It is the requester's by now, and may be none of those that whoever sent it for them sees.
                guard access.mayRead(ticket) else { return .answered { told }.moving(ticket.id) }
                return .shown(or: told) { session in
                    let inside = access.reading(session)
                    guard let record = try inside.ticket(id: ticket.id) else { throw Failure.notFound }
                    return .created(try TicketAnswer(try OnTicket(record, access, inside), inside), at: address)
                }.moving(ticket.id)
            })
    }

    private static func addTypes(to routes: inout RouteTable) {
        routes.page(
            "/c/{company}/tickets/new", .submitTicket, on: .company, navigation: .at(.newTicket, "New ticket")
        ) { request, session in
            Catalogue(types: try request.subject.submittableTypes(session), company: request.company).page
        }
        let types = "/companies/{company}/ticket-types"
        routes.read(
            types, .listDefinitionNames, on: .company, query: ListPage.self,
            Operation(
                "listTicketTypes", "The ticket types that are in force", answer: .page(of: TicketDefinition.answer))
        ) { _, query, session in .page(try session.ticketTypes(), query.paging, by: \.name) }
        routes.read(
            "\(types)/{name}", .listDefinitionNames, on: .ticketType,
            Operation(
                "readTicketType", "One type, with its form's JSON Schema", answer: .object(TicketDefinition.answer))
        ) { request, _ in .json(request.type) }
    }
}
