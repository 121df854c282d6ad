import TFExpression

/// How somebody is found for a task.
package enum AssignmentStrategy: String, Sendable, Hashable, Codable, CaseIterable {
    /// The available worker with the shortest list.
    case shortestQueue = "shortest-queue"
    /// The available workers one after the other.
    case roundRobin = "round-robin"
    /// Whoever claims it.
    case pool
    /// A named person.
    case person
    /// The ticket's requester.
    case requester
    /// One task for each of several people.
    case each

    /// Whether the queues choose the worker.
    package var isByRule: Bool {
        switch self {
        case .shortestQueue, .roundRobin: true
        case .pool, .person, .requester, .each: false
        }
    }

    /// Whether a task has an addressee, and goes to nobody else unless a ticket admin assigns it.
    package var isAddressed: Bool {
        switch self {
        case .person, .requester, .each: true
        case .shortestQueue, .roundRobin, .pool: false
        }
    }
}

/// Who gets a task: the `assign` of a definition.
package struct AssignmentRule: Sendable, Hashable, Codable {
    /// Company role; nil: any task worker of the company.
    package var role: String?
    package var strategy: AssignmentStrategy
    /// A list of logins that may not get the task.
    package var exclude: Expression?
    /// A login that gets the task if eligible and available.
    package var prefer: Expression?
    /// The login, for the strategy `person`.
    package var person: Expression?
    /// Logins, for the strategy `each`; nil: every holder of `role`.
    package var people: Expression?
    /// When the answers of an `each` suffice; nil: when everybody has answered.
    package var enough: Enough?

    package static let anybody = AssignmentRule(role: nil, strategy: .shortestQueue)

    private static let logins = Shape.either([.textOrExpression, .list(.text)])

    static let keys = KeyTable(
        "\"assign\"",
        [
            Key("role", .text, "The company role that a worker must hold; without it, any task worker."),
            Key(
                "strategy", AssignmentStrategy.shape,
                "Who gets it: the shortest list (default), each in turn, whoever claims it, a person, the requester, or "
                    + "each of several people.", standard: "shortest-queue"),
            Key(
                "exclude", logins, "Logins that may not get it: \"${ [$ticket.requester] }\".",
                examples: ["${ [$ticket.requester] }"]),
            Key("prefer", .textOrExpression, "A login that gets it where eligible and available."),
            Key("person", .textOrExpression, "The login, for the strategy person."),
            Key("people", logins, "A list of logins, for the strategy each; without it, every holder of role."),
            Key("enough", Enough.shape, "For the strategy each: how many of an outcome decide, such as { agree: 2 }."),
        ])

    static func read(
        _ fields: Fields, outcomes: [Outcome], _ reader: inout DefinitionReader
    ) -> AssignmentRule {
        guard let node = fields.value("assign"), let assign = Fields(node, keys, &reader.diagnostics)
        else { return .anybody }
        let rule = AssignmentRule(
            role: assign.text("role", &reader.diagnostics),
            strategy: assign.choice("strategy", AssignmentStrategy.self, &reader.diagnostics) ?? .shortestQueue,
            exclude: logins("exclude", assign, &reader.diagnostics),
            prefer: login("prefer", assign, &reader.diagnostics), person: login("person", assign, &reader.diagnostics),
            people: logins("people", assign, &reader.diagnostics),
            enough: Enough.read(assign, outcomes: outcomes, &reader))
        if let role = rule.role {
            refer(toRole: role, at: assign.position("role"), &reader)
            reader.refer(to: .assignedRole(role), at: assign.position("role"))
        }
        rule.checkStrategy(assign, &reader.diagnostics)
        for (key, expression) in [
            ("exclude", rule.exclude), ("prefer", rule.prefer), ("person", rule.person), ("people", rule.people),
        ] {
            if let expression { reader.refer(to: expression, at: assign.position(key)) }
        }
        return rule
    }

    /// A login, written down or computed.
    private static func login(_ key: String, _ assign: Fields, _ diagnostics: inout Diagnostics) -> Expression? {
        guard let node = assign.value(key), let text = assign.text(key, &diagnostics) else { return nil }
        if Expression.unwrapped(text) != nil {
            return assign.wrappedExpression(key, variables: WorkflowDefinition.variables, &diagnostics)
        }
        guard isLogin(text, key, at: node.position, &diagnostics) else { return nil }
        return constant(.string(text))
    }

    /// Logins: a list, one login, or an expression that gives a list.
    private static func logins(_ key: String, _ assign: Fields, _ diagnostics: inout Diagnostics) -> Expression? {
        guard let node = assign.value(key), case .sequence(let nodes) = node.content else {
            return login(key, assign, &diagnostics)
        }
        var logins: [String] = []
        for node in nodes {
            guard case .scalar(let text, _) = node.content else {
                diagnostics.error(
                    "every entry of \"\(key)\" must be a login, not \(node.kindDescription)", at: node.position)
                continue
            }
            if isLogin(text, key, at: node.position, &diagnostics) { logins.append(text) }
        }
        return constant(.strings(logins))
    }

    /// Whether a written text is a login; what else it is, is reported.
    static func isLogin(
        _ text: String, _ key: String, at position: Position, _ diagnostics: inout Diagnostics
    ) -> Bool {
        if Slug.isLogin(text) { return true }
        let form =
            ValueExpression.isCode(text)
            ? "; an expression is written \"${ \(text) }\"" : " or an expression \"${ … }\""
        diagnostics.error("\"\(key)\" must be a login\(form), not \"\(text)\"", at: position)
        return false
    }

    /// The expression that always gives a value.
    private static func constant(_ value: JSON) -> Expression? {
        try? Expression(value.text, variables: WorkflowDefinition.variables)  // any JSON text is an expression
    }

    /// Checks the keys that a strategy needs, and those that only one strategy has.
    private func checkStrategy(_ assign: Fields, _ diagnostics: inout Diagnostics) {
        if strategy == .person, !assign.has("person"), !assign.isMisspelt(["person"]) {
            diagnostics.error("the strategy \"person\" needs \"person\"", at: assign.position("strategy"))
        }
        warnOfIgnored(assign, &diagnostics)
        guard strategy != .each else {
            if role == nil, !assign.has("people"), !assign.isMisspelt(["people", "role"]) {
                diagnostics.error(
                    "the strategy \"each\" needs \"people\" or \"role\"", at: assign.position("strategy"))
            }
            return
        }
        for key in ["people", "enough"] where assign.has(key) {
            diagnostics.error("\"\(key)\" goes with the strategy \"each\"", at: assign.keyPosition(key))
        }
    }

    /// Warns of keys that choose nobody, because the strategy says by itself who gets the task.
    private func warnOfIgnored(_ assign: Fields, _ diagnostics: inout Diagnostics) {
        let written = assign.value("strategy")?.json.stringValue
        guard written == nil || written == strategy.rawValue, !assign.isMisspelt(["strategy"]) else { return }
        var ignored: [String] = []
        if strategy != .person { ignored.append("person") }
        if !strategy.isByRule { ignored.append("prefer") }
        if strategy == .person || strategy == .requester { ignored.append("role") }
        for key in ignored where assign.value(key) != nil {
            diagnostics.warning(
                "\"\(key)\" has no effect with the strategy \"\(strategy.rawValue)\"", at: assign.keyPosition(key))
        }
        if strategy == .each { Self.warnOfIgnored(["role"], beside: "people", assign, &diagnostics) }
    }

    /// Warns of keys that choose nobody beside another one.
    static func warnOfIgnored(
        _ keys: [String], beside stronger: String, _ fields: Fields, _ diagnostics: inout Diagnostics
    ) {
        guard fields.value(stronger) != nil else { return }
        for key in keys where fields.value(key) != nil {
            diagnostics.warning("\"\(key)\" has no effect beside \"\(stronger)\"", at: fields.keyPosition(key))
        }
    }

    static func refer(toRole role: String, at position: Position, _ reader: inout DefinitionReader) {
        if role == "any" || !Slug.isValid(role) {
            reader.diagnostics.error(
                "\"\(role)\" cannot be a company role: \(role == "any" ? "the name is reserved" : Slug.rule)",
                at: position)
        } else {
            reader.refer(to: .role(role), at: position)
        }
    }
}
