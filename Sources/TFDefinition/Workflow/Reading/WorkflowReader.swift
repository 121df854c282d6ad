import TFExpression

extension WorkflowDefinition {
    static let keys = KeyTable(
        "a workflow",
        [
            Key("document", .mapping(documentKeys), "What it is called.", isRequired: true),
            Key("input", .mapping(DataTransformation.keys("input", "from")), "What becomes of its input."),
            Key("output", .mapping(DataTransformation.keys("output", "as")), "What becomes of its output."),
            Key("use", .mapping(Reusables.keys), "What its tasks refer to by name."),
            Key("do", StepReader.listShape, "Its tasks, in order.", isRequired: true),
            Key(
                "timeout", StepReader.timeoutShape,
                "How long an instance may take: after, or the name of one in use.timeouts."),
            Key("schedule", .mapping(scheduleKeys), "When it starts by itself."),
            Key("evaluate", .mapping(evaluateKeys), "How expressions are written."),
            Key("metadata", .any, "Notes for people and programs."),
        ])

    private static let documentKeys = KeyTable(
        "\"document\"",
        [
            Key(
                "dsl", .pattern(#"^1\.0\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"#, examples: ["1.0.3"]),
                "The version of the Open Workflow DSL.", isRequired: true, standard: "1.0.3"),
            Key("namespace", .text, "The company's slug, or default.", isRequired: true),
            Key("name", .text, "The name that tickets name.", isRequired: true),
            Key("version", SemanticVersion.shape, "Such as 1.2.0; quote it.", isRequired: true),
            Key("title", .text, "What people read."), Key("summary", .text, "What it does; Markdown."),
            Key("tags", .any, "Words to find it by."),
            Key("metadata", .open(metadataKeys), "ticket: the type of ticket that a scheduled instance opens."),
        ])
    private static let metadataKeys = KeyTable(
        "\"metadata\"", [Key("ticket", .text, "The type of ticket that a scheduled instance opens.")])
    private static let scheduleKeys = KeyTable(
        "\"schedule\"",
        [
            Key("every", DurationRule.shape, "Again and again, after so long."),
            Key(
                "cron", .pattern(#"^[^\s@]+(\s+\S+){4}$"#, examples: ["0 7 * * mon-fri"]),
                "minute hour day month weekday, in the company's time zone."),
            Key("after", DurationRule.shape, "Again, so long after the instance before has ended."),
            Key("on", EventStrategy.shape, "When events arrive: one, any or all."),
            Key("read", EventReading.shape, "With on: what of the events becomes the input.", standard: "data"),
        ])
    private static let evaluateKeys = KeyTable(
        "\"evaluate\"",
        [
            Key("language", .choice(["jq"]), "jq."),
            Key("mode", .choice(["strict", "loose"]), "Without effect: the profile settles it."),
        ])

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> WorkflowDefinition? {
        guard let fields = Fields(root, keys, &reader.diagnostics) else { return nil }
        guard let documentNode = fields.value("document") else {
            fields.need("document", of: "a workflow", &reader.diagnostics)
            return nil
        }
        guard let document = Fields(documentNode, documentKeys, &reader.diagnostics) else { return nil }
        document.warnOfShownExpressions(["title", "summary"], &reader.diagnostics)
        let header = header(document, &reader)
        let ticketType = ticketType(document, &reader)
        refuseTicketType(beside: fields, &reader)
        evaluate(fields, &reader)
        var bodies: [YAMLNode.Entry] = []
        let reusables = Reusables(fields, functions: &bodies, &reader)
        let context = StepContext(reusables: reusables)
        let functions = functions(bodies, context, &reader)
        let steps = StepReader.list("do", of: "a workflow", fields, context, &reader)
        let schedule = schedule(fields, &reader)
        let timeout = StepReader.timeout(fields, context, &reader)
        guard let header, let steps else { return nil }
        let workflow = WorkflowDefinition(
            name: header.name, version: header.version, title: document.text("title", &reader.diagnostics),
            document: documentNode.json,
            input: reader.reading(.other) {
                DataTransformation.read("input", "from", fields, &$0, variables: ["secrets"])
            }, output: reader.reading(.other) { DataTransformation.read("output", "as", fields, &$0) }, steps: steps,
            functions: functions,
            secrets: reader.secrets, timeout: timeout, schedule: schedule, ticketType: ticketType)
        reader.errorTypes.check(&reader.diagnostics)
        if let schedule { warnOfEnvelopes(schedule, &reader) }
        // Names are checked only if all steps could be read: a name may belong to one that could not.
        if workflow.allSteps.count == reader.stepPositions.count {
            NamesCheck(workflow).check(flowIsKnown: !reader.diagnostics.hasErrors, &reader)
        }
        if let schedule, ticketType == nil, let lack = workflow.lackWithoutTicket {
            reader.diagnostics.error(
                "a workflow that starts \(schedule.phrase) has no ticket, \(lack); name the type of ticket to open in document.metadata.ticket",
                at: fields.keyPosition("schedule"))
        }
        return workflow
    }

    private static func header(
        _ document: Fields, _ reader: inout DefinitionReader
    ) -> (name: String, version: String)? {
        if let dsl = document.requiredText("dsl", of: "\"document\"", &reader.diagnostics) {
            SemanticVersion.checkLanguage(dsl, at: document.position("dsl"), &reader.diagnostics)
        }
        if let namespace = document.requiredText("namespace", of: "\"document\"", &reader.diagnostics),
            let company = reader.company, namespace != company, namespace != "default"
        {
            reader.diagnostics.error(
                "\"namespace\" must be the company \"\(company)\" or \"default\", not \"\(namespace)\"",
                at: document.position("namespace"))
        }
        reader.namePosition = document.position("name")
        reader.versionPosition = document.position("version")
        let name = document.requiredText("name", of: "\"document\"", &reader.diagnostics)
        if let name, !Slug.isValid(name) {
            reader.diagnostics.error(
                "\"\(name)\" cannot be a workflow's name: \(Slug.rule)", at: document.position("name"))
        } else if name == WorkflowDefinition.handle.name {
            reader.diagnostics.error(
                "\"\(WorkflowDefinition.handle.name)\" is the name of the built-in workflow; choose another",
                at: document.position("name"))
        }
        let version = document.requiredText("version", of: "\"document\"", &reader.diagnostics)
        if let version { SemanticVersion.check(version, at: document.position("version"), &reader.diagnostics) }
        guard let name, let version else { return nil }
        return (name, version)
    }

    private static func ticketType(_ document: Fields, _ reader: inout DefinitionReader) -> String? {
        guard let node = document.value("metadata") else { return nil }
        guard case .mapping(let entries) = node.content else {
            reader.diagnostics.error("\"metadata\" must be a mapping, not \(node.kindDescription)", at: node.position)
            return nil
        }
        ReservedMetadata.document.check(entries, &reader.diagnostics)
        guard let ticket = entries.first(where: { $0.key == "ticket" }) else { return nil }
        guard case .scalar(let name, _) = ticket.value.content, Slug.isValid(name) else {
            reader.diagnostics.error("\"ticket\" must name a ticket type: \(Slug.rule)", at: ticket.value.position)
            return nil
        }
        reader.refer(to: .ticket(name), at: ticket.value.position)
        return name
    }

    /// Reports a ticket type in the workflow's own `metadata`, where it would have no effect.
    private static func refuseTicketType(beside fields: Fields, _ reader: inout DefinitionReader) {
        guard let node = fields.value("metadata"), case .mapping(let entries) = node.content else { return }
        for entry in entries where nearestName(to: entry.key, among: ["ticket"]) != nil {
            reader.diagnostics.error(
                "\"\(entry.key)\" does nothing here; the type of ticket to open is named in document.metadata.ticket",
                at: entry.keyPosition)
        }
    }

    private static func evaluate(_ fields: Fields, _ reader: inout DefinitionReader) {
        guard let node = fields.value("evaluate"), let evaluate = Fields(node, evaluateKeys, &reader.diagnostics) else {
            return
        }
        if let language = evaluate.text("language", &reader.diagnostics), language != "jq" {
            reader.diagnostics.error(
                "expressions are written in jq, not \"\(language)\"", at: evaluate.position("language"))
        }
        guard let mode = evaluate.text("mode", &reader.diagnostics) else { return }
        switch mode {
        case "strict": break
        case "loose":
            reader.diagnostics.warning(
                "\"loose\" has no effect: only if, when, in, while, from, as and until take an expression without ${ }",
                at: evaluate.position("mode"))
        default:
            reader.diagnostics.error(
                "\"mode\" cannot be \"\(mode)\"; it is one of strict, loose", at: evaluate.position("mode"),
                suggestion: nearestName(to: mode, among: ["strict", "loose"]))
        }
    }

    private static func functions(
        _ bodies: [YAMLNode.Entry], _ context: StepContext, _ reader: inout DefinitionReader
    ) -> [String: WorkflowStep] {
        var functions: [String: WorkflowStep] = [:]
        let reserved = TicketFunction.Name.allCases.map(\.rawValue) + ["http", "openapi"]
        for body in bodies {
            if reserved.contains(body.key) {
                reader.diagnostics.error("the function name \"\(body.key)\" is reserved", at: body.keyPosition)
            }
            var inner = context
            inner.name = body.key
            reader.site = StepSite(step: "/use/functions/\(body.key)")
            functions[body.key] = StepReader.step(body, inner, &reader)
            reader.site = StepSite()
        }
        for ring in FunctionRings(bodies.map(\.key), functions).all() {
            let way = ring.count > 1 ? " by way of \(listed(Array(ring.dropFirst())))" : ""
            reader.diagnostics.error(
                "the function \"\(ring[0])\" calls itself\(way); to go round, write \"for\" or \"then\"",
                at: bodies.first { $0.key == ring[0] }?.keyPosition ?? .start)
        }
        return functions
    }

    private static func schedule(_ fields: Fields, _ reader: inout DefinitionReader) -> Schedule? {
        guard let node = fields.value("schedule"), let schedule = Fields(node, scheduleKeys, &reader.diagnostics) else {
            return nil
        }
        let kinds = ["every", "cron", "after", "on"]
        let chosen = kinds.filter(schedule.has)
        guard chosen.count == 1 else {
            if chosen.isEmpty, schedule.isMisspelt(kinds) { return nil }
            reader.diagnostics.error(
                chosen.isEmpty
                    ? "\"schedule\" needs one of \(listed(kinds))"
                    : "\(listed(chosen)) exclude each other: write one of them",
                at: node.position)
            return nil
        }
        if schedule.has("read"), chosen[0] != "on" {
            reader.diagnostics.error("\"read\" goes with \"on\" only", at: schedule.keyPosition("read"))
        }
        let reading = schedule.choice("read", EventReading.self, &reader.diagnostics) ?? .data
        switch chosen[0] {
        case "every":
            return span("every", schedule, &reader).map { Schedule(kind: .every($0), read: reading) }
        case "after":
            return span("after", schedule, &reader).map { Schedule(kind: .after($0), read: reading) }
        case "cron":
            guard let text = schedule.text("cron", &reader.diagnostics) else { return nil }
            guard let cron = Cron(text) else {
                reader.diagnostics.error(Cron.problem(of: text), at: schedule.position("cron"))
                return nil
            }
            if !cron.happens {
                reader.diagnostics.error("\"cron\" never comes: there is no such day", at: schedule.position("cron"))
            }
            return Schedule(kind: .cron(cron), read: reading)
        default:
            guard let on = schedule.value("on"), let strategy = EventStrategy.read(on, &reader) else { return nil }
            return Schedule(kind: .on(strategy), read: reading)
        }
    }

    /// Warns of `$workflow.input[0].data`: the input is the event's data, without the envelope.
    private static func warnOfEnvelopes(_ schedule: Schedule, _ reader: inout DefinitionReader) {
        guard case .on = schedule.kind, schedule.read == .data else { return }
        for use in reader.uses {
            for reading in use.readings where reading.reference.variable == "workflow" {
                let path = reading.reference.path.map(\.name)
                guard path.starts(with: ["input", FieldReference.element, "data"]) else { continue }
                reader.diagnostics.warning(
                    "the input holds the data of events, not their envelopes: write \"read: envelope\" into \"schedule\", or leave \".data\" out",
                    at: use.position)
            }
        }
    }

    private static func span(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> TimeSpan? {
        guard let rule = DurationRule.read(key, fields, &reader) else { return nil }
        guard case .fixed(let span) = rule, span.seconds >= 1 else {
            reader.diagnostics.error(
                "\"\(key)\" must be a fixed duration of at least a second", at: fields.position(key))
            return nil
        }
        return span
    }
}

extension WorkflowDefinition {
    /// What cannot be done without a ticket, in words; nil: everything can.
    fileprivate var lackWithoutTicket: String? {
        if let task = calledTasks.first { return "so nobody can be given the task \"\(task)\"" }
        let functions = allSteps.lazy.compactMap { step -> TicketFunction.Name? in
            guard case .ticket(let function) = step.kind, function.name.changesItsTicket else { return nil }
            return function.name
        }
        return functions.first.map { "and \"\($0.rawValue)\" needs one" }
    }
}

extension Schedule {
    /// How the schedule starts instances, in messages.
    var phrase: String {
        switch kind {
        case .every, .cron, .after: "by the clock"
        case .on: "with an event"
        }
    }
}
