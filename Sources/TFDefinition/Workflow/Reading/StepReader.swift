import TFExpression

/// Where a step stands.
struct StepContext {
    let reusables: Reusables
    /// The names of the steps in the same list, to which `then` may lead.
    var siblings: [String] = []
    var siblingSet: Set<String> = []
    /// The step's own name.
    var name = ""
}

/// Reads steps.
enum StepReader {
    // MARK: Lists

    /// Reads a member that holds a list of steps; nil if there is none.
    static func list(
        _ key: String, of what: String, part: String? = nil, _ fields: Fields, _ context: StepContext,
        isBranches: Bool = false, _ reader: inout DefinitionReader
    ) -> [WorkflowStep]? {
        if let node = fields.value(key), case .mapping(let entries) = node.content {
            reader.diagnostics.error("\"\(key)\" must be a list: \(dash(entries))", at: node.position)
            return nil
        }
        guard let nodes = fields.list(key, &reader.diagnostics) else {
            if fields.value(key) == nil { fields.need(key, of: what, &reader.diagnostics) }
            return nil
        }
        return read(nodes, part ?? key, at: fields.position(key), context, isBranches: isBranches, &reader)
    }

    /// Reads a list whose entries have one name each.
    /// - Parameter part: the key of the list in the step around it, for the pointers of errors.
    private static func read(
        _ nodes: [YAMLNode], _ part: String, at position: Position, _ context: StepContext, isBranches: Bool,
        _ reader: inout DefinitionReader
    ) -> [WorkflowStep] {
        if nodes.isEmpty { reader.diagnostics.error("a list of tasks must not be empty", at: position) }
        let entries = nodes.compactMap { entry($0, &reader.diagnostics) }
        var inner = context
        // Branches run side by side, so their `then` cannot name another one.
        inner.siblings = isBranches ? [] : entries.map(\.key)
        inner.siblingSet = Set(inner.siblings)
        var seen: Set<String> = []
        let outer = reader.site
        defer { reader.site = outer }
        return entries.enumerated().compactMap { index, entry in
            reader.site = StepSite(step: "\(outer.step)/\(part)/\(index)/\(entry.key)")
            if !seen.insert(entry.key).inserted {
                reader.diagnostics.error("the task \"\(entry.key)\" stands twice in this list", at: entry.keyPosition)
            }
            inner.name = entry.key
            return step(entry, inner, &reader)
        }
    }

    private static func entry(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> YAMLNode.Entry? {
        guard case .mapping(let entries) = node.content else {
            diagnostics.error("an entry of a list of tasks must be \"name: { … }\" with one name", at: node.position)
            return nil
        }
        if let kind = entries.first(where: { kinds.contains($0.key) }), !entries[0].value.isMapping || entries.count > 1
        {
            diagnostics.error(
                "a task stands under a name of its own: write \"- name: { \(kind.key): … }\"", at: node.position)
            return nil
        }
        guard entries.count == 1 else {
            diagnostics.error("an entry of a list of tasks must be \"name: { … }\" with one name", at: node.position)
            return nil
        }
        return entries[0]
    }

    /// A hint how to write a mapping as a list.
    private static func dash(_ entries: [YAMLNode.Entry]) -> String {
        guard let kind = entries.first(where: { kinds.contains($0.key) }) else {
            return "each name stands behind a dash, as in \"- \(entries.first?.key ?? "name"): { … }\""
        }
        return "each task stands behind a dash and under a name, as in \"- name: { \(kind.key): … }\""
    }

    // MARK: Steps

    /// Reads a step under its name.
    static func step(
        _ entry: YAMLNode.Entry, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> WorkflowStep? {
        if ["continue", "exit", "end"].contains(entry.key) {
            reader.diagnostics.error("a task cannot be named \"\(entry.key)\"", at: entry.keyPosition)
        }
        if entry.key.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "~") }) {
            reader.diagnostics.error("a task's name holds no / and no ~", at: entry.keyPosition)
        }
        reader.stepPositions[reader.site.step] = entry.keyPosition
        let what = "task \"\(entry.key)\""
        guard case .mapping(let members) = entry.value.content else {
            reader.diagnostics.error(
                "\(what) must be a mapping, not \(entry.value.kindDescription)", at: entry.value.position)
            return nil
        }
        let keys = Set(members.map(\.key))
        guard let kindKey = kinds.first(where: keys.contains) else {
            refuse(entry, members, what, &reader)
            return nil
        }
        let table = KeyTable(
            what, (kindKeys.first { $0.kind == kindKey }?.keys ?? []) + common,
            elsewhere: kindKey == "call" ? CallReader.belowWith : [:])
        guard let fields = Fields(entry.value, table, &reader.diagnostics) else { return nil }
        let outer = reader.variables
        defer { reader.variables = outer }
        // Before the step begins, there are no credentials.
        reader.variables.remove("authorization")
        let condition = condition("if", .raw, fields, &reader)
        let input = reader.reading(.raw) {
            DataTransformation.read("input", "from", fields, &$0, variables: ["secrets"])
        }
        reader.variables.insert("authorization")
        let kind = kind(kindKey, fields, context, &reader)
        let metadata = metadata(fields, &reader)
        let step = kind.map { kind in
            WorkflowStep(
                name: entry.key, kind: kind, condition: condition,
                input: input,
                output: reader.reading(.output) { DataTransformation.read("output", "as", fields, &$0) },
                export: reader.reading(.export) { DataTransformation.read("export", "as", fields, &$0) },
                timeout: timeout(fields, context, &reader), then: directive(fields, context, &reader),
                ticketStatus: metadata.status, isBackground: metadata.isBackground, isIdempotent: metadata.isIdempotent)
        }
        return step
    }

    private static func refuse(
        _ entry: YAMLNode.Entry, _ members: [YAMLNode.Entry], _ what: String, _ reader: inout DefinitionReader
    ) {
        for member in members {
            guard let nearest = nearestName(to: member.key, among: kinds) else { continue }
            reader.diagnostics.error(
                "unknown key \"\(member.key)\"", at: member.keyPosition, suggestion: nearest)
            return
        }
        reader.diagnostics.error(
            "\(what) does nothing: it needs one of \(kinds.joined(separator: ", "))", at: entry.keyPosition)
    }

    private static func kind(
        _ key: String, _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> WorkflowStep.Kind? {
        switch key {
        case "for": return ForLoop.read(fields, context, &reader).map(WorkflowStep.Kind.for)
        case "do": return list("do", of: "a task", fields, context, &reader).map(WorkflowStep.Kind.do)
        case "set":
            guard let node = fields.value("set") else {
                reader.diagnostics.error("\"set\" needs a value", at: fields.keyPosition("set"))
                return nil
            }
            guard ValueExpression.isOfDSL(node, "set", &reader.diagnostics) else { return nil }
            warnOfStatus(node, &reader.diagnostics)
            return .set(ValueExpression.read(node, &reader))
        case "switch": return .switch(cases(fields, context, &reader))
        case "fork": return Fork.read(fields, context, &reader).map(WorkflowStep.Kind.fork)
        case "try": return TryCatch.read(fields, context, &reader).map(WorkflowStep.Kind.try)
        case "raise": return RaisedError.read(fields, context, &reader).map(WorkflowStep.Kind.raise)
        case "wait": return wait(fields, &reader)
        case "emit": return emit(fields, &reader)
        case "listen": return Listen.read(fields, context, &reader).map(WorkflowStep.Kind.listen)
        case "run": return RunWorkflow.read(fields, &reader).map(WorkflowStep.Kind.run)
        default: return CallReader.read(fields, functions: context.reusables.functions, &reader)
        }
    }

    /// Warns of a written status that would not be shown as it stands at the end: a blank one is `done`, a long one is cut.
    private static func warnOfStatus(_ node: YAMLNode, _ diagnostics: inout Diagnostics) {
        guard case .mapping(let entries) = node.content,
            let value = entries.first(where: { $0.key == "status" })?.value, let text = value.json.stringValue,
            Expression.unwrapped(text) == nil, let problem = TicketTexts.problem(text, .status)
        else { return }
        diagnostics.warning("as the resolution of a ticket, \"status\" \(problem)", at: value.position)
    }

    private static func wait(_ fields: Fields, _ reader: inout DefinitionReader) -> WorkflowStep.Kind? {
        guard fields.value("wait") != nil else {
            reader.diagnostics.error("\"wait\" needs a duration", at: fields.keyPosition("wait"))
            return nil
        }
        return DurationRule.read("wait", fields, &reader).map(WorkflowStep.Kind.wait)
    }

    private static func emit(_ fields: Fields, _ reader: inout DefinitionReader) -> WorkflowStep.Kind? {
        guard let node = fields.value("emit"), let emit = Fields(node, emitKeys, &reader.diagnostics) else {
            return nil
        }
        guard let eventNode = emit.value("event") else {
            emit.need("event", of: "\"emit\"", &reader.diagnostics)
            return nil
        }
        guard let event = Fields(eventNode, eventKeys, &reader.diagnostics) else { return nil }
        guard let with = event.value("with") else {
            event.need("with", of: "\"event\"", &reader.diagnostics)
            return nil
        }
        guard case .mapping(let entries) = with.content else {
            reader.diagnostics.error("\"with\" must be a mapping, not \(with.kindDescription)", at: with.position)
            return nil
        }
        if !entries.contains(where: { $0.key == "type" }),
            with.refusedKeys.isDisjoint(with: ["type", YAMLNode.mergeKey])
        {
            reader.diagnostics.error("an event needs \"type\"", at: with.position)
        }
        return .emit(
            entries.map { entry in
                let value = ValueExpression.read(entry.value, &reader)
                if case .literal(let literal) = value, let problem = EventAttributes.problem(entry.key, literal) {
                    reader.diagnostics.error("\"\(entry.key)\" of an event \(problem)", at: entry.value.position)
                }
                return .init(name: entry.key, value: value)
            })
    }

    private static func cases(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> [SwitchCase] {
        if let node = fields.value("switch"), case .mapping(let entries) = node.content {
            reader.diagnostics.error("\"switch\" must be a list: \(dash(entries))", at: node.position)
            return []
        }
        guard let nodes = fields.list("switch", &reader.diagnostics) else { return [] }
        if nodes.isEmpty {
            reader.diagnostics.error("\"switch\" must list at least one case", at: fields.position("switch"))
        }
        var hasDefault = false
        var seen: Set<String> = []
        return nodes.compactMap { node in
            guard let entry = entry(node, &reader.diagnostics),
                let members = Fields(
                    entry.value, caseKeys, what: "case \"\(entry.key)\"", &reader.diagnostics)
            else { return nil }
            if !seen.insert(entry.key).inserted {
                reader.diagnostics.error(
                    "the case \"\(entry.key)\" stands twice in this \"switch\"", at: entry.keyPosition)
            }
            let when = condition("when", .body, members, &reader)
            if !members.has("when"), !members.isMisspelt(["when"]) {
                if hasDefault {
                    reader.diagnostics.error("a second case without \"when\"", at: entry.keyPosition)
                }
                hasDefault = true
            }
            guard let then = directive(members, context, &reader) else {
                if !members.has("then") {
                    members.need("then", of: "case \"\(entry.key)\"", &reader.diagnostics)
                }
                return nil
            }
            return SwitchCase(name: entry.key, when: when, then: then)
        }
    }

    // MARK: What all steps have

    /// - Parameter part: which part of the step it is, which decides what `.` is.
    static func condition(
        _ key: String, _ part: StepSite.Part, _ fields: Fields, _ reader: inout DefinitionReader
    ) -> Expression? {
        guard let node = fields.value(key), let text = fields.text(key, &reader.diagnostics) else { return nil }
        return reader.reading(part) { reader in
            ValueExpression.condition(node, text, allowed: key == "while" ? true : nil, &reader)
        }
    }

    static func directive(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> FlowDirective? {
        guard let text = fields.text("then", &reader.diagnostics) else { return nil }
        let directive = FlowDirective(text)
        if case .step(let name) = directive, !context.siblingSet.contains(name) {
            let known = context.siblings.isEmpty ? "no other" : listed(context.siblings)
            reader.diagnostics.error(
                "task \"\(context.name)\" continues at \"\(name)\", which is not in this list; it has \(known)",
                at: fields.position("then"))
        }
        return directive
    }

    static func timeout(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> DurationRule? {
        guard let node = fields.value("timeout") else { return nil }
        guard case .scalar(let name, _) = node.content else { return timeout(node, &reader) }
        guard let known = context.reusables.timeouts[name] else {
            if TimeSpan(name) != nil {
                reader.diagnostics.error(
                    "\"timeout\" is a mapping, or the name of one in \"use.timeouts\"; write timeout: { after: \(name) }",
                    at: node.position)
                return nil
            }
            context.reusables.refuse(name, "timeouts", at: node.position, &reader)
            return nil
        }
        return timeout(known, &reader)
    }

    static func timeout(_ node: YAMLNode, _ reader: inout DefinitionReader) -> DurationRule? {
        guard let inner = Fields(node, timeoutKeys, &reader.diagnostics) else { return nil }
        if inner.value("after") == nil { inner.need("after", of: "\"timeout\"", &reader.diagnostics) }
        return DurationRule.read("after", inner, &reader)
    }

    private static func metadata(
        _ fields: Fields, _ reader: inout DefinitionReader
    ) -> (status: String?, isBackground: Bool, isIdempotent: Bool) {
        guard let node = fields.value("metadata") else { return (nil, false, false) }
        guard case .mapping(let entries) = node.content else {
            reader.diagnostics.error("\"metadata\" must be a mapping, not \(node.kindDescription)", at: node.position)
            return (nil, false, false)
        }
        ReservedMetadata.step.check(entries, &reader.diagnostics)
        func flag(_ key: String) -> Bool {
            guard let entry = entries.first(where: { $0.key == key }) else { return false }
            if let flag = entry.value.json.boolValue { return flag }
            reader.diagnostics.error(
                "\"\(key)\" must be true or false, not \(entry.value.kindDescription)", at: entry.value.position)
            return false
        }
        var status: String?
        if let entry = entries.first(where: { $0.key == "ticketStatus" }) {
            if case .scalar(let text, _) = entry.value.content, text.contains("${") {
                reader.diagnostics.error(
                    "\"${ }\" is not computed in \"ticketStatus\"; a step that calls ticket-update may compute \"status\"",
                    at: entry.value.position)
            } else if case .scalar(let text, _) = entry.value.content, text.count <= 60,
                text.contains(where: { !$0.isWhitespace })
            {
                status = text
            } else {
                reader.diagnostics.error(
                    "\"ticketStatus\" must be a text of 1 to 60 characters", at: entry.value.position)
            }
        }
        return (status, flag("background"), flag("idempotent"))
    }
}
