import TFDefinition
import TFExpression

/// A transition while it is being computed.
struct Run {
    var state: InstanceState
    var effects: [Effect] = []
    let program: Program
    var surroundings: Surroundings
    let meter = Meter()
    private var stepsInTurn = 0
    /// How many tasks this turn has opened, tickets counted as `Caps.openedPerTurn`.
    var openedInTurn = 0

    init(_ program: Program, _ state: InstanceState, _ surroundings: Surroundings) {
        self.program = program
        self.state = state
        self.surroundings = surroundings
    }

    var transition: Transition { Transition(state: state, effects: effects) }

    var now: Int64 { surroundings.now }

    // MARK: Events

    mutating func start() {
        note(.started, "", "")
        guarded(at: "/") { (run) throws(WorkflowError) in
            try run.state.input.checkDepth("its input", at: "/")
            let input = try run.enter(run.program.workflow.input, run.state.input, Place.workflow)
            run.state.deadline = try run.deadline(run.program.workflow.timeout, input, Place.workflow)
            run.state.branches = [Branch(id: 0, parent: nil, frames: [Frame(list: "/do", data: input, .list)])]
            run.state.nextBranch = 1
        }
        proceed()
    }

    /// Whether a faulted instance takes the event.
    func isForFaulted(_ event: EngineEvent) -> Bool {
        guard state.status == .faulted else { return false }
        switch event {
        case .retry, .skip: return state.branches.contains { $0.wait?.kind == .decision }
        case .cancel: return true
        case .start, .taskCompleted, .taskAnswered, .taskFailed, .tick, .httpFinished, .runFinished, .ticketOpened,
            .received, .resume:
            return false
        }
    }

    /// - Returns: false if the event does not concern this state.
    mutating func apply(_ event: EngineEvent) -> Bool {
        switch event {
        case .start: return false
        case .taskCompleted(let reference, let visit, let output):
            let branch = waiting(reference, visit) { kind in
                // Of people who are asked, what was decided before anybody was.
                if case .answers(let answers) = kind { answers.isEmpty } else { kind == .task }
            }
            guard let branch else { return false }
            completeTask(branch, output)
        case .taskAnswered(let reference, let visit, let seat, let people, let output):
            let branch = waiting(reference, visit) { kind in if case .answers = kind { true } else { false } }
            guard let branch, take(.init(seat: seat, output: output), of: people, branch) else { return false }
        case .taskFailed(let reference, let visit, let error):
            guard let branch = waiting(reference, visit, { $0 == .task }) else { return false }
            raise(WorkflowError(reported: error, at: reference), in: branch)
        case .tick: guard tick() else { return false }
        case .httpFinished(let reference, let visit, let stage, let outcome):
            let branch = waiting(reference, visit) { kind in
                if case .http(let current) = kind { current.number == stage } else { false }
            }
            guard let branch else { return false }
            finishHTTP(branch, outcome)
        case .runFinished(let reference, let visit, let outcome):
            guard let branch = waiting(reference, visit, { $0 == .run }) else { return false }
            finish(branch, outcome)
        case .ticketOpened(let reference, let visit, let outcome):
            guard let branch = waiting(reference, visit, { $0 == .ticket }) else { return false }
            finish(branch, outcome)
        case .received(let event):
            guard !event.isDeeper(than: Engine.Caps.valueDepth), receive(event) else { return false }
        case .resume:
            guard state.isYielding else { return false }
            state.isYielding = false
        case .retry:
            let error = state.error
            guard let branch = decided() else { return false }
            renewPass(of: branch, after: error)
            state.branches[position(branch)].wait = nil
        case .skip(let output):
            guard !output.isDeeper(than: Engine.Caps.valueDepth), let branch = decided(),
                let wait = state.branches[position(branch)].wait
            else { return false }
            complete(branch, wait.pending, output: output)
        case .cancel:
            cancel()
            return true
        }
        if endsRow(event) { state.row = StepRow(since: now) }
        proceed()
        return true
    }

    /// Whether something has come from outside, or enough time has passed. What the workflow brings about by itself is
    /// no answer: a workflow or ticket that it starts, and an event that it emits. An event of its own is known by the
    /// id that it was given; one whose id the workflow chooses, or that goes to and fro between two workflows, is taken
    /// for another's.
    private func endsRow(_ event: EngineEvent) -> Bool {
        let isLate = now - state.row.since >= Engine.Caps.longestRow
        return switch event {
        case .resume: false
        case .tick, .runFinished, .ticketOpened: isLate
        case .received(let event): isLate || !isOwn(event)
        case .start, .taskCompleted, .taskAnswered, .taskFailed, .httpFinished, .retry, .skip, .cancel: true
        }
    }

    private func isOwn(_ event: JSON) -> Bool {
        event["id"].stringValue?.hasPrefix(ownEventPrefix) ?? false
    }

    /// What the ids of events begin with that this instance emits.
    var ownEventPrefix: String { "\(surroundings.instance):" }

    private func waiting(_ reference: String, _ visit: Int, _ isKind: (Wait.Kind) -> Bool) -> Int? {
        state.branches.first { branch in
            guard let wait = branch.wait else { return false }
            return wait.pending.reference == reference && wait.pending.visit == visit && isKind(wait.kind)
        }?.id
    }

    /// Lets a faulted instance run again after a ticket admin's decision.
    private mutating func decided() -> Int? {
        guard let branch = state.branches.first(where: { $0.wait?.kind == .decision }) else { return nil }
        state.status = .running
        state.error = nil
        effects.append(.resumed)
        return branch.id
    }

    /// Lets a request that was refused be another one when it is sent again, as its data may be mended. Any other may
    /// have arrived, and stays the same.
    private mutating func renewPass(of branch: Int, after error: WorkflowError?) {
        let here = position(branch)
        let top = state.branches[here].frames.count - 1
        guard top >= 0, let error, error.isRefusal,
            error.instance == state.branches[here].wait?.pending.reference
        else { return }
        state.branches[here].frames[top].laps += 1
    }

    private mutating func cancel() {
        abandonAll()
        state.status = .cancelled
        note(.cancelled, "", "")
        effects.append(.cancelled)
    }

    // MARK: Running

    /// Runs all branches until each waits, the workflow has ended, or the turn is over.
    mutating func proceed() {
        while state.status == .running, !state.isYielding, let branch = state.branches.first(where: { $0.wait == nil })
        {
            stepsInTurn += 1
            state.steps += 1
            state.row.steps += 1
            guard state.steps <= Engine.Caps.steps else {
                fault(.runtime("it ran \(Engine.Caps.steps) steps", at: reference(of: branch.id)))
                break
            }
            guard state.row.steps <= Engine.Caps.stepsInRow else {
                let reason = "it ran \(Engine.Caps.stepsInRow) steps in a row without waiting for anything"
                fault(.runtime(reason, at: reference(of: branch.id)))
                break
            }
            if stepsInTurn > Engine.Caps.stepsPerTurn || meter.usedInTurn > Engine.Caps.fuelPerTurn
                || openedInTurn >= Engine.Caps.openedPerTurn
            {
                state.isYielding = true
                effects.append(.yield)
                break
            }
            meter.beginStep()
            step(branch.id)
        }
        checkSize()
        guard state.status == .running else { return }
        let status = shownStatus
        if status != state.shownStatus || state.steps <= stepsInTurn {
            state.shownStatus = status
            effects.append(.ticketStatus(status))
        }
    }

    /// Runs a part of a transition outside any branch; an error in it faults the instance.
    private mutating func guarded(at reference: String, _ body: (inout Run) throws(WorkflowError) -> Void) {
        do { try body(&self) } catch { fault(error) }
    }

    private mutating func checkSize() {
        guard state.status == .running, effects.count > 1 else { return }
        if state.dataBytes > Engine.Caps.dataBytes {
            fault(.runtime("its data grew beyond \(Engine.Caps.dataBytes >> 20) MiB", at: "/"))
        } else if state.isDeeper(than: Engine.Caps.valueDepth) {
            // Forks in a loop nest their outputs without any expression whose limits would stop them.
            fault(.runtime("its data is nested deeper than \(Engine.Caps.valueDepth) levels", at: "/"))
        }
    }

    /// The next step of a branch, or the end of its innermost list.
    private mutating func step(_ branch: Int) {
        guard let frame = state.branches[position(branch)].frames.last else { return finishBranch(branch, .null) }
        if case .listen = frame.kind { return listen(branch) }
        guard let step = currentStep(branch) else { return leaveList(branch) }
        attempt(branch) { (run) throws(WorkflowError) in try run.begin(step, branch) }
    }

    /// Runs a part of a branch; an error in it is raised in the branch.
    mutating func attempt(_ branch: Int, _ body: (inout Run) throws(WorkflowError) -> Void) {
        do { try body(&self) } catch { raise(error, in: branch) }
    }

    // MARK: Where it is

    func position(_ branch: Int) -> Int {
        guard let position = state.branches.firstIndex(where: { $0.id == branch }) else {
            preconditionFailure("a branch that runs is in the state")
        }
        return position
    }

    func exists(_ branch: Int) -> Bool { state.branches.contains { $0.id == branch } }

    /// The present step of a branch's innermost list; nil after the last one.
    func currentStep(_ branch: Int) -> WorkflowStep? {
        state.branches[position(branch)].frames.last { !$0.isListener }.flatMap(step(of:))
    }

    /// The present step of a list; nil after the last one.
    func step(of frame: Frame) -> WorkflowStep? {
        let steps = program.lists[frame.list] ?? []
        return steps.indices.contains(frame.index) ? steps[frame.index] : nil
    }

    func reference(of branch: Int) -> String {
        guard let frame = state.branches[position(branch)].frames.last(where: { !$0.isListener }) else { return "/" }
        return reference(in: frame)
    }

    /// The JSON Pointer of the step at which a frame is, as it is told: a function's body has that of the step that calls
    /// the function.
    func reference(in frame: Frame) -> String { pointer(in: frame, of: frame.told) }

    private func pointer(in frame: Frame, of list: String) -> String {
        if frame.isFunction { return list }
        let steps = program.lists[frame.list] ?? []
        guard steps.indices.contains(frame.index) else { return "/" }
        return "\(list)/\(frame.index)/\(steps[frame.index].name)"
    }

    /// A list of a branch's present step: its `do`, say.
    func list(_ part: String, of branch: Int) -> ListPlace {
        guard let frame = state.branches[position(branch)].frames.last(where: { !$0.isListener }) else {
            return ListPlace(list: "/\(part)", told: "/\(part)")
        }
        return ListPlace(
            list: "\(pointer(in: frame, of: frame.list))/\(part)", told: "\(reference(in: frame))/\(part)")
    }

    /// Whether a branch's present step is the body of a function: the step that calls it begins and ends with it, and is
    /// told alone.
    func isBody(_ branch: Int) -> Bool {
        state.branches[position(branch)].frames.last { !$0.isListener }?.isFunction == true
    }

    /// The name of a branch's present step as it is told.
    /// - Parameter depth: how many of the branch's frames count; nil: all.
    func toldName(_ branch: Int, below depth: Int? = nil) -> String {
        let frames = state.branches[position(branch)].frames
        let frame = frames[..<(depth ?? frames.count)].last { !$0.isListener && !$0.isFunction }
        return frame.flatMap(step(of:))?.name ?? ""
    }

    /// The name of the step of the workflow's own lists at which a branch is: of a step in a function, the one that calls
    /// the function.
    func nameOutsideFunctions(_ branch: Int) -> String? {
        var name = currentStep(branch)?.name
        var next: Int? = branch
        while let branch = next {
            let frames = state.branches[position(branch)].frames
            if let body = frames.firstIndex(where: \.isFunction), body > 0 {
                name = step(of: frames[body - 1])?.name ?? name
            }
            next = state.branches[position(branch)].parent?.branch
        }
        return name
    }

    /// The ticket's status: the one that the innermost running step of any branch names, else that of the last
    /// `ticket-update`.
    private var shownStatus: String? {
        for branch in state.branches {
            for frame in branch.frames.reversed() {
                let steps = program.lists[frame.list] ?? []
                if steps.indices.contains(frame.index), let status = steps[frame.index].ticketStatus { return status }
            }
        }
        return state.ticketStatus
    }

    // MARK: Effects

    mutating func note(_ kind: StepChange.Kind, _ reference: String, _ name: String, because reason: String? = nil) {
        effects.append(.step(StepChange(kind: kind, reference: reference, name: name, reason: reason)))
    }
}

extension Frame {
    var isListener: Bool { if case .listen = kind { true } else { false } }
    var isFunction: Bool { if case .function = kind { true } else { false } }
}

extension InstanceState {
    /// The approximate size of the stored state in bytes.
    var dataBytes: Int {
        func size(_ values: some Sequence<JSON>) -> Int { values.reduce(0) { $0 + $1.size } }
        let frames = branches.flatMap(\.frames)
        return context.size + size(tasks.values)
            + frames.reduce(0) { total, frame in
                var own = frame.data.size + (frame.owner?.input.size ?? 0) + size(frame.variables.values)
                switch frame.kind {
                case .loop(let elements, _, _): own += size(elements)
                case .listen(let listener): own += size(listener.events) + size(listener.queue) + size(listener.outputs)
                case .list, .branch, .attempt, .handler, .round, .function: break
                }
                return total + own
            }
    }
}

extension InstanceState {
    fileprivate func isDeeper(than levels: Int) -> Bool {
        func isDeep(_ value: JSON) -> Bool { value.isDeeper(than: levels) }
        return isDeep(context) || tasks.values.contains(where: isDeep)
            || branches.contains { branch in
                if case .fork(let fork)? = branch.wait?.kind, fork.outputs.values.contains(where: isDeep) {
                    return true
                }
                return branch.frames.contains { isDeep($0.data) }
            }
    }
}

extension JSON {
    /// The approximate size of the value's text in bytes.
    fileprivate var size: Int {
        switch self {
        case .null, .bool: 5
        case .number: 8
        case .string(let text): text.utf8.count + 2
        case .array(let elements): elements.reduce(2) { $0 + $1.size + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + $1.value.size + 4 }
        }
    }
}
