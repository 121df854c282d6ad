import TFDefinition
import TFExpression

/// `fork`: branches that run side by side.
extension Run {
    mutating func fork(_ fork: Fork, _ branch: Int, _ pending: Wait.Pending) throws(WorkflowError) {
        guard state.branches.count + fork.branches.count <= Engine.Caps.branches else {
            throw .runtime("more than \(Engine.Caps.branches) branches at one time", at: pending.reference)
        }
        guard depth(of: branch) < Engine.Caps.depth else {
            throw .runtime("forks are nested deeper than \(Engine.Caps.depth)", at: pending.reference)
        }
        let inherited = variables(branch)
        wait(branch, pending, .fork(ForkState()))
        for number in fork.branches.indices {
            var frame = Frame(
                list("fork/branches", of: branch), data: pending.input, .branch, variables: inherited)
            frame.index = number
            state.branches.append(
                Branch(id: state.nextBranch, parent: .init(branch: branch, number: number), frames: [frame]))
            state.nextBranch += 1
        }
    }

    private func depth(of branch: Int) -> Int {
        var depth = 1
        var current = state.branches[position(branch)]
        while let parent = current.parent {
            depth += 1
            current = state.branches[position(parent.branch)]
        }
        return depth
    }

    private func fork(of branch: Int) -> Fork? {
        guard case .fork(let fork) = currentStep(branch)?.kind else { return nil }
        return fork
    }

    private func children(of branch: Int) -> [Branch] { state.branches.filter { $0.parent?.branch == branch } }

    /// Ends a branch with its output.
    mutating func finishBranch(_ branch: Int, _ output: JSON) {
        guard let parent = state.branches[position(branch)].parent, let fork = fork(of: parent.branch),
            let wait = state.branches[position(parent.branch)].wait, case .fork(var forkState) = wait.kind
        else { return }
        state.branches.remove(at: position(branch))
        if fork.isCompeting, !fork.branches[parent.number].isBackground {
            return join(parent.branch, wait.pending, output: output)
        }
        forkState.outputs[parent.number] = output
        state.branches[position(parent.branch)].wait?.kind = .fork(forkState)
        joinIfDone(parent.branch, fork, forkState, wait.pending)
    }

    private mutating func joinIfDone(
        _ branch: Int, _ fork: Fork, _ forkState: ForkState, _ pending: Wait.Pending
    ) {
        let isWaitedFor = children(of: branch).contains { child in
            child.parent.map { !fork.branches[$0.number].isBackground } ?? false
        }
        if isWaitedFor { return }
        if fork.isCompeting {
            let error = forkState.lastError ?? .runtime("no branch succeeded", at: pending.reference)
            cancelChildren(of: branch)
            return raise(error, in: branch)
        }
        let outputs = fork.branches.indices.filter { !fork.branches[$0].isBackground }
            .map { forkState.outputs[$0] ?? .null }
        join(branch, pending, output: .array(outputs))
    }

    private mutating func join(_ branch: Int, _ pending: Wait.Pending, output: JSON) {
        cancelChildren(of: branch)
        complete(branch, pending, output: output)
    }

    /// Ends a branch with an error that nothing in it caught.
    mutating func failBranch(_ branch: Int, _ parent: Branch.Parent, _ error: WorkflowError) {
        guard let fork = fork(of: parent.branch), let wait = state.branches[position(parent.branch)].wait,
            case .fork(var forkState) = wait.kind
        else { return }
        endBranch(branch, failedBy: error)
        let isBackground = fork.branches[parent.number].isBackground
        // The first failure cancels the siblings; a failure in the background does not.
        guard isBackground || fork.isCompeting else {
            cancelChildren(of: parent.branch)
            return raise(error, in: parent.branch)
        }
        if !isBackground { forkState.lastError = error }
        state.branches[position(parent.branch)].wait?.kind = .fork(forkState)
        joinIfDone(parent.branch, fork, forkState, wait.pending)
    }

    /// Removes a branch that failed; the steps around the one that did fail with it.
    mutating func endBranch(_ branch: Int, failedBy error: WorkflowError) {
        giveUp(branch)
        noteEnds(.faulted, of: branch, but: reference(of: branch), because: error.reason)
        state.branches.remove(at: position(branch))
    }

    mutating func cancelChildren(of branch: Int) {
        for child in children(of: branch).reversed() {
            abandon(child.id)
            state.branches.removeAll { $0.id == child.id }
        }
    }

    /// Cancels a branch: what it waits for, the steps that are open in it, and the branches below it.
    mutating func abandon(_ branch: Int, keepingTrace: Bool = false) {
        guard exists(branch) else { return }
        let isOpen = isStepOpen(branch)
        giveUp(branch)
        if !keepingTrace { noteEnds(.cancelled, of: branch, isStepOpen: isOpen) }
    }

    /// Cancels everything that runs. The branches of a fork are cancelled with it, so that each is told once.
    mutating func abandonAll(keepingTrace: Bool = false) {
        for branch in state.branches where branch.parent == nil { abandon(branch.id, keepingTrace: keepingTrace) }
        state.branches = []
    }

    /// Whether a branch's innermost step has begun and not ended: a branch that does not wait is between two of them, or
    /// at one that has failed.
    func isStepOpen(_ branch: Int) -> Bool {
        switch state.branches[position(branch)].wait?.kind {
        case .timer, .task, .answers, .http, .run, .ticket, .fork, .events: true
        case .retry, .decision, nil: false
        }
    }

    /// Tells how the open steps of a branch end, innermost first.
    /// - Parameters:
    ///   - depth: the outermost frame whose step ends.
    ///   - told: the step whose end is told already.
    ///   - isStepOpen: whether the innermost step is open; those around it always are.
    mutating func noteEnds(
        _ kind: StepChange.Kind, of branch: Int, from depth: Int = 0, but told: String? = nil,
        isStepOpen: Bool = false, because reason: String? = nil
    ) {
        let frames = state.branches[position(branch)].frames
        for number in frames.indices.reversed() where number >= depth && !frames[number].isFunction {
            guard let step = step(of: frames[number]), isStepOpen || number < frames.count - 1 else { continue }
            let reference = reference(in: frames[number])
            if reference != told { note(kind, reference, step.name, because: reason) }
        }
    }

    /// Cancels what a branch waits for.
    mutating func giveUp(_ branch: Int) {
        guard let wait = state.branches[position(branch)].wait else { return }
        state.branches[position(branch)].wait = nil
        let (reference, visit) = (wait.pending.reference, wait.pending.visit)
        switch wait.kind {
        case .task, .answers: effects.append(.withdrawTask(reference: reference, visit: visit))
        case .http: effects.append(.cancelHTTP(reference: reference, visit: visit))
        case .run: effects.append(.cancelRun(reference: reference, visit: visit))
        case .fork: cancelChildren(of: branch)
        case .timer, .retry, .ticket, .events, .decision: break
        }
    }
}
