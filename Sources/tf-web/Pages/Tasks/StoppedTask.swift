import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A task at whose step the workflow stopped, for those who decide how it goes on: once more, or as if it had ended with
/// what they fill in.
struct StoppedTask {
    let on: OnTask
    let outcomes: [Outcome]
    /// The task's own form; nil if it has none, or one with files.
    let fields: FormFields?
    /// Whether the output is written as JSON: of programs, and in place of a form with files.
    let isWritten: Bool
    let typed: TypedInput
    let tags: FormTags

    var html: HTML {
        """
        \(Elements.banner(.fail, "The workflow stopped at this task", actions: retry))\
        <details class=card\(when(!typed.errors.isEmpty, " open"))><summary>Skip the step</summary>\
        <form class="stack" id="skip" method="post" action="\(on.path)/skip" novalidate>\(tags.hidden())\
        <p>The workflow goes on as if the task had ended with this:</p>\(fields?.html)\(when(isWritten, json))\
        \(when(outcomes.count > 1, outcome))<p class="field"><button>Skip the step</button></p></form></details>
        """
    }

    private var retry: HTML {
        """
        <form method="post" action="\(on.path)/retry">\(tags.hidden())\
        <button class="small">Try the step again</button></form>
        """
    }

    /// Nothing is chosen at first: what the workflow does next depends on it.
    private var outcome: HTML {
        let chosen = typed.form["outcome"]
        let options = outcomes.map { outcome -> HTML in
            """
            <option value="\(outcome.value)"\(when(outcome.value == chosen, " selected"))>\(outcome.label)</option>
            """
        }
        return Elements.field("outcome", label: "How it ended", errors: typed.errors) { attributes in
            "<select name=\"outcome\"\(attributes)><option value=\"\">Choose an outcome</option>\(options)</select>"
        }
    }

    private var json: HTML {
        Elements.field("output", label: "Its output instead, as JSON", hint: WrittenOutput.hint, errors: typed.errors) {
            attributes in
            "<textarea name=\"output\" rows=\"4\"\(attributes)>\n\(typed.form["output"])</textarea>"
        }
    }
}

/// The output that a step is given in place of what its task would have given.
struct SkippedTask: RequestFields {
    static let isAlwaysSent = true

    private let output: JSON?
    private let form: GivenAnswers
    private let outcome: String?
    let version: Int?

    init(_ fields: inout FieldReader) {
        output = fields.optional(
            "output", .any,
            "Alone it is taken as given, with the outcome that it names; `outcome` with it only for a task without a form."
        )
        form = fields.answers("form", "In place of `output`, with `outcome`: the answers by the fields' ids.")
        outcome = fields.optional(
            "outcome", .text(1, .outcome), "How the task would have ended; needed if it can end in several ways.")
        version = fields.version(isOnForms: false)
    }

    /// What later steps read: the answers as they would be after a completion, or the output as a program gave it.
    /// - Throws: `Failure.invalid` if no outcome of several is chosen, for answers that the form refuses, and for a text
    ///   of a page that is no JSON.
    func output(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> JSON {
        let hasAnswers = !self.form.answers(of: nil).isEmpty
        if !request.isPage, let output, outcome == nil, !hasAnswers { return output }
        let task = request.task
        let (definition, form) = try session.taskForm(task)
        if !request.isPage, output != nil, hasAnswers || form.form != nil { throw Self.givenTwice }
        let end = try end(among: definition.outcomes)
        var result: JSONObject
        if request.isPage ? StoppedTask.isWritten(task, form.form) : output != nil && form.form == nil {
            result = try WrittenOutput.object(request.isPage ? WrittenOutput.json(output) : output)
        } else {
            result = try answers(form.form, end, request, session)
        }
        result["outcome"] = end.map { .string($0.value) }
        // A program's result names nobody.
        guard task.kind == .person else { return .object(result) }
        result["by"] = .string(request.account.login)
        result["at"] = .string(Moment.iso8601(request.now))
        guard task.strategy == .each else { return .object(result) }
        // The end of a round holds what everybody answered.
        return .object(["outcome": result["outcome"] ?? .null, "answers": [.object(result)]])
    }

    private static let givenTwice = Failure.invalid([
        FieldError(field: "output", message: "Send the output alone, or the outcome and the answers without it")
    ])

    /// What the task would have ended with; nil: its definition names no outcomes.
    private func end(among outcomes: [Outcome]) throws -> Outcome? {
        if outcome == nil, outcomes.count < 2 { return outcomes.first }
        if let end = outcomes.first(where: { $0.value == outcome }) { return end }
        let names = outcomes.map(\.value).joined(separator: ", ")
        let message = outcome == nil ? "Say how the task would have ended: \(names)" : "Choose an outcome: \(names)"
        throw Failure.invalid([FieldError(field: "outcome", message: message)])
    }

    private func answers(
        _ form: Form?, _ end: Outcome?, _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession
    ) throws -> JSONObject {
        guard let form else { return [:] }
        var answers = self.form.answers(of: form)
        for id in try request.subject.unseenFields(session) { answers[id] = request.ticket.form.objectValue?[id] }
        let filler = FormFiller(giver: request.account.id, task: request.task, outcome: end?.value)
        let checked = try session.check(form, answers, filler, now: request.now)
        guard checked.errors.isEmpty || end?.validates == false else { throw Failure.invalid(checked.errors) }
        return checked.answers
    }
}

extension StoppedTask {
    /// Whether what a skipped task would have given is written as JSON.
    static func isWritten(_ task: TaskRecord, _ form: Form?) -> Bool {
        task.kind == .service || form?.uploads.isEmpty == false
    }
}
