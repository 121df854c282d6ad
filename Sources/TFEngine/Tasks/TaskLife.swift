import TFDefinition
import TFExpression

/// A task's life: which state may follow which, what is reset then, and what follows from it.
///
/// No other code decides this; `TaskStep` is the table of what may follow what. It is pure: it reads neither clock nor store, and only the store's `happen` writes a
/// change. Who may have a task (who is eligible, who is a member) is found out before, and comes with the event.
package enum TaskLife {
    /// The actor in the history when no person and no program acts.
    package static let system = "system"

    /// Applies an event to a task.
    /// - Throws: why the event cannot happen; then nothing has changed.
    package static func apply(
        _ event: TaskEvent, to task: TaskSituation, now: Int64
    ) throws(TaskConflict) -> TaskChange {
        try check(event.kind, task)
        var change = TaskChange(event: event.kind, before: task, after: task)
        if !event.isQuiet { change.after.version += 1 }
        switch event {
        case .chosen(let holder, let choice):
            change.take(by: holder, .byRule(holder.login, choice), now: now)
            change.tell(.assigned(to: holder.login, because: choice.because))
        case .unserved(let reason, let workers): change.leaveWaiting(reason, workers.map(WorkerChoice.nobody))
        case .choiceRefused: change.putBack(.queue)
        case .claimed(let person):
            change.move(to: person, because: .claimed, now: now)
            change.tell(.claimed, by: person.login)
        case .delivered(let recipient): change.deliver(to: recipient, now: now)
        case .retryDue: change.tryAgain()
        case .given(let holder, let person, let reason): change.give(to: holder, by: person, reason, now: now)
        case .givenToRule(let recipient, let person, let reason):
            if let recipient { change.deliver(to: recipient, now: now) } else { change.putBack(.queue) }
            change.tell(.reassigned(to: nil, reason: reason), by: person.login)
        case .released(let person, let reason):
            if let login = task.holder?.login { change.after.avoided.append(login) }
            change.putBack(.released(by: person.login))
            change.tell(.released(reason: reason), by: person.login)
        case .holderLost(let loss): change.lose(loss)
        case .started(let person, let draft): change.start(by: person, draft: draft, now: now)
        case .leased(let program, let lease, let until):
            change.lease(lease, until: until, now: now)
            change.orders.append(.take(attempt: task.attempt))
            change.tell(.started, by: program.login)
        case .taken(let until): change.lease("", until: until, now: now)
        case .renewed(let until): change.after.wakeAtMs = until
        case .requeued: change.requeue()
        case .leaseEnded(let end): change.leaseHasEnded(end, now: now)
        case .tryFailed(let failure): change.fail(failure, now: now)
        case .held(let until, let person, let reason):
            change.hold(until: until)
            change.tell(.held(until: until, reason: reason), by: person.login)
        case .holdEnded: change.endHold()
        case .completed(let person, let answer):
            change.complete(answer, now: now)
            change.tell(.completed(outcome: answer.outcome, label: answer.label), by: person.login)
        case .prioritized(let priority, let person): change.prioritize(priority, by: person)
        case .withdrawn: change.end(.withdrawn, now: now)
        }
        return change
    }

    private static func check(_ event: TaskEvent.Kind, _ task: TaskSituation) throws(TaskConflict) {
        guard event.sources.contains(task.state) else { throw TaskConflict(event, task) }
        if let kind = event.onlyFor, kind != task.kind {
            throw event == .held ? .programsAreNotPutOff : .impossible(event, task.state)
        }
        guard event.isPossible(task) else { throw .impossible(event, task.state) }
    }

    /// How a new task begins.
    package enum Beginning: Sendable, Hashable {
        /// Nobody has the task yet; `addressee` is the login for whom it is meant.
        case waiting(WaitingReason, addressee: String? = nil)
        /// The task goes straight to its addressee.
        case addressed(to: TaskHolder, because: ChoiceReason)
    }

    /// Makes a task.
    package static func begin(_ task: TaskSituation, _ beginning: Beginning, now: Int64) -> TaskChange {
        var change = TaskChange(event: nil, before: nil, after: task)
        switch beginning {
        case .waiting(let reason, let addressee):
            change.after.waiting = reason
            change.after.addressee = addressee
            change.orders = [.assign(attempt: task.attempt)]
            // For all other tasks the queues look for a worker, and report it when they find none.
            // The end of a pause needs no admin either.
            if task.strategy.isAddressed, reason != .paused { change.notices = [.nobodyEligible] }
        case .addressed(let holder, let because):
            change.after.addressee = holder.login
            change.take(by: holder, .chosen(holder.login, because: because), now: now)
            change.orders = [.place(attempt: task.attempt)]
            change.tell(.assigned(to: holder.login, because: because))
        }
        return change
    }
}

// MARK: Somebody gets it

extension TaskChange {
    /// Gives an unassigned task to a worker; the job stays the same.
    fileprivate mutating func take(by holder: TaskHolder, _ decision: WorkerChoice, now: Int64) {
        after.state = .assigned
        after.holder = holder
        after.waiting = nil
        after.decision = decision
        after.assignedAtMs = now
        notifyHolder(holder)
    }

    /// Gives the task to another worker, as a new job.
    fileprivate mutating func move(to holder: TaskHolder, because: ChoiceReason, now: Int64) {
        beginAttempt()
        take(by: holder, .chosen(holder.login, because: because), now: now)
        orders.append(.place(attempt: after.attempt))
    }

    fileprivate mutating func deliver(to recipient: TaskHolder, now: Int64) {
        move(to: recipient, because: .addressed, now: now)
        tell(.assigned(to: recipient.login, because: .addressed))
    }

    fileprivate mutating func give(to holder: TaskHolder, by person: TaskHolder, _ reason: String?, now: Int64) {
        let isHandedOver = after.holder?.account == person.account
        move(to: holder, because: isHandedOver ? .handedOver(by: person.login) : .given(by: person.login), now: now)
        if after.strategy.isAddressed { after.addressee = holder.login }
        tell(
            isHandedOver
                ? .handedOver(to: holder.login, reason: reason) : .reassigned(to: holder.login, reason: reason),
            by: person.login)
    }

    private mutating func notifyHolder(_ holder: TaskHolder) {
        recordsHolder = true
        notices.append(
            .assigned(after.strategy == .requester ? .waitingForYou : .assigned, account: holder.account))
    }

    /// Removes the present job from its list, and begins a new one.
    private mutating func beginAttempt() {
        orders.append(.remove(attempt: after.attempt))
        after.attempt += 1
        after.startedAtMs = nil
        after.lease = nil
        after.wakeAtMs = nil
    }
}

// MARK: Nobody has it

extension TaskChange {
    /// Takes the task from its holder and begins a new, unassigned job.
    /// - Parameter until: when a worker is looked for; nil: at once.
    fileprivate mutating func putBack(_ reason: WaitingReason, until moment: Int64? = nil) {
        beginAttempt()
        after.state = .ready
        after.holder = nil
        // The queues choose no worker for a task with an addressee.
        after.waiting = reason == .queue && after.strategy.isAddressed ? .undeliverable : reason
        after.decision = nil
        after.assignedAtMs = nil
        after.wakeAtMs = moment
        if moment == nil { orders.append(.assign(attempt: after.attempt)) }
    }

    fileprivate mutating func leaveWaiting(_ reason: WaitingReason, _ decision: WorkerChoice?) {
        after.waiting = reason
        after.decision = decision
        guard after.kind == .person else { return }
        switch reason {
        // The task waits to be claimed, or for the operator: no admin has to act.
        case .claim, .paused: break
        case .queue, .nobodyNamed, .nobodyToAsk, .excluded, .notThere, .undeliverable, .nextTry, .leaseEnded,
            .released, .rightLost, .wentAway, .noneEligible, .noneAvailable:
            notices.append(.nobodyEligible)
        }
    }

    fileprivate mutating func tryAgain() {
        after.wakeAtMs = nil
        after.waiting = after.strategy.isAddressed ? .undeliverable : .queue
        orders.append(.assign(attempt: after.attempt))
    }

    fileprivate mutating func lose(_ loss: HolderLoss) {
        let login = after.holder?.login ?? ""
        switch loss {
        case .right: putBack(.rightLost(login: login))
        case .presence: putBack(.wentAway(login: login))
        }
        tell(.lost(loss, of: login))
    }
}

// MARK: It is worked on

extension TaskChange {
    fileprivate mutating func start(by person: TaskHolder, draft: JSON?, now: Int64) {
        if after.state != .started { tell(.started, by: person.login) }
        if after.state == .held { endHold() }
        after.state = .started
        after.startedAtMs = after.startedAtMs ?? now
        if let draft { after.draft = draft }
    }

    fileprivate mutating func lease(_ lease: String, until moment: Int64, now: Int64) {
        after.state = .started
        after.lease = lease
        after.wakeAtMs = moment
        after.startedAtMs = after.startedAtMs ?? now
    }

    fileprivate mutating func requeue() {
        after.state = .assigned
        after.lease = nil
        after.wakeAtMs = nil
    }

    fileprivate mutating func hold(until moment: Int64) {
        if after.state != .held { orders.append(.remove(attempt: after.attempt)) }
        after.state = .held
        after.wakeAtMs = moment
    }

    /// Puts the task back into its holder's list, as a new job.
    fileprivate mutating func endHold() {
        guard let holder = after.holder else { return }
        after.attempt += 1
        after.wakeAtMs = nil
        after.state = after.startedAtMs == nil ? .assigned : .started
        notifyHolder(holder)
        orders.append(.place(attempt: after.attempt))
    }
}

// MARK: Its priority

extension TaskChange {
    /// - Parameter person: nil: the priority is the ticket's, whose history tells of it.
    fileprivate mutating func prioritize(_ priority: Priority, by person: TaskHolder?) {
        if priority != after.priority, after.state.isQueued(waitsForNextTry: after.wakeAtMs != nil) {
            orders.append(.rewrite(attempt: after.attempt))
        }
        after.priority = priority
        guard let person else { return }
        after.hasOwnPriority = true
        tell(.prioritized(priority), by: person.login)
    }
}

// MARK: A program's try fails

extension TaskChange {
    fileprivate mutating func fail(_ failure: FailedTry, now: Int64) {
        after.failures += 1
        after.error = failure.error
        guard failure.mayRetry, after.failures < failure.rule.attempts else {
            return failForGood(failure.title, by: failure.login, now: now)
        }
        let again = now + failure.rule.wait(afterFailures: after.failures)
        let most = failure.rule.attempts
        putBack(
            .nextTry(error: failure.title, number: after.failures + 1, of: most, at: again), until: again)
        tell(.tryFailed(error: failure.title, number: after.failures, of: most, again: again), by: failure.login)
    }

    /// Counts the try as failed, and gives the job to another program if there is one.
    fileprivate mutating func leaseHasEnded(_ end: LeaseEnd, now: Int64) {
        let login = after.holder?.login ?? "a program"
        after.failures += 1
        after.error = .leaseEnded(login: login, at: after.wakeAtMs ?? now)
        guard after.failures < end.attempts else { return failForGood(nil, by: TaskLife.system, now: now) }
        tell(.leaseEnded(of: login, number: after.failures))
        if let recipient = end.recipient { return deliver(to: recipient, now: now) }
        if !after.strategy.isAddressed { after.avoided = end.hasOther ? [login] : [] }
        putBack(.leaseEnded(login: login))
    }

    private mutating func failForGood(_ title: String?, by login: String, now: Int64) {
        end(.failed, now: now)
        tell(.failed(error: title, tries: after.failures), by: login)
        news = .failed(error: after.error?.problem ?? .null)
    }
}

// MARK: The end

extension TaskChange {
    fileprivate mutating func complete(_ answer: TaskResult, now: Int64) {
        after.output = .object(answer.output)
        after.fields = answer.fields
        after.draft = nil
        after.error = nil
        after.startedAtMs = after.startedAtMs ?? now
        end(.completed, now: now)
        news = .completed(output: .object(answer.output))
    }

    fileprivate mutating func end(_ state: TaskState, now: Int64) {
        after.state = state
        after.waiting = nil
        after.lease = nil
        after.wakeAtMs = nil
        after.finishedAtMs = now
        orders.append(.remove(attempt: after.attempt))
    }

    /// Adds an entry to the ticket's history.
    fileprivate mutating func tell(_ what: TaskHistory, by actor: String = TaskLife.system) {
        history.append(TaskHistoryEntry(actor: actor, what: what))
    }
}
