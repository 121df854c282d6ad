import TFDefinition
import TFExpression

/// Errors: who catches them, tries again, or stops.
extension Run {
    /// Raises an error where a branch is.
    mutating func raise(_ error: WorkflowError, in branch: Int) {
        guard exists(branch) else { return }
        let here = position(branch)
        let reference = reference(of: branch)
        let reason = error.reason
        note(.faulted, reference, toldName(branch), because: reason)
        var error = error
        for depth in state.branches[here].frames.indices.reversed() {
            guard case .attempt = state.branches[here].frames[depth].kind else { continue }
            do {
                if try isCaught(error, branch, depth), try handle(error, branch, depth) { return }
            } catch {
                noteEnds(.faulted, of: branch, from: depth, but: reference, because: reason)
                return raiseAgain(error, branch, below: depth)
            }
        }
        if error.instance.isEmpty { error.instance = reference }
        if let parent = state.branches[here].parent { return failBranch(branch, parent, error) }
        stop(branch, error)
    }

    /// An expression of the `catch` itself has failed: that error is raised where the `try` stands.
    private mutating func raiseAgain(_ error: WorkflowError, _ branch: Int, below depth: Int) {
        giveUp(branch)
        unwind(branch, to: depth)
        raise(error, in: branch)
    }

    /// Stops the instance because it is unclear whether a request arrived. No `catch` takes this error, since a retry
    /// could send the request twice.
    mutating func stopUnclear(_ branch: Int, _ reason: String) {
        let error = WorkflowError(
            .communication, status: 500, title: "Outcome unknown", detail: reason, at: reference(of: branch))
        note(.faulted, reference(of: branch), toldName(branch), because: error.reason)
        var trunk = branch
        while let parent = state.branches[position(trunk)].parent {
            endBranch(trunk, failedBy: error)
            trunk = parent.branch
            cancelChildren(of: trunk)
            note(.faulted, reference(of: trunk), toldName(trunk), because: error.reason)
        }
        stop(trunk, error)
    }

    /// The instance stays where it failed, for a ticket admin to decide.
    private mutating func stop(_ branch: Int, _ error: WorkflowError) {
        let here = position(branch)
        let reference = reference(of: branch)
        // The branch's own pass, as long as it waits: another branch may have begun a later one of the same step.
        let visit = state.branches[here].wait?.pending.visit ?? state.visits[reference] ?? 0
        giveUp(branch)
        // A retry opens a failed listener anew.
        while state.branches[here].frames.last?.isListener == true { state.branches[here].frames.removeLast() }
        let frame = state.branches[here].frames.last
        let pending = Wait.Pending(
            reference: reference, visit: visit, input: frame?.data ?? .null, startedAt: now, deadline: nil)
        for other in state.branches where other.id != branch { abandon(other.id) }
        state.branches.removeAll { $0.id != branch }
        state.branches[0].wait = Wait(pending: pending, kind: .decision)
        fault(error, isDecidable: true)
    }

    /// - Parameter isDecidable: whether the failed step can be tried again or skipped.
    mutating func fault(_ error: WorkflowError, isDecidable: Bool = false) {
        if !isDecidable { abandonAll() }
        state.status = .faulted
        state.error = error
        note(.faulted, "", "", because: error.reason)
        effects.append(.faulted(error))
    }

    // MARK: catch

    /// The `try` to which the list at this depth belongs, if it belongs to one.
    private func attempt(_ branch: Int, _ depth: Int) -> (step: WorkflowStep, attempt: TryCatch, reference: String)? {
        let frame = state.branches[position(branch)].frames[depth - 1]
        guard let step = step(of: frame), case .try(let attempt) = step.kind else { return nil }
        return (step, attempt, reference(in: frame))
    }

    private func place(_ branch: Int, _ depth: Int, error: WorkflowError) -> Place? {
        guard let (step, attempt, reference) = attempt(branch, depth) else { return nil }
        let frame = state.branches[position(branch)].frames[depth]
        var place = Place(
            reference: reference, step: step.name, variables: variables(branch, below: depth),
            input: frame.owner?.input ?? .null, startedAt: frame.owner?.startedAt ?? now)
        place.variables[attempt.handler.name] = error.json
        return place
    }

    private func variables(_ branch: Int, below depth: Int) -> JSONObject {
        var variables = JSONObject()
        for frame in state.branches[position(branch)].frames[..<depth] {
            variables.merge(frame.variables) { _, inner in inner }
        }
        return variables
    }

    private func isCaught(_ error: WorkflowError, _ branch: Int, _ depth: Int) throws(WorkflowError) -> Bool {
        guard let attempt = attempt(branch, depth)?.attempt, let place = place(branch, depth, error: error) else {
            return false
        }
        let handler = attempt.handler
        guard error.matches(handler.filter) else { return false }
        // In these conditions `.` is the error, and `$input` the data.
        if let when = handler.when, try !evaluate(when, error.json, place.at("catch.when")).isTruthy { return false }
        if let except = handler.exceptWhen, try evaluate(except, error.json, place.at("catch.exceptWhen")).isTruthy {
            return false
        }
        return true
    }

    /// Tries again, or handles the error for good.
    /// - Returns: false if the `catch` does not handle the error: it is then raised outside.
    private mutating func handle(
        _ error: WorkflowError, _ branch: Int, _ depth: Int
    ) throws(WorkflowError) -> Bool {
        guard let (_, attempt, reference) = attempt(branch, depth), let place = place(branch, depth, error: error)
        else { return false }
        let delay = try attempt.handler.retry.flatMap { policy throws(WorkflowError) in
            try self.delay(policy, error, branch, depth, place)
        }
        if delay == nil, attempt.handler.ending == .passedOn { return false }
        noteEnds(.faulted, of: branch, from: depth, but: self.reference(of: branch), because: error.reason)
        giveUp(branch)
        unwind(branch, to: depth + 1)
        let here = position(branch)
        let owner = state.branches[here].frames[depth].owner
        if let delay, case .attempt(let retries, let since) = state.branches[here].frames[depth].kind {
            state.branches[here].frames[depth].kind = .attempt(retries: retries + 1, since: since)
            state.branches[here].frames[depth].index = 0
            state.branches[here].frames[depth].laps = 0
            state.branches[here].frames[depth].data = owner?.input ?? .null
            state.branches[here].frames[depth].attemptDeadline = nil
            note(.retried, reference, toldName(branch, below: depth))
            let pending = Wait.Pending(
                reference: reference, visit: retries + 1, input: owner?.input ?? .null, startedAt: now, deadline: nil)
            state.branches[here].wait = Wait(pending: pending, kind: .retry(until: now.later(by: delay)))
            return true
        }
        state.branches[here].frames.removeLast()
        let input = owner?.input ?? .null
        guard attempt.handler.steps != nil else {
            state.branches[here].frames.append(Frame(list: "", data: input, .handler, owner: owner))
            close(branch, output: input, then: attempt.handler.then)
            return true
        }
        try push(
            Frame(
                list("catch/do", of: branch), data: input, .handler, owner: owner,
                variables: [attempt.handler.name: error.json]), branch)
        return true
    }

    mutating func closeHandler(_ branch: Int, output: JSON) {
        let depth = state.branches[position(branch)].frames.count - 1
        close(branch, output: output, then: attempt(branch, depth)?.attempt.handler.then)
    }

    /// Removes the innermost frames.
    private mutating func unwind(_ branch: Int, to depth: Int) {
        let here = position(branch)
        while state.branches[here].frames.count > depth { state.branches[here].frames.removeLast() }
    }

    // MARK: retry

    /// How long to wait before the next try; nil: no more tries.
    private func delay(
        _ policy: RetryPolicy, _ error: WorkflowError, _ branch: Int, _ depth: Int, _ place: Place
    ) throws(WorkflowError) -> Int64? {
        guard case .attempt(let retries, let since) = state.branches[position(branch)].frames[depth].kind else {
            return nil
        }
        if let count = policy.count, retries >= count { return nil }
        let place = place.at("retry")
        if let when = policy.when, try !evaluate(when, error.json, place.at("retry.when")).isTruthy { return nil }
        if let except = policy.exceptWhen, try evaluate(except, error.json, place.at("retry.exceptWhen")).isTruthy {
            return nil
        }
        let base = try policy.delay.map { rule throws(WorkflowError) in try duration(rule, place.input, place) } ?? 0
        let number = Int64(retries) + 1
        var delay =
            switch policy.backoff {
            case .constant: base
            case .linear: base.lengthened(number)
            // 2^42 ms are already more than a hundred years.
            case .exponential: base.lengthened(1 << min(number - 1, 42))
            }
        if let jitter = policy.jitter {
            let ends = [try duration(jitter.from, place.input, place), try duration(jitter.to, place.input, place)]
            let (from, to) = (ends.min() ?? 0, ends.max() ?? 0)
            let chance = Chance.unit("\(surroundings.instance)\(place.reference)\(number)")
            // Each is a hundred years at most, so that the sum and the product are far from the ends of their types.
            delay = min(delay + from + Int64(Double(to - from) * chance), .longestSpan)
        }
        if let rule = policy.duration {
            let end = since.later(by: try duration(rule, place.input, place))
            if now.later(by: delay) > end { return nil }
        }
        return delay
    }

    mutating func setAttemptDeadline(_ attempt: TryCatch, _ branch: Int) throws(WorkflowError) {
        let here = position(branch)
        let top = state.branches[here].frames.count - 1
        guard let rule = attempt.handler.retry?.attemptDuration else { return }
        let input = state.branches[here].frames[top].data
        let place = Place(reference: reference(of: branch), step: nil, variables: variables(branch), input: input)
            .at("retry")
        state.branches[here].frames[top].attemptDeadline = now.later(by: try duration(rule, input, place))
    }
}

/// Pseudorandom numbers from a seed: the engine must give the same result each time.
private enum Chance {
    /// From 0 to 1, evenly spread over seeds. Source: FNV-1a, then SplitMix64's finisher.
    static func unit(_ seed: String) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in seed.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((hash ^ (hash >> 31)) >> 11) / Double(1 << 53)
    }
}
