import TFDefinition
import TFExpression

/// A dry run of a workflow: the same engine as the daemon's in a virtual world, where a script answers for people,
/// programs and servers, and time goes by as fast as it can.
package struct Simulation {
    /// Runs a workflow to its end, or until nothing is scripted any more.
    /// - Parameters:
    ///   - library: the workflows that `run: workflow` finds, each with the tasks that it calls.
    ///   - input: nil: what the workflow's `schedule.on` makes of the scripted events, else null.
    package static func run(
        _ program: Program, library: [Program], input: JSON?, ticket: JSON, script: SimulationScript
    ) -> SimulationResult {
        var simulation = Simulation(program, library, ticket, script)
        simulation.start(input)
        simulation.run()
        return simulation.result
    }

    private struct Instance {
        let program: Program
        var state: InstanceState?
        /// Whom its end is told.
        let parent: (instance: Int, reference: String, visit: Int)?
        let startedAt: Int64
    }

    /// Something that happens at a moment; what comes first is done first.
    private struct Delivery {
        let at: Int64
        let order: Int
        let instance: Int?
        let event: EngineEvent
    }

    /// Instances may start others without end.
    private static let mostInstances = 1_000
    private static let eventLife: Int64 = 24 * 3_600_000

    private let library: [Program]
    private let script: SimulationScript
    private var http: SimulatedHTTP
    private var now: Int64
    private var ticket: JSON
    private var instances: [Instance] = []
    private var deliveries: [Delivery] = []
    private var order = 0
    private var answered: [String: Int] = [:]
    private var heard: [(at: Int64, event: JSON)] = []
    private var emitted: [JSON] = []
    private var trace: [SimulationResult.Entry] = []
    private var openedTickets = 0
    private var waitsForEvents: [JSON]?

    private init(_ program: Program, _ library: [Program], _ ticket: JSON, _ script: SimulationScript) {
        self.library = library
        self.script = script
        self.ticket = ticket
        http = SimulatedHTTP(answers: script.http)
        now = script.start
        instances = [Instance(program: program, state: nil, parent: nil, startedAt: script.start)]
    }

    private mutating func start(_ input: JSON?) {
        for (number, scripted) in script.events.enumerated() {
            var event = scripted.event
            let at = script.start + scripted.after
            for (name, value) in [
                ("specversion", "1.0"), ("id", JSON.string("event-\(number + 1)")), ("source", "script"),
                ("time", .string(Run.iso8601(at))),
            ] where event[name] == nil { event[name] = value }
            deliver(to: nil, .received(.object(event)), at: at)
        }
        if input == nil, case .on? = instances[0].program.workflow.schedule?.kind {
            waitsForEvents = []
        } else {
            deliver(to: 0, .start(input: input ?? .null), at: now)
        }
    }

    private mutating func deliver(to instance: Int?, _ event: EngineEvent, at moment: Int64) {
        order += 1
        deliveries.append(Delivery(at: moment, order: order, instance: instance, event: event))
    }

    // MARK: Time

    private mutating func run() {
        while instances[0].state.map({ $0.status == .running }) ?? true {
            let next = deliveries.min { ($0.at, $0.order) < ($1.at, $1.order) }
            let timer = instances.indices.compactMap { index in
                instances[index].state?.nextTimer.map { (at: $0, instance: index) }
            }.min { $0.at < $1.at }
            if let next, next.at <= timer?.at ?? .max {
                deliveries.removeAll { $0.order == next.order }
                now = max(now, next.at)
                take(next)
            } else if let timer {
                now = max(now, timer.at)
                advance(timer.instance, .tick)
            } else {
                return
            }
        }
    }

    private mutating func take(_ delivery: Delivery) {
        guard let instance = delivery.instance else {
            guard case .received(let event) = delivery.event else { return }
            return hear(event)
        }
        advance(instance, delivery.event)
    }

    /// An event for every listener, and for the schedule that waits for it.
    private mutating func hear(_ event: JSON) {
        heard.append((now, event))
        if let met = waitsForEvents, let schedule = instances[0].program.workflow.schedule,
            case .on(let strategy) = schedule.kind,
            let heard = strategy.complete(with: event, met: met, read: schedule.read, matches: Engine.matches)
        {
            waitsForEvents = heard.met
            if let input = heard.input {
                waitsForEvents = nil
                deliver(to: 0, .start(input: .array(input)), at: now)
            }
        }
        for index in instances.indices where instances[index].state?.isListening == true {
            advance(index, .received(event))
        }
    }

    // MARK: Instances

    private mutating func advance(_ index: Int, _ event: EngineEvent) {
        let instance = instances[index]
        let surroundings = surroundings(index)
        guard let transition = Engine.advance(instance.program, instance.state, event, surroundings) else { return }
        instances[index].state = transition.state
        for effect in transition.effects { apply(effect, index) }
        guard transition.state.status != .running, let parent = instance.parent else { return }
        let outcome: RunOutcome =
            switch transition.state.status {
            case .completed: .completed(transition.state.output)
            case .running, .faulted, .cancelled:
                .failed(transition.state.error ?? .runtime("the workflow was cancelled", at: ""))
            }
        deliver(
            to: parent.instance, .runFinished(reference: parent.reference, visit: parent.visit, outcome), at: now)
    }

    private func surroundings(_ index: Int) -> Surroundings {
        Surroundings(
            instance: index == 0 ? "simulation" : "simulation-\(index)", ticket: ticket, now: now,
            secrets: script.secrets, source: "/ticketflower")
    }

    private mutating func apply(_ effect: Effect, _ index: Int) {
        switch effect {
        case .step(let change):
            guard index == 0 else { return }
            trace.append(
                .init(at: now, event: change.kind.rawValue, task: change.reference, name: change.name))
        case .openTask(let request): answer(request, index)
        case .sendHTTP(let intent): send(intent, index)
        case .runWorkflow(let request): start(request, index)
        case .openTicket(let request):
            openedTickets += 1
            let number = (ticket["number"].intValue ?? 0) + openedTickets
            let opened: JSON = [
                "number": .int(number), "type": .string(request.type), "title": .string(request.type),
                "url": .string("/tickets/\(number)"),
            ]
            deliver(
                to: index,
                .ticketOpened(reference: request.reference, visit: request.visit, .completed(opened)), at: now)
        case .updateTicket(let update):
            var members = ticket.objectValue ?? [:]
            if let priority = update.priority { members["priority"] = .string(priority.rawValue) }
            if let title = update.title { members["title"] = .string(title) }
            if let labels = update.labels { members["labels"] = .strings(labels) }
            ticket = .object(members)
        case .ticketStatus(let status):
            guard var members = ticket.objectValue, index == 0 || status != nil else { return }
            members["status"] = .string(status ?? "in progress")
            ticket = .object(members)
        case .emit(let event):
            emitted.append(event)
            deliver(to: nil, .received(event), at: now)
        case .replayEvents(let since):
            for past in heard where past.at >= max(since, now - Self.eventLife) {
                deliver(to: index, .received(past.event), at: now)
            }
        case .yield: deliver(to: index, .resume, at: now)
        case .cancelRun(let reference, let visit):
            for child in instances.indices {
                guard let parent = instances[child].parent, parent.instance == index, parent.reference == reference,
                    parent.visit == visit
                else { continue }
                advance(child, .cancel)
            }
        case .withdrawTask, .cancelHTTP, .comment, .resumed, .completed, .faulted, .cancelled: break
        }
    }

    private mutating func answer(_ request: TaskRequest, _ index: Int) {
        let name = request.definition.name
        let number = answered[name] ?? 0
        let remaining = max(0, (script.tasks[name]?.count ?? 0) - number)
        // Nobody holds a role here: as many are asked as answers are scripted.
        let people = request.strategy == .each ? request.people?.count ?? max(1, remaining) : 1
        for seat in 0..<min(people, remaining) {
            guard let answer = script.tasks[name]?[number + seat] else { return }
            answered[name] = number + seat + 1
            deliver(answer, to: request, seat: seat, people, index)
        }
    }

    private mutating func deliver(
        _ answer: SimulationScript.TaskAnswer, to request: TaskRequest, seat: Int, _ people: Int, _ index: Int
    ) {
        let at = now + answer.after
        switch answer.result {
        case .output(var output):
            if let by = answer.by ?? request.people?[seat] { output["by"] = .string(by) }
            output["at"] = .string(Run.iso8601(at))
            let event: EngineEvent =
                request.strategy == .each
                ? .taskAnswered(
                    reference: request.reference, visit: request.visit, seat: seat, people: people,
                    output: .object(output))
                : .taskCompleted(reference: request.reference, visit: request.visit, output: .object(output))
            deliver(to: index, event, at: at)
        case .failure(let error):
            deliver(
                to: index, .taskFailed(reference: request.reference, visit: request.visit, error: error), at: at)
        }
    }

    private mutating func send(_ intent: HTTPIntent, _ index: Int) {
        guard let state = instances[index].state else { return }
        var outcome: HTTPOutcome
        do {
            let request = try Engine.request(
                instances[index].program, state, reference: intent.reference, visit: intent.visit, surroundings(index))
            guard let request else { return }
            outcome = http.answer(request)
        } catch {
            outcome = .failed(error)
        }
        deliver(
            to: index,
            .httpFinished(reference: intent.reference, visit: intent.visit, stage: intent.stage, outcome), at: now)
    }

    private mutating func start(_ request: RunRequest, _ index: Int) {
        func fail(_ detail: String) {
            guard request.isAwaited else { return }
            let error = WorkflowError(
                .configuration, status: 500, title: "The workflow cannot be run", detail: detail, at: request.reference)
            deliver(
                to: index, .runFinished(reference: request.reference, visit: request.visit, .failed(error)), at: now)
        }
        let found = library.filter { program in
            program.workflow.name == request.workflow.name
                && (request.workflow.version.map { $0 == program.workflow.version } ?? true)
        }
        let newest = found.max { SemanticVersion.isLower($0.workflow.version, $1.workflow.version) }
        guard let program = newest else {
            return fail("there is no workflow \"\(request.workflow)\"; name its file in the script's \"workflows\"")
        }
        guard instances.count < Self.mostInstances else {
            return fail("more than \(Self.mostInstances) workflows were started")
        }
        let parent = request.isAwaited ? (index, request.reference, request.visit) : nil
        instances.append(Instance(program: program, state: nil, parent: parent, startedAt: now))
        deliver(to: instances.count - 1, .start(input: request.input), at: now)
    }

    private var result: SimulationResult {
        let state = instances[0].state
        let status: SimulationResult.Status =
            switch state?.status {
            case .completed: .completed
            case .faulted: .faulted
            case .cancelled: .cancelled
            case .running, nil: .waiting
            }
        return SimulationResult(
            status: status, output: status == .completed ? state?.output ?? .null : .null, error: state?.error,
            elapsed: now - script.start, trace: trace, emitted: emitted,
            waiting: status == .waiting ? state?.waiting.map { "\($0.reference): \($0.because)" } ?? [] : [])
    }
}
