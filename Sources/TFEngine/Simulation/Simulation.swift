import TFDefinition
import TFExpression

/// A dry run of a workflow: the same engine as the daemon's in a virtual world, where a script answers for people,
/// programs and servers, and time goes by as fast as it can.
package struct Simulation {
    /// Runs a workflow to its end, or until nothing is scripted any more.
    /// - Parameters:
    ///   - library: the definitions that the workflow may use.
    ///   - input: the workflow's input; nil: what its `schedule.on` makes of the scripted events, else null.
    ///   - ticket: `$ticket`; null for an instance without one.
    ///   - uncomputed: what of the ticket could not be computed.
    ///   - isAsking: whether to stop where a task waits for an answer that the script does not have, and ask for it.
    ///     Otherwise time goes on, to its deadline if it has one.
    package static func run(
        _ program: Program, library: SimulationLibrary, input: JSON?, ticket: JSON, uncomputed: [UncomputedKey] = [],
        script: SimulationScript, isAsking: Bool = false
    ) -> SimulationResult {
        var simulation = Simulation(program, library, ticket, script, isAsking: isAsking)
        simulation.untold = uncomputed
        simulation.start(input)
        simulation.run()
        return simulation.result
    }

    /// How many steps all workflows of a run may take together: more than a person reads, and few enough for a workflow
    /// that goes round in virtual time to be told so at once.
    package static let limitSteps = 20_000
    /// How many entries the trace of a run may have, which a page shows as a whole.
    package static let limitEntries = 20_000

    struct Instance {
        let program: Program
        var state: InstanceState?
        /// The step of the instance that waits for this one's end.
        let parent: (instance: Int, reference: String, visit: Int)?
        /// How many workflows started each other before this one.
        let depth: Int
    }

    /// Something that happens at a moment.
    private struct Delivery {
        let at: Int64
        let order: Int
        let what: What

        enum What {
            case event(EngineEvent, instance: Int)
            /// An event for every listener, and for a schedule that waits for it.
            case heard(JSON)
            case answer(ScriptedAnswer)
        }
    }

    private static let eventLife: Int64 = 24 * 3_600_000

    let library: SimulationLibrary
    let script: SimulationScript
    var http: SimulatedHTTP
    private(set) var now: Int64
    var ticket: JSON
    var instances: [Instance] = []
    private var deliveries: [Delivery] = []
    private var order = 0
    /// How many of a task's scripted answers are used up, by the definition's name.
    var answered: [String: Int] = [:]
    /// Tasks that somebody may still answer.
    var open: Set<OpenTask> = []
    let isAsking: Bool
    /// The open tasks that have no answer in the script, in the order in which they were opened.
    var unscripted: [SimulationResult.Question] = []
    private var heard: [(at: Int64, event: JSON)] = []
    private(set) var emitted: [JSON] = []
    private(set) var trace: [SimulationResult.Entry] = []
    /// What could not be computed of the ticket, to be told behind the step that it comes with.
    var untold: [UncomputedKey] = []
    var openedTickets = 0
    private var waitsForEvents: [JSON]?
    /// The first part of the script that the daemon would refuse; the run ends with it.
    var problem: Diagnostic?
    /// Steps taken so far. Whatever else a workflow is given counts as one, so that they bound the run's length, which
    /// is the same on a machine that is busy.
    private var steps = 0
    /// Why the run was stopped before its end; nil: it was not.
    private(set) var stopped: WorkflowError?

    private init(
        _ program: Program, _ library: SimulationLibrary, _ ticket: JSON, _ script: SimulationScript, isAsking: Bool
    ) {
        self.isAsking = isAsking
        self.library = library
        self.script = script
        self.ticket = ticket
        http = SimulatedHTTP(answers: script.http)
        now = script.start
        instances = [Instance(program: program, state: nil, parent: nil, depth: 0)]
    }

    private mutating func start(_ input: JSON?) {
        for (number, scripted) in script.events.enumerated() {
            var event = scripted.event
            let at = script.start.later(by: scripted.after)
            for (name, value) in [
                ("specversion", "1.0"), ("id", JSON.string("event-\(number + 1)")), ("source", "script"),
                ("time", .string(Moment.iso8601(at))),
            ] where event[name] == nil { event[name] = value }
            deliver(.heard(.object(event)), at: at)
        }
        if input == nil, case .on? = instances[0].program.workflow.schedule?.kind {
            waitsForEvents = []
        } else {
            deliver(.event(.start(input: input ?? .null), instance: 0), at: now)
        }
    }

    private mutating func deliver(_ what: Delivery.What, at moment: Int64) {
        order += 1
        deliveries.append(Delivery(at: moment, order: order, what: what))
    }

    mutating func deliver(to instance: Int, _ event: EngineEvent) {
        deliver(.event(event, instance: instance), at: now)
    }

    mutating func deliver(_ answer: ScriptedAnswer) {
        deliver(.answer(answer), at: now.later(by: answer.scripted.after))
    }

    // MARK: Time

    private mutating func run() {
        while problem == nil, instances[0].state.map({ $0.status == .running }) ?? true {
            if steps > Self.limitSteps {
                return stop(
                    "it took more than \(Self.limitSteps) steps, the most of a dry run: it has a list too long for one, or it goes round and nothing in the script ends it"
                )
            }
            if trace.count > Self.limitEntries {
                return stop("its course has more than \(Self.limitEntries) entries, and nobody could read it")
            }
            let (next, timer) = (nextDelivery, nextTimer)
            let asked = questions.map(\.askedAt).min()
            if isAsking, let asked, asked < nextMoment ?? .max {
                now = max(now, asked)
                return
            }
            if let next, next.at <= timer?.at ?? .max {
                deliveries.removeAll { $0.order == next.order }
                now = max(now, next.at)
                switch next.what {
                case .event(let event, let instance): advance(instance, event)
                case .heard(let event): hear(event)
                case .answer(let answer): take(answer)
                }
            } else if let timer {
                now = max(now, timer.at)
                advance(timer.instance, .tick)
            } else {
                return
            }
        }
    }

    private mutating func stop(_ reason: String) {
        let place = instances[0].state?.waiting.first?.reference
        stopped = WorkflowError(
            .runtime, status: 500, title: "The dry run was stopped", detail: reason, at: place ?? "/")
    }

    private var nextDelivery: Delivery? { deliveries.min { ($0.at, $0.order) < ($1.at, $1.order) } }

    private var nextTimer: (at: Int64, instance: Int)? {
        instances.indices.compactMap { index in
            instances[index].state?.nextTimer.map { (at: $0, instance: index) }
        }.min { $0.at < $1.at }
    }

    /// When something happens that needs nobody's answer; nil: nothing does.
    var nextMoment: Int64? { [nextDelivery?.at, nextTimer?.at].compactMap { $0 }.min() }

    private mutating func hear(_ event: JSON) {
        heard.append((now, event))
        var meter = ExpressionMeter(fuel: Engine.Caps.fuelPerTurn)
        if let met = waitsForEvents, let schedule = instances[0].program.workflow.schedule,
            case .on(let strategy) = schedule.kind,
            let heard = strategy.complete(
                with: event, met: met, read: schedule.read, matches: { Engine.matches($0, $1, &meter) })
        {
            waitsForEvents = heard.met
            if let input = heard.input {
                waitsForEvents = nil
                deliver(to: 0, .start(input: .array(input)))
            }
        }
        for index in instances.indices where instances[index].state?.isListening == true {
            advance(index, .received(event))
        }
    }

    // MARK: Instances

    mutating func advance(_ index: Int, _ event: EngineEvent) {
        let instance = instances[index]
        let surroundings = surroundings(index)
        guard let transition = Engine.advance(instance.program, instance.state, event, surroundings) else {
            steps += 1
            return
        }
        steps += max(1, transition.state.steps - (instance.state?.steps ?? 0))
        instances[index].state = transition.state
        for effect in transition.effects { apply(effect, index) }
        guard transition.state.status != .running, let parent = instance.parent else { return }
        let outcome: RunOutcome =
            switch transition.state.status {
            case .completed: .completed(transition.state.output)
            case .running, .faulted, .cancelled:
                .failed(transition.state.error ?? .runtime("the workflow was cancelled", at: ""))
            }
        deliver(to: parent.instance, .runFinished(reference: parent.reference, visit: parent.visit, outcome))
    }

    func surroundings(_ index: Int) -> Surroundings {
        Surroundings(
            instance: index == 0 ? "simulation" : "simulation-\(index)", ticket: ticket, now: now,
            company: CompanyContext(offset: script.clock.zone, secrets: script.secrets))
    }

    private mutating func apply(_ effect: Effect, _ index: Int) {
        switch effect {
        case .step(let change):
            if index == 0 {
                trace.append(
                    .init(
                        at: now, event: change.kind.rawValue, task: change.reference, name: change.name,
                        reason: change.reason))
            }
            tellUncomputed()
        case .openTask(let request): ask(request, index)
        case .withdrawTask(let reference, let visit):
            open = open.filter { $0.instance != index || $0.reference != reference || $0.visit != visit }
        case .sendHTTP(let intent): send(intent, index)
        case .runWorkflow(let request): start(request, index)
        case .openTicket(let request):
            let outcome = opened(request)
            deliver(to: index, .ticketOpened(reference: request.reference, visit: request.visit, outcome))
        case .updateTicket(let update):
            if let priority = update.priority { changeTicket("priority", .string(priority.rawValue)) }
            if let title = update.title { changeTicket("title", .string(title)) }
            if let labels = update.labels { changeTicket("labels", .strings(labels)) }
        case .ticketStatus(let status):
            // A workflow inside another changes the ticket's status only if it names one.
            if instances[index].depth == 0 || status != nil {
                changeTicket("status", .string(status ?? TicketStatus.usual))
            }
        case .emit(let event):
            emitted.append(event)
            deliver(.heard(event), at: now)
        case .replayEvents(let since):
            for past in heard where past.at >= max(since, now - Self.eventLife) {
                // Counted before they arrive too, since each listener may add as many again.
                steps += 1
                deliver(to: index, .received(past.event))
            }
        case .yield: deliver(to: index, .resume)
        case .cancelRun(let reference, let visit):
            for child in instances.indices {
                guard let parent = instances[child].parent, parent.instance == index, parent.reference == reference,
                    parent.visit == visit
                else { continue }
                advance(child, .cancel)
            }
        case .completed(let output):
            if index == 0 {
                changeTicket("status", .string(TicketStatus.shortened(TicketStatus.resolution(of: output))))
            }
        case .faulted: if index == 0 { changeTicket("status", .string(TicketStatus.failed)) }
        case .cancelled: if index == 0 { changeTicket("status", .string(TicketStatus.cancelled)) }
        case .cancelHTTP, .comment, .resumed: break
        }
    }

    /// Tells what could not be computed, as the ticket's history does.
    private mutating func tellUncomputed() {
        for failed in untold {
            trace.append(
                .init(
                    at: now, event: HistoryKind.uncomputed.rawValue, task: "", name: failed.key.rawValue,
                    reason: TextLimit.failure.shortened(failed.error)))
        }
        untold = []
    }

    /// Changes a member of `$ticket`, if there is a ticket.
    mutating func changeTicket(_ member: String, _ value: JSON) {
        guard var members = ticket.objectValue else { return }
        members[member] = value
        ticket = .object(members)
    }
}
