import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A new ticket from the page of its type.
struct FilledTicketForm: RequestFields {
    let title: String?
    let form: GivenAnswers
    /// The login of whom a ticket admin submits it for; nil: of themselves.
    private let requester: String?
    /// The revision whose form was filled in.
    private let revision: RevisionID?

    init(_ fields: inout FieldReader) {
        title = fields.onPage("title", .text)
        form = fields.answers("form", "The answers by the fields' ids.")
        requester = fields.onPage(TicketFormPage.requester, .text)
        revision = fields.onPage("version", .id)
    }

    /// - Throws: `Failure.invalid` for a requester who cannot have tickets here.
    func submission(
        _ request: ProvedRequest<OnTicketType>, _ session: CompanyReadSession
    ) throws -> TicketSubmission {
        TicketSubmission(
            type: request.type.name, requester: try request.access.requester(requester, session),
            by: request.account, title: request.type.asksTitle ? title : nil,
            answers: form.answers(of: request.type.form), revision: revision)
    }
}

/// A new ticket from a program.
struct SentTicket: RequestFields {
    private let type: String
    private let title: String?
    private let form: GivenAnswers
    private let requester: String?

    init(_ fields: inout FieldReader) {
        type = fields.required("type", .slug)
        title = fields.optional(
            "title", .text(0, .title),
            "Where the type asks for one (`asks_title`); one that is computed cannot be sent.")
        form = fields.answers("form", "The answers by the fields' ids; the type's `form` describes them.")
        requester = fields.optional(
            "requester", .login, "For whom a ticket admin submits it: a person who has the role `user` there.")
    }

    /// - Throws: `Failure.invalid` for a type that the visitor may not submit, as for one that does not exist; and for a
    ///   title that nobody would see.
    func submission(_ access: InCompany, _ session: CompanyReadSession) throws -> TicketSubmission {
        guard let offered = try session.ticketType(type)?.definition, access.actor.maySubmit(offered) else {
            let names = try access.submittableTypes(session).map(\.name)
            let nearest = nearestName(to: type, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            throw Failure.invalid([FieldError(field: "type", message: "There is no ticket type \"\(type)\"\(nearest)")])
        }
        guard offered.asksTitle || title?.isEmpty != false else {
            throw Failure.invalid([
                FieldError(field: "title", message: "The title of this type is computed from its answers: leave it out")
            ])
        }
        return TicketSubmission(
            type: type, requester: try access.requester(requester, session), by: access.account, title: title,
            answers: form.answers(of: offered.form))
    }
}
