import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What a page of a dry run sends: each step carries everything given before, since the server stores nothing of a run.
struct DryRunStep: Sendable {
    /// The text that is shown in the workbench if it is not published: a workflow, or another text of its template.
    let draft: String?
    /// The template with which the text began.
    let template: WorkbenchTemplate?
    /// The revision from which the text was edited, to go back to it.
    private let base: String?
    /// The file that was chosen for it.
    private let path: String?
    /// The ticket type's name; nil if no ticket starts the workflow.
    let type: String?
    /// The validated answers of the ticket's form; nil in the first step.
    let input: JSON?
    /// The answers of the form as they were typed: the ticket's in the first step, then the task's.
    let typed: [String: [String]]
    /// What was answered so far, in order.
    private(set) var given: [DryRunAnswer]
    /// The task that is answered now, and its outcome; nil: none is.
    let choice: (task: String, outcome: String)?
    /// The simulated answers of servers and events, as typed.
    let source: String
    /// The clock that the first step started; nil: this is the first.
    private var started: SimulationClock?
    /// The clock of the typed script; nil: it names none.
    private let typedClock: SimulationClock?
    /// The tasks that were asked for when this was sent.
    private let asked: [DryRunQuestion]

    init(_ form: PostedForm) {
        draft = form["text"].flatMap { $0.isEmpty ? nil : $0 }
        base = form.text("base")
        template = WorkbenchTemplate(form)
        path = form.text("path")
        type = form["type"].flatMap { $0.isEmpty ? nil : $0 }
        // Our own hidden fields: a value that is not JSON was forged, and is ignored.
        input = form["input"].map { (try? JSON(parsing: $0)) ?? [:] }
        typed = form.answers
        source = form["source"] ?? ""
        started = form["now"].flatMap(SimulationClock.init)
        typedClock = Self.clock(typed: source)
        let list = { (name: String) in form[name].flatMap { try? JSON(parsing: $0) }?.arrayValue ?? [] }
        asked = list("open").map(DryRunQuestion.init)
        var given = list("given").compactMap(DryRunAnswer.init)
        if form["back"] != nil, !given.isEmpty { given.removeLast() }
        if form["pass"] != nil { for question in asked { given = Self.passing(question, given) } }
        self.given = given
        if form["back"] == nil, form["pass"] == nil, let task = form["task"], let outcome = form["outcome"] {
            choice = (task, outcome)
        } else {
            choice = nil
        }
    }

    /// A step that begins with a text that is not published.
    init(draft: DefinitionText) {
        self.draft = draft.source
        base = draft.version?.description
        template = draft.template
        path = draft.path
        (type, input, typed, given, choice, source, asked) = (nil, nil, [:], [], nil, "", [])
        (started, typedClock) = (nil, nil)
    }

    /// Lets time go by for a task, until the next thing happens without an answer.
    private static func passing(_ question: DryRunQuestion, _ given: [DryRunAnswer]) -> [DryRunAnswer] {
        guard let next = question.next else { return given }
        var given = given
        if question.hasWaited, let index = given.lastIndex(where: { $0.task == question.name }) {
            given.remove(at: index)
        }
        given.append(DryRunAnswer(task: question.name, outcome: nil, answers: [:], after: next))
        return given
    }

    private static func clock(typed source: String) -> SimulationClock? {
        YAMLNode.json(of: Array(source.utf8))?["now"].stringValue.flatMap(SimulationClock.init)
    }

    /// Starts the run's clock; one that goes already goes on, and so does that of the typed script.
    mutating func start(at clock: SimulationClock) {
        if started == nil { started = clock }
    }

    /// By which the forms' dates are checked, here and in the run.
    var clock: SimulationClock { typedClock ?? started ?? .usual }

    /// When a task is answered, in milliseconds since 1970.
    func moment(of task: String) -> Int64 {
        asked.first { $0.name == task }?.moment ?? clock.start
    }

    /// Adds the answer of the task that is answered now.
    mutating func add(_ task: String, _ outcome: String, _ answers: JSONObject) {
        var after: String?
        if let question = asked.first(where: { $0.name == task }), question.hasWaited {
            after = question.waited
            if let index = given.lastIndex(where: { $0.task == task }) { given.remove(at: index) }
        }
        given.append(DryRunAnswer(task: task, outcome: outcome, answers: answers, after: after))
    }

    /// The typed script, with the run's clock and what was answered on the pages added.
    var script: JSON {
        var script: JSONObject = [:]
        if let started { script["now"] = .string(started.text) }
        script.merge(YAMLNode.json(of: Array(source.utf8))?.objectValue ?? [:]) { _, typed in typed }
        var tasks = script["tasks"]?.objectValue ?? [:]
        for answer in given {
            tasks[answer.task] = .array((tasks[answer.task]?.arrayValue ?? []) + [answer.script])
        }
        if !tasks.isEmpty { script["tasks"] = .object(tasks) }
        return .object(script)
    }

    /// What is wrong with the typed script.
    var problems: [FieldError] {
        let (script, problems) = SimulationScript.parse(Array(source.utf8), file: "script")
        let errors = problems.filter { $0.severity == .error }.map {
            FieldError(field: "source", message: "Line \($0.position.line): \($0.sentence)")
        }
        // It names files, which in the shell are the person's own, and here would be this machine's.
        guard !script.workflows.isEmpty else { return errors }
        let ofFiles = FieldError(
            field: "source", message: "Leave out \"workflows\": the run finds the company's workflows by itself")
        return errors + [ofFiles]
    }

    /// The run anew, from the same text.
    var fromStart: DryRunStep {
        var form = PostedForm()
        for (name, value) in carried + [("source", source)] { form.append(name, value ?? "") }
        return DryRunStep(form)
    }

    /// The hidden fields that carry a text that is not published.
    var text: HTML {
        "\(carried.map(Self.hidden))"
    }

    private var carried: [(name: String, value: String?)] {
        [("text", draft), ("base", base), ("path", path)] + (template?.carried ?? [])
    }

    private static func hidden(_ name: String, _ value: String?) -> HTML {
        value.map { value -> HTML in #"<input type="hidden" name="\#(name)" value="\#(value)">"# } ?? .empty
    }

    /// The form that leads back to a text that is not published, to go on with it or to publish it.
    /// - Parameter isOver: whether nothing more is to be tried, so that it is the next thing to do.
    func backToText(of workflow: String, in company: Company, tags: FormTags, isOver: Bool = false) -> HTML {
        guard let draft else { return .empty }
        let list = "/c/\(company.slug)/definitions"
        let action = base == nil ? "\(list)/new" : "\(list)/workflow/\(workflow)/edit"
        return """
            <form method="post" action="\(action)">\(base.map { tags.hidden(version: $0) } ?? tags.hidden())\
            \((template?.carried ?? []).map(Self.hidden))\(Self.hidden("path", path))\(Self.hidden("source", draft))\
            <button class="\(isOver ? "primary" : "quiet") small" name="outcome" value="look">Back to the text</button></form>
            """
    }

    /// The hidden fields that carry the run to its next step.
    func hidden(input: JSON, tags: FormTags, asking questions: [DryRunQuestion] = []) -> HTML {
        "\(tags.hidden())\(run(input: input, asking: questions))"
    }

    /// The hidden fields of the run alone.
    func run(input: JSON, asking questions: [DryRunQuestion] = []) -> HTML {
        let open: HTML =
            questions.isEmpty
            ? .empty
            : #"<input type="hidden" name="open" value="\#(JSON.array(questions.map(\.json)).text)">"#
        return """
            \(text)<input type="hidden" name="type" value="\(type ?? "")">\
            <input type="hidden" name="input" value="\(input.text)">\
            \(Self.hidden("now", started?.text))\
            <input type="hidden" name="given" value="\(JSON.array(given.map(\.json)).text)">\
            <input type="hidden" name="source" value="\(source)">\(open)
            """
    }
}

/// An answer that was chosen on a page of a dry run.
struct DryRunAnswer: Sendable, Hashable {
    /// The task definition's name.
    let task: String
    /// nil: nobody answers until then.
    let outcome: String?
    let answers: JSONObject
    /// How long after the task was there; nil: at once.
    let after: String?

    init(task: String, outcome: String?, answers: JSONObject, after: String?) {
        self.task = task
        self.outcome = outcome
        self.answers = answers
        self.after = after
    }

    init?(_ json: JSON) {
        guard let task = json["task"].stringValue else { return nil }
        self.init(
            task: task, outcome: json["outcome"].stringValue, answers: json["answers"].objectValue ?? [:],
            after: json["after"].stringValue)
    }

    var json: JSON {
        [
            "task": .string(task), "outcome": .optional(outcome), "answers": .object(answers),
            "after": .optional(after),
        ]
    }

    /// As an answer of a script.
    var script: JSON {
        var members: JSONObject = [:]
        if let after { members["after"] = .string(after) }
        if let outcome {
            var output: JSONObject = ["outcome": .string(outcome)]
            output.merge(answers) { outcome, _ in outcome }
            members["output"] = .object(output)
        } else {
            members["unanswered"] = true
        }
        return .object(members)
    }
}

/// A task that a dry run asks for.
struct DryRunQuestion: Sendable, Hashable {
    /// The task definition's name.
    let name: String
    let title: String
    let description: String?
    let prefilled: JSONObject
    let role: String?
    let strategy: String
    /// When the task was there, as RFC 3339 has it.
    private let ready: String
    /// How long nobody has answered.
    let waited: String
    /// How long after the task was there the next thing happens without an answer; nil: nothing does.
    let next: String?

    init(_ json: JSON) {
        name = json["name"].displayText
        title = json["title"].displayText
        description = json["description"].stringValue
        prefilled = json["prefilled"].objectValue ?? [:]
        role = json["role"].stringValue
        strategy = json["strategy"].displayText
        ready = json["ready"].displayText
        waited = json["waited"].stringValue ?? "PT0S"
        next = json["next"].stringValue
    }

    var hasWaited: Bool { (TimeSpan(waited)?.seconds ?? 0) > 0 }

    /// When it is answered if it is answered now, in milliseconds since 1970; nil: it does not say.
    var moment: Int64? {
        ISODate.seconds(ready, offset: { _ in 0 }).map { Int64($0 * 1000) + (TimeSpan(waited)?.milliseconds ?? 0) }
    }

    /// How long it is until the next thing happens, in words.
    var pause: String? {
        guard let next = next.flatMap(TimeSpan.init), let waited = TimeSpan(waited),
            let rest = TimeSpan(seconds: next.seconds - waited.seconds)
        else { return nil }
        return rest.words
    }

    /// What the next step has to know of it.
    var json: JSON {
        ["name": .string(name), "ready": .string(ready), "waited": .string(waited), "next": .optional(next)]
    }
}
