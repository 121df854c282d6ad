import TFExpression

/// `try`: a list whose errors are caught, tried again, and handled.
package struct TryCatch: Sendable, Hashable, Codable {
    package let steps: [WorkflowStep]
    package let handler: ErrorHandler
}

/// `catch`.
package struct ErrorHandler: Sendable, Hashable, Codable {
    /// Members that an error must have to be caught: `type`, `status`, `instance`, `title`, `detail`; empty: any error.
    package let filter: JSONObject
    /// The variable that holds the error, without `$`.
    package let name: String
    package let when: Expression?
    package let exceptWhen: Expression?
    package let retry: RetryPolicy?
    /// The steps of `do`; nil if there is none: then `ending` decides.
    package let steps: [WorkflowStep]?
    package let then: FlowDirective?

    /// What happens with a caught error when no tries are left.
    package enum Ending: Sendable, Hashable {
        /// `do` runs, and then `then` applies.
        case handled
        /// The error is ignored, and the output of the `try` step is its input: the `catch` has neither `do` nor
        /// `retry`.
        case swallowed
        /// The error is raised again outside: the `catch` has a `retry`, but neither `do` nor `then`.
        case passedOn
    }

    package var ending: Ending {
        if steps != nil { return .handled }
        return retry != nil && then == nil ? .passedOn : .swallowed
    }
}

/// When and how often a list is tried again.
package struct RetryPolicy: Sendable, Hashable, Codable {
    /// How the delay grows with each try.
    package enum Backoff: String, Sendable, Hashable, Codable {
        case constant
        case linear
        case exponential
    }

    /// Conditions over the error: it is tried again if the first holds, and not if the second does.
    package let when: Expression?
    package let exceptWhen: Expression?
    /// The delay before the first retry.
    package let delay: DurationRule?
    package let backoff: Backoff
    /// How many retries there are, without the first try; nil: no limit.
    package let count: Int?
    /// How long one try may take.
    package let attemptDuration: DurationRule?
    /// How long all tries may take.
    package let duration: DurationRule?
    /// A random time that is added to each delay.
    package let jitter: Jitter?

    /// The least and the most that is added.
    package struct Jitter: Sendable, Hashable, Codable {
        package let from: DurationRule
        package let to: DurationRule
    }
}

extension TryCatch {
    static let filterKeys = KeyTable(
        "\"with\"",
        [
            Key("type", .text, "The error's type."), Key("status", .count, "Its status."),
            Key("instance", .text, "Where it happened."), Key("title", .text, "Its title."),
            Key("detail", .text, "Its explanation."),
        ])
    static let errorsKeys = KeyTable("\"errors\"", [Key("with", .mapping(filterKeys), "Which errors are caught.")])
    static let retryKeys = KeyTable(
        "\"retry\"",
        [
            Key("when", .expression, "It is tried again only where this holds."),
            Key("exceptWhen", .expression, "It is not tried again where this holds."),
            Key("delay", DurationRule.shape, "How long to wait before the next try."),
            Key(
                "backoff",
                .mapping(
                    KeyTable(
                        "\"backoff\"",
                        ["constant", "linear", "exponential"].map { Key($0, .byName(.any), "How the delay grows.") })),
                "How the delay grows."),
            Key("limit", .mapping(limitKeys), "When to give up."),
            Key("jitter", .mapping(jitterKeys), "What is added to each delay by chance."),
        ])
    static let retryShape = Shape.either([.mapping(retryKeys), .text])
    private static let limitKeys = KeyTable(
        "\"limit\"",
        [
            Key(
                "attempt",
                .mapping(attemptKeys), "Of each try."),
            Key("duration", DurationRule.shape, "How long all tries may take."),
        ])
    private static let attemptKeys = KeyTable(
        "\"attempt\"",
        [
            Key("count", .count, "How often it is tried again."),
            Key("duration", DurationRule.shape, "How long one try may take."),
        ])
    private static let jitterKeys = KeyTable(
        "\"jitter\"",
        [
            Key("from", DurationRule.shape, "At least.", isRequired: true),
            Key("to", DurationRule.shape, "At most.", isRequired: true),
        ])
    static let catchKeys = KeyTable(
        "\"catch\"",
        [
            Key("errors", .mapping(errorsKeys), "Which errors are caught; all without it."),
            Key("as", .text, "The variable for the error; error without it.", standard: "error"),
            Key("when", .expression, "It is caught only where this holds."),
            Key("exceptWhen", .expression, "It is not caught where this holds."),
            Key("retry", retryShape, "A policy, or the name of one in use.retries."),
            Key(
                "do", StepReader.listShape,
                "What runs once an error is caught and no more tries are left. Without do and then, the last error of a "
                    + "retry goes on, and an error without a retry is swallowed."),
            Key("then", .text, "Where to go on then."),
        ])

    static func read(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> TryCatch? {
        let steps = StepReader.list("try", of: "\"try\"", fields, context, &reader)
        guard let node = fields.node("catch") else {
            fields.need("catch", of: "a task with \"try\"", &reader.diagnostics)
            return nil
        }
        guard let handler = handler(node, context, &reader), let steps else { return nil }
        return TryCatch(steps: steps, handler: handler)
    }

    private static func handler(
        _ node: YAMLNode, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> ErrorHandler? {
        guard let fields = Fields(node, catchKeys, &reader.diagnostics) else { return nil }
        var filter = JSONObject()
        if let errors = fields.value("errors"), let inner = Fields(errors, errorsKeys, &reader.diagnostics),
            let with = inner.value("with"), let members = Fields(with, filterKeys, &reader.diagnostics)
        {
            for key in filterKeys.names {
                guard let value = members.value(key) else { continue }
                filter[key] = key == "status" ? value.json : members.text(key, &reader.diagnostics).map(JSON.string)
                if key == "status" { _ = members.count(key, &reader.diagnostics) }
                if key == "type", let text = filter[key]?.stringValue {
                    reader.errorTypes.caught.append((text, members.position(key)))
                }
            }
        }
        let name = VariableName.read("as", fields, &reader) ?? "error"
        return reader.with([name]) { reader in
            ErrorHandler(
                filter: filter, name: name, when: StepReader.condition("when", .other, fields, &reader),
                exceptWhen: StepReader.condition("exceptWhen", .other, fields, &reader),
                retry: retry(fields, context, &reader),
                steps: fields.value("do") == nil
                    ? nil : StepReader.list("do", of: "\"catch\"", part: "catch/do", fields, context, &reader),
                then: StepReader.directive(fields, context, &reader))
        }
    }

    private static func retry(
        _ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> RetryPolicy? {
        guard let node = fields.value("retry") else { return nil }
        guard case .scalar(let name, _) = node.content else { return policy(node, &reader) }
        guard let policy = context.reusables.retries[name] else {
            if Int(name) != nil || TimeSpan(name) != nil {
                let form = Int(name) == nil ? "{ delay: \(name) }" : "{ limit: { attempt: { count: \(name) } } }"
                reader.diagnostics.error(
                    "\"retry\" is a mapping, or the name of one in \"use.retries\"; write retry: \(form)",
                    at: node.position)
                return nil
            }
            context.reusables.refuse(name, "retries", at: node.position, &reader)
            return nil
        }
        return reader.with([]) { Self.policy(policy, &$0) }
    }

    static func policy(_ node: YAMLNode, _ reader: inout DefinitionReader) -> RetryPolicy? {
        guard let fields = Fields(node, retryKeys, &reader.diagnostics) else { return nil }
        var backoff = RetryPolicy.Backoff.constant
        if let chosen = fields.value("backoff") {
            if case .mapping(let entries) = chosen.content, entries.count == 1,
                let known = RetryPolicy.Backoff(rawValue: entries[0].key)
            {
                backoff = known
                // The growth of a delay is fixed, so a key that says otherwise is refused.
                if case .mapping(let keys) = entries[0].value.content, let first = keys.first {
                    reader.diagnostics.error(
                        "\"\(known.rawValue)\" takes no keys; write backoff: { \(known.rawValue): {} } and \"delay\" beside it",
                        at: first.keyPosition)
                }
            } else {
                reader.diagnostics.error(
                    "\"backoff\" must be one of constant, linear, exponential, as in backoff: { linear: {} }",
                    at: chosen.position)
            }
        }
        let limit = fields.value("limit").flatMap { Fields($0, limitKeys, &reader.diagnostics) }
        let attempt = limit?.value("attempt").flatMap { Fields($0, attemptKeys, &reader.diagnostics) }
        var jitter: RetryPolicy.Jitter?
        if let node = fields.value("jitter"), let ends = Fields(node, jitterKeys, &reader.diagnostics) {
            for key in jitterKeys.names where ends.value(key) == nil {
                ends.need(key, of: "\"jitter\"", &reader.diagnostics)
            }
            if let from = DurationRule.read("from", ends, &reader), let to = DurationRule.read("to", ends, &reader) {
                jitter = .init(from: from, to: to)
            }
        }
        return RetryPolicy(
            when: StepReader.condition("when", .other, fields, &reader),
            exceptWhen: StepReader.condition("exceptWhen", .other, fields, &reader),
            delay: DurationRule.read("delay", fields, &reader), backoff: backoff,
            count: attempt.flatMap { $0.count("count", &reader.diagnostics) },
            attemptDuration: attempt.flatMap { DurationRule.read("duration", $0, &reader) },
            duration: limit.flatMap { DurationRule.read("duration", $0, &reader) }, jitter: jitter)
    }
}
