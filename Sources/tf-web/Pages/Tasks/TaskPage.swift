import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The page of one task.
enum TaskPage {
    @Sendable static func make(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> Page {
        let subject = request.subject
        let (definition, form) = try session.taskForm(subject.task)
        let answers = answers(request, form)
        var fields: FormFields?
        if let shown = form.form, subject.may(.workTask) {
            let surroundings = try FormSurroundings(
                of: shown, answers, in: request.company, for: request.account, task: subject.task,
                unseen: try subject.unseenFields(session), session, now: request.now)
            fields = FormFields(
                form: shown, answers: answers, errors: request.typed.errors, surroundings: surroundings)
        }
        let view = TaskView(
            on: subject, definition: definition, fields: fields,
            earlier: subject.told(try session.tasks(ticket: subject.ticket.id)),
            workers: subject.may(.handOverTask) ? try session.workers() : [],
            errors: request.typed.errors, tags: request.tags, isSentAgain: !request.typed.isFirst, now: request.now)
        return Page(subject.task.title, view.html)
    }

    /// A page that asks for confirmation; hidden fields carry what was typed.
    static func question(_ outcome: Outcome, _ request: ProvedRequest<OnTask>) -> Page {
        let fields = request.typed.form.fields.map { field -> HTML in
            #"<input type="hidden" name="\#(field.name)" value="\#(field.value)">"#
        }
        let path = request.subject.path
        return Page(
            outcome.label,
            """
            <h1>\(outcome.confirm)</h1><p>“\(outcome.label)” for \(request.task.title)</p>\
            <form method="post" action="\(path)/completion">\(fields)\
            <input type="hidden" name="confirmed" value="true"><div class="buttons">\
            <button class="danger">\(outcome.label)</button>\
            <a class="button second" href="\(path)">No, go back</a></div></form>
            """)
    }

    /// The form's values: what was typed, else a draft, the ticket's own answers, or the definition's initial values.
    private static func answers(_ request: ProvedRequest<OnTask>, _ form: TaskForm) -> JSONObject {
        if !request.typed.form.answers.isEmpty {
            return form.form?.answers(posted: request.typed.form.answers) ?? [:]
        }
        if let draft = request.task.draft, var answers = draft["answers"].objectValue {
            // Another person's draft shows only answers that the finished task will show to this visitor too.
            let giver = draft["by"].intValue.map { AccountID($0) }
            for id in request.subject.unseen(in: form.form, giver: giver) { answers[id] = nil }
            return answers
        }
        if form.replacesTicketAnswers { return request.ticket.form.objectValue ?? [:] }
        let context = request.company.formContext(
            now: request.now, me: request.account.login, requester: request.ticket.requester)
        return form.form?.initialAnswers(context, prefilled: request.task.prefilled.objectValue ?? [:]) ?? [:]
    }
}
