import TFDefinition
import TFExpression
import TFStore

/// The page with a ticket type's form.
enum TicketFormPage {
    /// The name of the field for whom a ticket admin submits.
    static let requester = "requester"

    @Sendable static func make(
        _ request: ProvedRequest<OnTicketType>, _ session: CompanyReadSession
    ) throws -> Page {
        let (subject, type, typed) = (request.subject, request.type, request.typed)
        let answers = answers(request)
        let surroundings = try FormSurroundings(
            of: type.form, answers, in: request.company, for: request.account, session, now: request.now)
        let fields = FormFields(form: type.form, answers: answers, errors: typed.errors, surroundings: surroundings)
        let tags = request.tags.hidden(version: Int(subject.revision.rawValue), isSameSubmission: !typed.isFirst)
        let company = "/c/\(request.company.slug)"
        let form = FormTag(fields: fields, action: subject.path, validation: "\(subject.path)/validation").html(
            """
            \(tags)<p class="soft">\(type.description)</p>\(requesterField(request))\(titleField(request))\(fields.html)\
            <p class="dock row"><button class="primary">Submit ticket</button>\
            <a class="btn quiet" href="\(company)/tickets/new">Cancel</a></p>
            """)
        return Page(
            type.title,
            """
            \(when(typed.isFormChanged, changed(type.form, typed.form)))\
            \(Elements.head("\(type.title)", back: [Link("\(company)/tickets/new", "New ticket")]))\
            <div class="cols">\(form)\(try aside(type, session))</div>
            """
        ).under(.newTicket)
    }

    /// What happens to the ticket, and who does it.
    private static func aside(_ type: TicketDefinition, _ session: CompanyReadSession) throws -> HTML {
        guard let course = try session.course(of: type) else { return .empty }
        let list = CourseList(
            course: course, steps: course.graph.mainPath(from: ["start"]), requester: "you",
            roles: try session.roleLabels())
        let due: HTML = type.due.map { span in ", mostly within \(Times.length(span.milliseconds))" } ?? .empty
        return """
            <aside class="card" aria-labelledby="then"><header><h2 id="then">What happens then</h2></header>\
            \(list.html(end: "\(course.ending(from: ["start"]))\(due), and you get a message"))</aside>
            """
    }

    /// The typed values that the form has fields for; on first showing, the definition's initial values.
    private static func answers(_ request: ProvedRequest<OnTicketType>) -> JSONObject {
        let form = request.type.form
        guard request.typed.isFirst else { return form.answers(posted: request.typed.form.answers) }
        let me = request.account.login
        return form.initialAnswers(request.company.formContext(now: request.now, me: me, requester: me))
    }

    /// Where a ticket admin says for whom they submit. It is typed: a list of all people would cost each page of a form.
    private static func requesterField(_ request: ProvedRequest<OnTicketType>) -> HTML {
        guard request.access.maySubmitForOthers else { return .empty }
        let typed = request.typed.form[requester]
        return Elements.field(
            requester, label: "Requester", hint: "A user name. Leave empty for yourself.", isOptional: true,
            errors: request.typed.errors
        ) { attributes in
            #"<input name="\#(requester)" value="\#(typed)" autocomplete="off" autocapitalize="none"\#(attributes)>"#
        }
    }

    private static func titleField(_ request: ProvedRequest<OnTicketType>) -> HTML {
        guard request.type.asksTitle else { return .empty }
        let offered = request.typed.isFirst ? request.type.ticketTitle?.source : request.typed.form["title"]
        return Elements.field("title", label: "Title", errors: request.typed.errors) { attributes in
            #"<input type="text" class="wide" name="title" value="\#(offered)" autocomplete="off"\#(attributes)>"#
        }
    }

    /// Says that the form has changed, and shows the typed values that no field takes any more.
    private static func changed(_ form: Form, _ posted: PostedForm) -> HTML {
        let homeless = posted.answers.filter { id, values in
            form.field(id) == nil && !id.hasSuffix(".other") && values.contains { !$0.isEmpty }
        }
        let rows = homeless.sorted { $0.key < $1.key }.map { id, values -> (String, HTML) in
            (ReadableName.title(id), "\(values.joined(separator: ", "))")
        }
        return """
            <div class="banner fail" tabindex="-1" autofocus><div role="alert"><h2>This form was changed while you filled it in</h2>\
            <p>Nothing was sent. Your answers are below; check them, then submit again.</p>\
            \(when(!rows.isEmpty, "<p>These have no place in it any more:</p>\(Elements.facts(rows))"))</div></div>
            """
    }
}
