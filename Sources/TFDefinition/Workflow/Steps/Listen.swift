import TFExpression

/// `listen`: waits for events.
package struct Listen: Sendable, Hashable, Codable {
    package let strategy: EventStrategy
    package let read: EventReading
    package let forEach: EventIterator?
}

/// Which part of an event the workflow gets.
package enum EventReading: String, Sendable, Hashable, Codable, CaseIterable {
    case data
    case envelope
    case raw
}

/// Which events end the waiting.
package indirect enum EventStrategy: Sendable, Hashable, Codable {
    case one(EventFilter)
    /// One event for each filter.
    case all([EventFilter])
    /// The first event that fits a filter, or any event if there are no filters; with `until`, all such events until
    /// then.
    case any([EventFilter], until: Until?)

    package enum Until: Sendable, Hashable, Codable {
        /// A condition over the list of events so far.
        case condition(Expression)
        case events(EventStrategy)
    }

    package var filters: [EventFilter] {
        switch self {
        case .one(let filter): [filter]
        case .all(let filters), .any(let filters, _): filters
        }
    }
}

/// Conditions on an event.
package struct EventFilter: Sendable, Hashable, Codable {
    /// Attributes with a value that must be equal, or an expression over the attribute that must hold.
    package let attributes: [ValueExpression.Member]
    package let correlations: [Correlation]

    package struct Correlation: Sendable, Hashable, Codable {
        package let name: String
        /// An expression over the event's envelope.
        package let from: Expression
        /// The expected value; nil: the first event decides.
        package let expect: ValueExpression?
    }
}

/// `foreach`: a list that runs for each event, while the listener goes on listening.
package struct EventIterator: Sendable, Hashable, Codable {
    package let item: String
    package let at: String
    package let steps: [WorkflowStep]
    package let output: DataTransformation?
    package let export: DataTransformation?
}

extension Listen {
    static let keys = KeyTable(
        "\"listen\"",
        [
            Key("to", EventStrategy.shape, "The events: one, any or all.", isRequired: true),
            Key("read", EventReading.shape, "What of an event is seen: data, or the whole envelope.", standard: "data"),
        ])
    static let iteratorKeys = KeyTable(
        "\"foreach\"",
        [
            Key("item", .text, "The variable for the event; item without it.", standard: "item"),
            Key("at", .text, "The variable for its number from 0; index without it.", standard: "index"),
            Key("do", StepReader.listShape, "What runs for each event.", isRequired: true),
            Key("output", .mapping(DataTransformation.keys("output", "as")), "What becomes of its output."),
            Key("export", .mapping(DataTransformation.keys("export", "as")), "What becomes $context."),
        ])

    static func read(_ fields: Fields, _ context: StepContext, _ reader: inout DefinitionReader) -> Listen? {
        guard let node = fields.value("listen"), let listen = Fields(node, keys, &reader.diagnostics) else {
            return nil
        }
        guard let to = listen.value("to") else {
            listen.need("to", of: "\"listen\"", &reader.diagnostics)
            return nil
        }
        let reading = listen.choice("read", EventReading.self, &reader.diagnostics) ?? .data
        var iterator: EventIterator?
        if let each = fields.value("foreach") {
            iterator = Self.iterator(each, context, &reader)
            if iterator == nil { return nil }
        }
        guard let strategy = EventStrategy.read(to, &reader) else { return nil }
        return Listen(strategy: strategy, read: reading, forEach: iterator)
    }

    private static func iterator(
        _ node: YAMLNode, _ context: StepContext, _ reader: inout DefinitionReader
    ) -> EventIterator? {
        guard let fields = Fields(node, iteratorKeys, &reader.diagnostics) else { return nil }
        let item = VariableName.read("item", fields, &reader) ?? "item"
        let at = VariableName.read("at", fields, &reader) ?? "index"
        return reader.with([item, at]) { reader in
            guard let steps = StepReader.list("do", of: "\"foreach\"", part: "foreach/do", fields, context, &reader)
            else { return nil }
            return reader.reading(.other) { reader in
                EventIterator(
                    item: item, at: at, steps: steps, output: DataTransformation.read("output", "as", fields, &reader),
                    export: DataTransformation.read("export", "as", fields, &reader))
            }
        }
    }
}

extension EventStrategy {
    private static let kinds = ["one", "any", "all"]
    static let shape: Shape = .named("events") { .mapping(keys) }
    static let keys: KeyTable = KeyTable(
        "\"to\"",
        [
            Key("one", .mapping(EventFilter.keys), "The one event that is waited for."),
            Key("any", .list(.mapping(EventFilter.keys)), "Filters, one of which is enough."),
            Key("all", .list(.mapping(EventFilter.keys)), "Filters that must all be met."),
            Key(
                "until", .either([.expression, shape]),
                "With any: a condition over the events so far, or events that end it."),
        ])

    static func read(_ node: YAMLNode, _ reader: inout DefinitionReader) -> EventStrategy? {
        guard let fields = Fields(node, keys, &reader.diagnostics) else { return nil }
        let chosen = kinds.filter(fields.has)
        guard chosen.count == 1 else {
            if chosen.isEmpty, fields.isMisspelt(kinds) { return nil }
            reader.diagnostics.error(
                chosen.isEmpty
                    ? "events are waited for by one of one, any, all"
                    : "\(listed(chosen)) exclude each other: write one of them",
                at: node.position)
            return nil
        }
        if fields.has("until"), chosen[0] != "any" {
            reader.diagnostics.error("\"until\" goes with \"any\" only", at: fields.keyPosition("until"))
        }
        switch chosen[0] {
        case "one":
            guard let one = fields.value("one") else {
                reader.diagnostics.error("\"one\" needs a filter", at: fields.keyPosition("one"))
                return nil
            }
            return EventFilter.read(one, &reader).map(EventStrategy.one)
        case "all":
            let filters = filters("all", fields, &reader)
            if filters?.isEmpty == true {
                reader.diagnostics.error("\"all\" must list at least one event", at: fields.position("all"))
            }
            return filters.map(EventStrategy.all)
        default:
            guard let filters = filters("any", fields, &reader) else { return nil }
            return .any(filters, until: until(fields, &reader))
        }
    }

    private static func filters(
        _ key: String, _ fields: Fields, _ reader: inout DefinitionReader
    ) -> [EventFilter]? {
        guard let nodes = fields.list(key, &reader.diagnostics) else { return nil }
        let filters = nodes.compactMap { EventFilter.read($0, &reader) }
        return filters.count == nodes.count ? filters : nil
    }

    private static func until(_ fields: Fields, _ reader: inout DefinitionReader) -> Until? {
        guard let node = fields.value("until"), node.json != false else { return nil }
        guard case .scalar(let text, _) = node.content else { return read(node, &reader).map(Until.events) }
        return reader.reading(.other) { ValueExpression.condition(node, text, allowed: false, &$0) }
            .map(Until.condition)
    }
}

extension EventFilter {
    static let keys = KeyTable(
        "an event filter",
        [
            Key("with", .byName(.any), "Attributes of the event.", isRequired: true),
            Key("correlate", .byName(.mapping(correlationKeys)), "Values that tie the event to this instance."),
        ])
    private static let correlationKeys = KeyTable(
        "a correlation",
        [
            Key("from", .expression, "The value, from the event's envelope.", isRequired: true),
            Key("expect", .any, "What it must be; without it, the first event decides.", examples: ["${ .id }"]),
        ])

    static func read(_ node: YAMLNode, _ reader: inout DefinitionReader) -> EventFilter? {
        reader.reading(.other) { readHere(node, &$0) }
    }

    private static func readHere(_ node: YAMLNode, _ reader: inout DefinitionReader) -> EventFilter? {
        guard let fields = Fields(node, keys, &reader.diagnostics) else { return nil }
        guard let with = fields.value("with") else {
            fields.need("with", of: "an event filter", &reader.diagnostics)
            return nil
        }
        guard case .mapping(let entries) = with.content, !entries.isEmpty else {
            reader.diagnostics.error("\"with\" must name at least one attribute, such as type", at: with.position)
            return nil
        }
        let attributes = entries.map { entry in
            let value = ValueExpression.read(entry.value, &reader)
            if case .expression(let expression) = value {
                Condition.checkAssignment(expression, at: entry.value.position, &reader.diagnostics)
            }
            return ValueExpression.Member(name: entry.key, value: value)
        }
        var correlations: [Correlation] = []
        if let node = fields.value("correlate") {
            guard case .mapping(let entries) = node.content else {
                reader.diagnostics.error(
                    "\"correlate\" must be a mapping, not \(node.kindDescription)", at: node.position)
                return nil
            }
            correlations = entries.compactMap { correlation($0, &reader) }
        }
        return EventFilter(attributes: attributes, correlations: correlations)
    }

    private static func correlation(_ entry: YAMLNode.Entry, _ reader: inout DefinitionReader) -> Correlation? {
        guard
            let fields = Fields(
                entry.value, correlationKeys, what: "correlation \"\(entry.key)\"", &reader.diagnostics)
        else { return nil }
        guard let node = fields.value("from"), let text = fields.text("from", &reader.diagnostics) else {
            fields.need("from", of: "correlation \"\(entry.key)\"", &reader.diagnostics)
            return nil
        }
        guard let from = ValueExpression.expression(node, text, &reader) else { return nil }
        let expect = fields.value("expect").map { node in
            reader.reading(.body) { ValueExpression.read(node, &$0) }
        }
        return Correlation(name: entry.key, from: from, expect: expect)
    }
}
