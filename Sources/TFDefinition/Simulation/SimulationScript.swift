import TFExpression

/// The script of a dry run: the answers of people, programs, servers and events.
package struct SimulationScript: Sendable, Hashable {
    package var clock = SimulationClock.usual
    /// When the dry run begins, in milliseconds since 1970.
    package var start: Int64 { clock.start }
    /// The answers to requests; the first that matches is used.
    package var http: [HTTPAnswer] = []
    /// Answers of tasks in order, by the task definition's name.
    package var tasks: [String: [TaskAnswer]] = [:]
    package var events: [Event] = []
    package var secrets: JSON = [:]
    /// Files of workflows that `run: workflow` may name.
    package var workflows: [String] = []
    /// The file's path, for problems.
    package var file = "the script"
    /// The positions of the tasks' answers.
    package var taskPositions: [String: Position] = [:]

    package init() {}

    /// The answer of a server to the requests that it fits.
    package struct HTTPAnswer: Sendable, Hashable {
        /// The method in upper case; nil: any.
        package let method: String?
        /// The whole URL, or its beginning if it ends in `*`; nil: any.
        package let url: String?
        package let status: Int
        package let headers: JSONObject
        package let body: JSON
        /// How often the answer is used; nil: always.
        package let times: Int?

        package func matches(_ method: String, _ url: String) -> Bool {
            if let wanted = self.method, wanted != method { return false }
            guard let wanted = self.url else { return true }
            return wanted.hasSuffix("*") ? url.hasPrefix(wanted.dropLast()) : url == wanted
        }
    }

    /// The answer of a person or program to a task.
    package struct TaskAnswer: Sendable, Hashable {
        /// Milliseconds from when the task is ready.
        package let after: Int64
        /// The person's login; nil: whoever has the task.
        package let by: String?
        package let result: Result
        /// Whether the answer must be valid for the task's form.
        package let validates: Bool
        package let position: Position
        /// The positions of the members of `output`.
        package let memberPositions: [String: Position]

        package enum Result: Sendable, Hashable {
            case output(JSONObject)
            case failure(JSON)
            /// Nobody answers before `after`; without it, nobody ever does.
            case nothing
        }
    }

    /// A CloudEvent that arrives from outside.
    package struct Event: Sendable, Hashable {
        /// Milliseconds from the start.
        package let after: Int64
        package let event: JSONObject
    }
}

extension SimulationScript {
    private static let keys = KeyTable(
        "a script",
        [
            Key("now", .text, "When it begins; its zone is that of all days and times."),
            Key("http", .any, "Answers to requests."),
            Key("tasks", .any, "Answers of tasks, by the definition's name."),
            Key("events", .any, "Events that arrive."),
            Key("secrets", .any, "Secrets by name."), Key("workflows", .list(.text), "Files of workflows to run."),
        ])
    private static let httpKeys = KeyTable(
        "an answer",
        [
            Key("match", .any, "Which requests it answers."), Key("respond", .any, "The answer.", isRequired: true),
            Key("times", .count, "How often."),
        ])
    private static let matchKeys = KeyTable(
        "\"match\"", [Key("method", .text, "GET, …"), Key("url", .text, "The URL.")])
    private static let respondKeys = KeyTable(
        "\"respond\"",
        [
            Key("status", .count, "200 without it."), Key("headers", .any, "By name."),
            Key("body", .any, "JSON or text."),
        ])
    private static let taskKeys = KeyTable(
        "an answer of a task",
        [
            Key("after", DurationRule.shape, "How long after it is ready."), Key("by", .text, "Whose it is."),
            Key("output", .any, "What is answered."), Key("fail", .any, "The error it fails with."),
            Key("unanswered", .flag, "true: nobody answers until then, so that a deadline may pass."),
            Key("validate", .flag, "false: the task's form is not looked at; an outcome alone will do."),
        ])
    private static let failKeys = KeyTable(
        "\"fail\"",
        [
            Key("type", .text, "The error's type; without it, runtime."), Key("status", .count, "500 without it."),
            Key("title", .text, "What went wrong."), Key("detail", .text, "More of it."),
            Key("instance", .text, "Where it happened."),
        ])
    private static let eventKeys = KeyTable(
        "an event",
        [
            Key("after", DurationRule.shape, "How long after the start."),
            Key("event", .any, "Its attributes.", isRequired: true),
        ])

    /// Reads a script.
    /// - Returns: the script as far as it could be read, and what is wrong with it.
    package static func parse(_ bytes: [UInt8], file: String) -> (script: SimulationScript, problems: [Diagnostic]) {
        var reader = DefinitionReader(file: file, company: nil, diagnostics: Diagnostics(file: file))
        var script = SimulationScript()
        script.file = file
        // An empty script is one in which nothing is answered.
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D }) { return (script, []) }
        if let root = YAMLNode.read(bytes, &reader.diagnostics), !root.isNull { script.read(root, &reader) }
        return (script, reader.diagnostics.sorted)
    }

    private mutating func read(_ root: YAMLNode, _ reader: inout DefinitionReader) {
        guard let fields = Fields(root, Self.keys, &reader.diagnostics) else { return }
        if let text = fields.text("now", &reader.diagnostics) {
            if let clock = SimulationClock(text) {
                self.clock = clock
            } else {
                reader.diagnostics.error(
                    "\"now\" must be a date with a time, such as 2026-01-05T09:00:00Z, not \"\(text)\"",
                    at: fields.position("now"))
            }
        }
        for node in fields.list("http", &reader.diagnostics) ?? [] {
            if let answer = Self.http(node, &reader) { http.append(answer) }
        }
        if case .mapping(let entries)? = fields.value("tasks")?.content {
            for entry in entries {
                tasks[entry.key] = Self.answers(entry, &reader)
                taskPositions[entry.key] = entry.keyPosition
            }
        } else if let node = fields.value("tasks") {
            reader.diagnostics.error("\"tasks\" must be a mapping, not \(node.kindDescription)", at: node.position)
        }
        for node in fields.list("events", &reader.diagnostics) ?? [] {
            if let event = Self.event(node, &reader) { events.append(event) }
        }
        if let node = fields.value("secrets") {
            secrets = node.json
            if secrets.objectValue == nil {
                reader.diagnostics.error(
                    "\"secrets\" must be a mapping, not \(node.kindDescription)", at: node.position)
            }
        }
        workflows = fields.texts("workflows", &reader.diagnostics).map(\.text)
    }

    private static func http(_ node: YAMLNode, _ reader: inout DefinitionReader) -> HTTPAnswer? {
        guard let fields = Fields(node, httpKeys, &reader.diagnostics) else { return nil }
        let match = fields.value("match").flatMap { Fields($0, matchKeys, &reader.diagnostics) }
        guard let respond = fields.value("respond"), let answer = Fields(respond, respondKeys, &reader.diagnostics)
        else {
            fields.need("respond", of: "an answer", &reader.diagnostics)
            return nil
        }
        let headers = answer.value("headers")?.json ?? [:]
        if headers.objectValue?.values.allSatisfy({ $0.arrayValue == nil && $0.objectValue == nil }) != true {
            reader.diagnostics.error(
                "\"headers\" must be a mapping of names to texts", at: answer.position("headers"))
        }
        let status = answer.count("status", in: 100...599, &reader.diagnostics) ?? 200
        return HTTPAnswer(
            method: match?.text("method", &reader.diagnostics)?.uppercased(),
            url: match?.text("url", &reader.diagnostics), status: status,
            headers: headers.objectValue ?? [:], body: answer.value("body")?.json ?? .null,
            times: fields.count("times", &reader.diagnostics))
    }

    private static func answers(_ entry: YAMLNode.Entry, _ reader: inout DefinitionReader) -> [TaskAnswer] {
        guard case .sequence(let nodes) = entry.value.content else {
            reader.diagnostics.error(
                "the answers of \"\(entry.key)\" must be a list, not \(entry.value.kindDescription)",
                at: entry.value.position)
            return []
        }
        return nodes.compactMap { node in
            guard let fields = Fields(node, taskKeys, &reader.diagnostics) else { return nil }
            if fields.has("output"), fields.has("fail") {
                reader.diagnostics.error("\"output\" and \"fail\" exclude each other", at: node.position)
            }
            let output = fields.node("output")?.json ?? [:]
            if fields.has("output"), output.objectValue == nil {
                reader.diagnostics.error("\"output\" must be a mapping", at: fields.position("output"))
            }
            let failure = fields.node("fail").map { $0.isNull ? [:] : $0.json }
            if let node = fields.value("fail"), let fail = Fields(node, failKeys, &reader.diagnostics) {
                _ = fail.count("status", &reader.diagnostics)
                for key in ["type", "title", "detail", "instance"] { _ = fail.text(key, &reader.diagnostics) }
            }
            var positions: [String: Position] = [:]
            if case .mapping(let members)? = fields.value("output")?.content {
                for member in members { positions[member.key] = member.value.position }
            }
            let isUnanswered = fields.flag("unanswered", &reader.diagnostics) == true
            if isUnanswered, fields.has("output") || fields.has("fail") {
                reader.diagnostics.error("\"unanswered\" goes with no answer", at: fields.position("unanswered"))
            }
            let by = fields.text("by", &reader.diagnostics)
            if let by, by.isBlank {
                reader.diagnostics.error("\"by\" must be a login", at: fields.position("by"))
            }
            return TaskAnswer(
                after: after(fields, &reader), by: by,
                result: isUnanswered
                    ? .nothing : failure.map(TaskAnswer.Result.failure) ?? .output(output.objectValue ?? [:]),
                validates: fields.flag("validate", &reader.diagnostics) ?? true, position: node.position,
                memberPositions: positions)
        }
    }

    private static func event(_ node: YAMLNode, _ reader: inout DefinitionReader) -> Event? {
        guard let fields = Fields(node, eventKeys, &reader.diagnostics) else { return nil }
        guard let event = fields.value("event")?.json.objectValue else {
            fields.need("event", of: "an event", &reader.diagnostics)
            return nil
        }
        if event["type"]?.stringValue == nil {
            reader.diagnostics.error("an event needs \"type\"", at: fields.position("event"))
        }
        return Event(after: after(fields, &reader), event: event)
    }

    private static func after(_ fields: Fields, _ reader: inout DefinitionReader) -> Int64 {
        switch DurationRule.read("after", fields, &reader) {
        case nil: return 0
        case .fixed(let span)?: return span.milliseconds
        case .computed?:
            reader.diagnostics.error(
                "\"after\" must be a duration such as PT5M; a script computes nothing", at: fields.position("after"))
            return 0
        }
    }
}
