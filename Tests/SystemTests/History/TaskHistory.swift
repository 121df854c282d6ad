import TFEngine

/// One call about a task, as its client saw it.
struct TaskCall: Sendable, CustomStringConvertible {
    enum Action: Sendable, Hashable {
        case claim, start, hold, release, complete
        /// A program got the task, with this lease.
        case lease(String)
        case renew(lease: String)
        case finish(lease: String)
        /// Somebody looked: its state, and who has it.
        case look(TaskState, holder: String?)
    }

    enum Outcome: Sendable, Hashable {
        case done
        case refused
        /// The answer was lost: it may have happened, until now or later, or never.
        case unknown
    }

    let client: String
    let action: Action
    let outcome: Outcome
    let start: ContinuousClock.Instant
    /// nil: it was never answered.
    let end: ContinuousClock.Instant?

    var description: String { "\(client) \(action): \(outcome)" }
}

/// Whether there is an order of a task's calls in which each happened at one moment between its start and its end, and
/// in which a task, as `TaskLife` has it, gives every answer that was given.
///
/// The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993), with the positions that were tried
/// before left out, as Lowe does ("Testing for linearizability", 2017). What a task does by itself (the rule chooses
/// somebody, a lease or a hold ends) may come between any two calls, so that a position has a set of states.
struct TaskHistory {
    /// What of a task decides how a call is answered.
    private struct State: Hashable {
        var state: TaskState
        var holder: String?
        var lease: String?
    }

    private struct Position: Hashable {
        let left: Set<Int>
        let states: Set<State>
    }

    private let calls: [TaskCall]
    private let kind: WorkerKind
    /// To whom the rule may give it; nobody: it waits to be claimed.
    private let workers: [String]
    private let clients: [String]

    init(_ calls: [TaskCall], kind: WorkerKind, workers: [String] = []) {
        self.calls = calls.sorted { $0.start < $1.start }
        self.kind = kind
        self.workers = workers
        clients = Set(calls.map(\.client)).union(workers).sorted()
    }

    /// - Returns: nil: there is such an order; else the longest beginning of one, and the calls that cannot follow it.
    func complaint() -> String? {
        var tried: Set<Position> = []
        var longest: [Int] = []
        let start = closed([State(state: .ready)])
        let all = Set(calls.indices)
        guard !search(Position(left: all, states: start), [], &tried, &longest) else { return nil }
        let left = calls.indices.filter { !longest.contains($0) }
        return "after \(longest.map { calls[$0] }) none of \(left.prefix(8).map { calls[$0] }) can have been next"
    }

    private func search(
        _ position: Position, _ order: [Int], _ tried: inout Set<Position>, _ longest: inout [Int]
    ) -> Bool {
        if order.count > longest.count { longest = order }
        // What was never answered may never have happened.
        if position.left.allSatisfy({ calls[$0].outcome == .unknown }) { return true }
        guard tried.insert(position).inserted else { return false }
        // The next one must have begun before any other one was over.
        let end = position.left.compactMap { calls[$0].outcome == .unknown ? nil : calls[$0].end }.min()
        for index in position.left.sorted() where end.map({ calls[index].start <= $0 }) ?? true {
            let states = closed(Set(position.states.compactMap { after(calls[index], $0) }))
            guard !states.isEmpty else { continue }
            let next = Position(left: position.left.subtracting([index]), states: states)
            if search(next, order + [index], &tried, &longest) { return true }
        }
        return false
    }

    /// The state after a call; nil: it would have been answered otherwise.
    private func after(_ call: TaskCall, _ state: State) -> State? {
        if case .look(let seen, let holder) = call.action {
            return call.outcome == .unknown || (state.state == seen && state.holder == holder) ? state : nil
        }
        let next = happen(call, state)
        switch call.outcome {
        case .done: return next
        case .refused: return next == nil ? state : nil
        case .unknown: return next
        }
    }

    private func happen(_ call: TaskCall, _ state: State) -> State? {
        let person = holder(call.client)
        // Whose the task is not is refused before `TaskLife` is asked.
        let isTheirs = state.holder == call.client
        switch call.action {
        // Whoever has it already is told so.
        case .claim: return isTheirs && state.state.isOpen ? state : apply(.claimed(by: person), state)
        case .start: return isTheirs ? apply(.started(by: person, draft: nil), state) : nil
        case .hold: return isTheirs ? apply(.held(until: 1 << 40, by: person, reason: nil), state) : nil
        case .release: return isTheirs ? apply(.released(by: person, reason: nil), state) : nil
        case .complete: return isTheirs ? apply(.completed(by: person, Self.result), state) : nil
        case .lease(let lease): return isTheirs ? apply(.leased(by: person, lease: lease, until: 1 << 40), state) : nil
        case .renew(let lease): return isTheirs && state.lease == lease ? apply(.renewed(until: 1 << 40), state) : nil
        case .finish(let lease):
            return isTheirs && state.lease == lease ? apply(.completed(by: person, Self.result), state) : nil
        case .look: return state
        }
    }

    private static let result = TaskResult(output: ["outcome": "done"], outcome: "done")

    private func holder(_ login: String) -> TaskHolder {
        TaskHolder(account: AccountID(Int64(clients.firstIndex(of: login) ?? 0) + 1), login: login)
    }

    private func apply(_ event: TaskEvent, _ state: State) -> State? {
        var task = TaskSituation(title: "T", kind: kind, strategy: workers.isEmpty ? .pool : .shortestQueue)
        task.state = state.state
        task.holder = state.holder.map(holder)
        task.lease = state.lease
        task.startedAtMs = state.state == .started ? 1 : nil
        // Ended holds and leases are told by the clock.
        task.wakeAtMs = state.lease == nil && state.state != .held ? nil : 2
        do throws(TaskConflict) {
            let next = try TaskLife.apply(event, to: task, now: 2).after
            return State(state: next.state, holder: next.holder?.login, lease: next.lease)
        } catch { return nil }
    }

    /// These states, and all that follow from them without a call.
    private func closed(_ states: Set<State>) -> Set<State> {
        var (all, new) = (states, Array(states))
        while let state = new.popLast() {
            var following: [State?] = workers.map { apply(.chosen(holder($0), RuleChoice(because: .preferred)), state) }
            if state.lease != nil {
                following.append(apply(.leaseEnded(LeaseEnd(attempts: 1_000, recipient: nil, hasOther: true)), state))
            }
            for state in following.compactMap({ $0 }) where all.insert(state).inserted { new.append(state) }
        }
        return all
    }
}
