import TFExpression

/// What is stored of an instance: JSON, without the members that are nil or empty.
///
/// Written and read member by member: an instance is read and written at each of its steps, and Foundation's coders took
/// half of the engine's time.
extension InstanceState {
    /// The members, at any level, that hold values of people and programs. Everything else is the engine's own.
    package static let valueMembers: Set<String> = [
        "input", "context", "tasks", "output", "data", "variables", "elements", "outputs", "events", "queue",
        "correlations",
    ]

    /// Values of people and programs have at most `JSON.maximumDepth` levels, and lie some levels deep in the state.
    package static let depth = JSON.maximumDepth + 16

    /// - Throws: `UnreadableState` or `JSONSyntaxError` for a text that `text` does not make.
    package init(text: String) throws {
        try self.init(StoredMembers(JSON(parsing: text, depth: Self.depth), "state"))
    }

    package var text: String { json.text }

    private init(_ stored: StoredMembers) throws {
        guard let status = Status(rawValue: try stored.text("status")) else {
            throw UnreadableState(member: "status", value: stored["status"])
        }
        self.status = status
        input = stored["input"]
        startedAt = try stored.moment("startedAt")
        context = stored["context"]
        tasks = try stored.object("tasks")
        visits = try stored.object("visits").reduce(into: [:]) {
            $0[$1.key] = try StoredMembers.number($1.value, $1.key)
        }
        branches = try stored.inners("branches", Branch.init)
        nextBranch = try stored.number("nextBranch")
        output = stored["output"]
        error = try stored.inner("error", WorkflowError.init)
        deadline = try stored.momentIfAny("deadline")
        steps = try stored.number("steps")
        let row = try StoredMembers(stored["row"], "row")
        self.row = StepRow(steps: try row.number("steps"), since: try row.moment("since"))
        spawned = try stored.number("spawned")
        ticketStatus = stored["ticketStatus"].stringValue
        shownStatus = stored["shownStatus"].stringValue
        consumed = try stored.object("consumed").reduce(into: [:]) { consumed, listener in
            consumed[listener.key] = listener.value.arrayValue?.compactMap(\.stringValue)
        }
        isYielding = stored["isYielding"] == true
    }

    private var json: JSON {
        .stored(
            ("status", .string(status.rawValue)), ("input", input.unlessNull), ("startedAt", .int(startedAt)),
            ("context", context.unlessNull), ("tasks", JSON.object(tasks).unlessEmpty),
            ("visits", Self.sorted(visits, JSON.int).unlessEmpty),
            ("branches", JSON.array(branches.map(\.json)).unlessEmpty), ("nextBranch", .int(nextBranch)),
            ("output", output.unlessNull), ("error", error?.json), ("deadline", deadline.map(JSON.int)),
            ("steps", .int(steps)),
            ("row", .stored(("steps", .int(row.steps)), ("since", .int(row.since)))), ("spawned", .int(spawned)),
            ("ticketStatus", ticketStatus.map(JSON.string)),
            ("shownStatus", shownStatus.map(JSON.string)),
            ("consumed", Self.sorted(consumed, JSON.strings).unlessEmpty),
            ("isYielding", isYielding ? true : nil))
    }

    /// The same state gives the same text.
    private static func sorted<Value>(_ values: [String: Value], _ json: (Value) -> JSON) -> JSON {
        .object(values.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[$1.key] = json($1.value) })
    }
}

extension WorkflowError {
    fileprivate init(_ stored: StoredMembers) throws(UnreadableState) {
        self.init(
            type: try stored.text("type"), status: try stored.number("status"), title: try stored.text("title"),
            detail: stored["detail"].stringValue, instance: try stored.text("instance"))
    }
}

extension Branch {
    fileprivate init(_ stored: StoredMembers) throws {
        id = try stored.number("id")
        parent = try stored.inner("parent") { stored in
            Parent(branch: try stored.number("branch"), number: try stored.number("number"))
        }
        frames = try stored.inners("frames", Frame.init)
        wait = try stored.inner("wait", Wait.init)
    }

    fileprivate var json: JSON {
        let parent = parent.map { JSON.stored(("branch", .int($0.branch)), ("number", .int($0.number))) }
        return .stored(
            ("id", .int(id)), ("parent", parent), ("frames", JSON.array(frames.map(\.json)).unlessEmpty),
            ("wait", wait?.json))
    }
}

// MARK: Frames

extension Frame {
    fileprivate init(_ stored: StoredMembers) throws {
        list = try stored.text("list")
        told = stored["told"].stringValue ?? list
        index = try stored.number("index")
        laps = stored["laps"] == .null ? 0 : try stored.number("laps")
        data = stored["data"]
        kind = try stored.inner("kind", Kind.init) ?? .list
        variables = try stored.object("variables")
        owner = try stored.inner("owner") { stored in
            Owner(
                input: stored["input"], startedAt: try stored.moment("startedAt"),
                deadline: try stored.momentIfAny("deadline"))
        }
        attemptDeadline = try stored.momentIfAny("attemptDeadline")
    }

    fileprivate var json: JSON {
        let owner = owner.map { owner in
            JSON.stored(
                ("input", owner.input.unlessNull), ("startedAt", .int(owner.startedAt)),
                ("deadline", owner.deadline.map(JSON.int)))
        }
        return .stored(
            ("list", .string(list)), ("told", told == list ? nil : JSON.string(told)), ("index", .int(index)),
            ("laps", laps == 0 ? nil : .int(laps)),
            ("data", data.unlessNull), ("kind", kind.json),
            ("variables", JSON.object(variables).unlessEmpty), ("owner", owner),
            ("attemptDeadline", attemptDeadline.map(JSON.int)))
    }
}

extension Frame.Kind {
    fileprivate init(_ stored: StoredMembers) throws {
        self =
            switch try stored.text("is") {
            case "branch": .branch
            case "loop":
                .loop(
                    elements: try stored.list("elements") { $0 }, round: try stored.number("round"),
                    row: try stored.number("row"))
            case "attempt": .attempt(retries: try stored.number("retries"), since: try stored.moment("since"))
            case "handler": .handler
            case "listen": .listen(try Listener(stored))
            case "round": .round
            case "function": .function
            case let word: throw UnreadableState(member: "kind", value: .string(word))
            }
    }

    /// nil for a plain list.
    fileprivate var json: JSON? {
        switch self {
        case .list: nil
        case .branch: .stored(("is", "branch"))
        case .loop(let elements, let round, let row):
            .stored(("is", "loop"), ("elements", .array(elements)), ("round", .int(round)), ("row", .int(row)))
        case .attempt(let retries, let since):
            .stored(("is", "attempt"), ("retries", .int(retries)), ("since", .int(since)))
        case .handler: .stored(("is", "handler"))
        case .listen(let listener): listener.json
        case .round: .stored(("is", "round"))
        case .function: .stored(("is", "function"))
        }
    }
}

extension Listener {
    fileprivate init(_ stored: StoredMembers) throws {
        events = try stored.list("events") { $0 }
        met = try stored.numbers("met")
        ended = try stored.numbers("ended")
        queue = try stored.list("queue") { $0 }
        outputs = try stored.list("outputs") { $0 }
        isComplete = stored["isComplete"] == true
        correlations = try stored.object("correlations").reduce(into: [:]) { $0[$1.key] = $1.value }
    }

    fileprivate var json: JSON {
        let correlations = correlations.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = $1.value }
        return .stored(
            ("is", "listen"), ("events", JSON.array(events).unlessEmpty),
            ("met", JSON.array(met.map(JSON.int)).unlessEmpty), ("ended", JSON.array(ended.map(JSON.int)).unlessEmpty),
            ("queue", JSON.array(queue).unlessEmpty), ("outputs", JSON.array(outputs).unlessEmpty),
            ("isComplete", isComplete ? true : nil), ("correlations", JSON.object(correlations).unlessEmpty))
    }
}

// MARK: Waits

extension Wait {
    fileprivate init(_ stored: StoredMembers) throws {
        pending = Pending(
            reference: try stored.text("reference"), visit: try stored.number("visit"), input: stored["input"],
            startedAt: try stored.moment("startedAt"), deadline: try stored.momentIfAny("deadline"))
        kind = try Kind(stored)
    }

    fileprivate var json: JSON {
        let (word, value) = kind.stored
        return .stored(
            ("reference", .string(pending.reference)), ("visit", .int(pending.visit)),
            ("input", pending.input.unlessNull), ("startedAt", .int(pending.startedAt)),
            ("deadline", pending.deadline.map(JSON.int)), ("for", .string(word)), (word, value))
    }
}

extension Wait.Kind {
    fileprivate init(_ stored: StoredMembers) throws {
        self =
            switch try stored.text("for") {
            case "task": .task
            case "answers":
                .answers(
                    try stored.inners("answers") { Wait.Answer(seat: try $0.number("seat"), output: $0["output"]) })
            case "timer": .timer(until: try stored.moment("timer"))
            case "retry": .retry(until: try stored.moment("retry"))
            case "http": .http(try stored.inner("http", OpenAPIOperation.init).map(HTTPStage.operation) ?? .request)
            case "document": .http(.document)
            case "run": .run
            case "ticket": .ticket
            case "fork": .fork(try stored.inner("fork", ForkState.init) ?? ForkState())
            case "events": .events
            case "decision": .decision
            case let word: throw UnreadableState(member: "for", value: .string(word))
            }
    }

    /// What is waited for, and more of it; nil: there is no more.
    fileprivate var stored: (word: String, value: JSON?) {
        switch self {
        case .task: ("task", nil)
        case .answers(let answers):
            (
                "answers",
                .array(answers.map { .stored(("seat", .int($0.seat)), ("output", $0.output.unlessNull)) })
            )
        case .timer(let until): ("timer", .int(until))
        case .retry(let until): ("retry", .int(until))
        case .http(.request): ("http", nil)
        case .http(.document): ("document", nil)
        case .http(.operation(let operation)): ("http", operation.json)
        case .run: ("run", nil)
        case .ticket: ("ticket", nil)
        case .fork(let state): ("fork", state.json)
        case .events: ("events", nil)
        case .decision: ("decision", nil)
        }
    }
}

extension ForkState {
    fileprivate init(_ stored: StoredMembers) throws {
        outputs = try stored.object("outputs").reduce(into: [:]) { outputs, output in
            guard let number = Int(output.key) else {
                throw UnreadableState(member: "outputs", value: .string(output.key))
            }
            outputs[number] = output.value
        }
        lastError = try stored.inner("lastError", WorkflowError.init)
    }

    fileprivate var json: JSON {
        let outputs = outputs.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0["\($1.key)"] = $1.value }
        return .stored(("outputs", JSON.object(outputs).unlessEmpty), ("lastError", lastError?.json))
    }
}

extension OpenAPIOperation {
    fileprivate init(_ stored: StoredMembers) throws {
        method = try stored.text("method")
        url = try stored.text("url")
        parameters = try stored.inners("parameters") { stored in
            guard let place = Parameter.Place(rawValue: try stored.text("place")) else {
                throw UnreadableState(member: "place", value: stored["place"])
            }
            return Parameter(name: try stored.text("name"), place: place, isRequired: stored["isRequired"] == true)
        }
        takesBody = stored["takesBody"] == true
        isForm = stored["isForm"] == true
    }

    fileprivate var json: JSON {
        let parameters = parameters.map { parameter in
            JSON.stored(
                ("name", .string(parameter.name)), ("place", .string(parameter.place.rawValue)),
                ("isRequired", .bool(parameter.isRequired)))
        }
        return .stored(
            ("method", .string(method)), ("url", .string(url)), ("parameters", JSON.array(parameters).unlessEmpty),
            ("takesBody", .bool(takesBody)), ("isForm", .bool(isForm)))
    }
}
