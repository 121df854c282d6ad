import TFDefinition

/// Timers: waits that end, and timeouts.
extension Run {
    /// - Returns: whether any timer was due.
    mutating func tick() -> Bool {
        var hasFired = false
        // A zero delay may make another timer due at once, so the rounds are limited.
        for _ in 0..<Engine.Caps.timersPerTurn {
            guard state.status == .running, let due = state.nextTimer, due <= now else { break }
            fire(due)
            hasFired = true
        }
        return hasFired
    }

    private mutating func fire(_ due: Int64) {
        if state.deadline == due {
            state.deadline = nil
            return fault(.timeout("the workflow took longer than it may", at: "/"))
        }
        for branch in state.branches {
            if branch.wait?.kind.until == due { return fireWait(branch) }
            for (depth, frame) in branch.frames.enumerated() {
                if frame.owner?.deadline == due { return timeOut(branch.id, listAt: depth) }
                if frame.attemptDeadline == due { return timeOutAttempt(branch.id, depth) }
            }
            if branch.wait?.pending.deadline == due {
                giveUp(branch.id)
                return raise(.timeout("it took longer than it may", at: reference(of: branch.id)), in: branch.id)
            }
        }
    }

    private mutating func fireWait(_ branch: Branch) {
        guard let wait = branch.wait else { return }
        switch wait.kind {
        case .timer: complete(branch.id, wait.pending, output: wait.pending.input)
        case .retry:
            state.branches[position(branch.id)].wait = nil
            guard let frame = branch.frames.last, branch.frames.count > 1 else { return }
            let owner = branch.frames[branch.frames.count - 2]
            guard case .try(let attempt) = step(of: owner)?.kind, case .attempt = frame.kind
            else { return }
            self.attempt(branch.id) { (run) throws(WorkflowError) in try run.setAttemptDeadline(attempt, branch.id) }
        case .task, .answers, .http, .run, .ticket, .fork, .events, .decision: break
        }
    }

    /// Lets a step with a list fail that took too long; everything in the list is cancelled.
    private mutating func timeOut(_ branch: Int, listAt depth: Int) {
        leaveFrames(of: branch, from: depth)
        raise(.timeout("it took longer than it may", at: reference(of: branch)), in: branch)
    }

    /// Cancels what runs in the frames from a depth on, and removes them.
    private mutating func leaveFrames(of branch: Int, from depth: Int) {
        let isOpen = isStepOpen(branch)
        giveUp(branch)
        noteEnds(.cancelled, of: branch, from: depth, isStepOpen: isOpen)
        state.branches[position(branch)].frames.removeSubrange(depth...)
    }

    /// Lets one try fail that took too long; the `catch` of its `try` sees the error.
    private mutating func timeOutAttempt(_ branch: Int, _ depth: Int) {
        leaveFrames(of: branch, from: depth + 1)
        let here = position(branch)
        state.branches[here].frames[depth].attemptDeadline = nil
        let owner = state.branches[here].frames[depth - 1]
        raise(.timeout("the try took longer than it may", at: reference(in: owner)), in: branch)
    }
}
