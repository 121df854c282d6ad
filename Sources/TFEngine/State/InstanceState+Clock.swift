/// Moments of an instance that are some time after another, and so move when the clock is set.
extension InstanceState {
    /// - Parameter milliseconds: by how much the clock was set, negative: back.
    package mutating func moveTimers(by milliseconds: Int64) {
        deadline = deadline.map { $0 + milliseconds }
        for index in branches.indices { branches[index].moveTimers(by: milliseconds) }
    }
}

extension Branch {
    fileprivate mutating func moveTimers(by milliseconds: Int64) {
        for index in frames.indices { frames[index].moveTimers(by: milliseconds) }
        guard let wait else { return }
        self.wait = Wait(
            pending: Wait.Pending(
                reference: wait.pending.reference, visit: wait.pending.visit, input: wait.pending.input,
                startedAt: wait.pending.startedAt + milliseconds,
                deadline: wait.pending.deadline.map { $0 + milliseconds }),
            kind: wait.kind.moved(by: milliseconds))
    }
}

extension Frame {
    fileprivate mutating func moveTimers(by milliseconds: Int64) {
        attemptDeadline = attemptDeadline.map { $0 + milliseconds }
        if case .attempt(let retries, let since) = kind {
            kind = .attempt(retries: retries, since: since + milliseconds)
        }
        owner = owner.map { owner in
            Owner(
                input: owner.input, startedAt: owner.startedAt + milliseconds,
                deadline: owner.deadline.map { $0 + milliseconds })
        }
    }
}

extension Wait.Kind {
    fileprivate func moved(by milliseconds: Int64) -> Wait.Kind {
        switch self {
        case .timer(let until): .timer(until: until + milliseconds)
        case .retry(let until): .retry(until: until + milliseconds)
        case .task, .answers, .http, .run, .ticket, .fork, .events, .decision: self
        }
    }
}
