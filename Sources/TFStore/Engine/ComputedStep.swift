import TFEngine

/// All that a step of an instance depends on, as it is stored: equal inputs give an equal step.
///
/// The company's time zone and secrets and the site's address are left out. A step that was computed just before one of
/// them changed is as if it had been taken then.
struct StepInputs: Sendable, Equatable {
    let instance: Row
    /// nil: the instance belongs to no ticket.
    let ticket: Row?
    /// The row of `instance_event`; nil: its timer is due.
    let event: Row?

    /// Whether the instance is left alone, and events for it with it.
    var isSetAside: Bool { (instance["set_aside"] as String?) != nil }
}

/// An instance with all that the engine reads of it but its state.
struct LoadedInstance: Sendable {
    let row: InstanceRow
    /// nil: it belongs to no ticket.
    let ticket: Ticket?
    let program: Program
}

/// What the engine makes of an event or a due timer of an instance.
struct ComputedStep: Sendable {
    let inputs: StepInputs
    let instance: LoadedInstance
    /// The instance's state before; nil: it has yet to start.
    let before: InstanceState?
    /// nil: the event no longer applies; the task was withdrawn, or the instance has ended.
    let after: (transition: Transition, state: String)?
}

/// How steps are computed.
struct StepRules: Sendable {
    let now: Int64
    let opener: SecretOpener
}

extension CompanyReadSession {
    /// Computes a step. It writes nothing, but its expressions may take long.
    /// - Parameter mark: says of which instance it is, in case the process dies of it.
    func step(from inputs: StepInputs, _ rules: StepRules, _ mark: HandlingMark) throws -> ComputedStep {
        let event = try inputs.event.map(EngineEvent.init(row:)) ?? .tick
        let row = InstanceRow(row: inputs.instance)
        mark.set(.instance(row.id))
        let state = try (inputs.instance["state"] as String?).map { try InstanceState(text: $0) }
        let instance = try load(row, ticket: try inputs.ticket.map(Ticket.init(row:)))
        let surroundings = try surroundings(of: instance, rules)
        #if DEBUG
            if let ticket = instance.ticket { TestCrash.dieIfAsked(at: ticket.title) }
        #endif
        let transition = Engine.advance(instance.program, state, event, surroundings)
        return ComputedStep(
            inputs: inputs, instance: instance, before: state, after: transition.map { ($0, $0.state.text) })
    }

    func load(_ instance: InstanceRow, ticket: Ticket?) throws -> LoadedInstance {
        LoadedInstance(row: instance, ticket: ticket, program: try program(instance, ticket: ticket))
    }

    /// What the instance's expressions may read of the world.
    func surroundings(of instance: LoadedInstance, _ rules: StepRules) throws -> Surroundings {
        let company = try companyRecord()
        return Surroundings(
            instance: instance.row.id.description, ticket: try instance.ticket.map { try ticketJSON($0) } ?? .null,
            now: rules.now,
            company: CompanyContext(
                offset: company.offset, secrets: try secrets(instance.program.workflow, rules.opener),
                source: "\(baseURL)/c/\(company.slug)"))
    }
}

/// Steps that were computed from a snapshot before the transaction that takes them. In the transaction everybody who
/// writes would wait for the expressions of one company's workflows. While it writes, the steps behind them are computed.
struct StepsAhead: Sendable {
    /// By what is handled. The transaction takes a step only if its inputs are still the same.
    private(set) var steps: [TurnPlan.Item: ComputedStep] = [:]
    /// What there was no time for. The transaction leaves it, too.
    private(set) var left: Set<TurnPlan.Item> = []
    /// How long the steps of each company took.
    private(set) var costs: [CompanyID: Duration] = [:]

    /// Nothing was computed ahead.
    init() {}

    /// Computes what is to be done by a plan, in its order, for as long as there is time; at least one step, unless an
    /// earlier one has to be stored first.
    /// - Parameter earlier: steps that may be taken meanwhile: what a further one of their instances and tickets starts from
    ///   is not stored yet.
    init(
        _ items: some Collection<TurnPlan.Item>, behind earlier: StepsAhead = StepsAhead(),
        until end: ContinuousClock.Instant, _ session: ReadSession, _ rules: StepRules
    ) throws {
        let mark = session.mark.ofSteps
        defer { mark.clear() }
        var sessions: [CompanyID: CompanyReadSession] = [:]
        var rows = StepRows()
        let instances = Set(earlier.steps.values.map(\.instance.row.id))
        let tickets = Set(earlier.steps.values.compactMap(\.instance.ticket?.id))
        var known: Set<InstanceID> = []
        var start = ContinuousClock.now
        for (place, item) in items.enumerated() {
            guard place == 0 || start < end else {
                left = Set(items.dropFirst(place))
                break
            }
            if place.isMultiple(of: StepRows.limit) {
                rows = StepRows(items.dropFirst(place).prefix(StepRows.limit))
            }
            let company = sessions[item.company] ?? session.inside(item.company)
            sessions[item.company] = company
            try rows.prepare(company)
            do {
                if let inputs = try Self.inputs(item, rows, company) {
                    let ticket: TicketID? = inputs.ticket?["id"]
                    if instances.contains(inputs.instance["id"]) || ticket.map(tickets.contains) == true {
                        left = Set(items.dropFirst(place))
                        break
                    }
                    if known.insert(inputs.instance["id"]).inserted, !inputs.isSetAside {
                        steps[item] = try company.step(from: inputs, rules, mark)
                    }
                }
            } catch {
                // Told again, and dealt with, where the step is to be taken.
                if StoreError.isTemporary(error) { throw error }
            }
            let now = ContinuousClock.now
            costs[item.company, default: .zero] += now - start
            start = now
        }
    }

    /// - Returns: nil: the event is not there any more.
    private static func inputs(
        _ item: TurnPlan.Item, _ rows: StepRows, _ company: CompanyReadSession
    ) throws -> StepInputs? {
        switch item {
        case .event(let key):
            guard let row = try rows.event(key, company) else { return nil }
            return try rows.inputs(row["instance_id"], row, company)
        case .wake(let key): return try rows.inputs(key.id, nil, company)
        }
    }

    /// Forgets what a plan has done.
    mutating func forget(handledIn plan: TurnPlan) { for item in plan.handled { steps[item] = nil } }

    /// Adds what was computed behind these.
    mutating func add(_ following: StepsAhead) {
        steps.merge(following.steps) { $1 }
        left = following.left
    }
}
