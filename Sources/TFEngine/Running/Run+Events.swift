import TFDefinition
import TFExpression

/// `listen`.
extension Run {
    func listener(_ listen: Listen, _ input: JSON, _ place: Place) throws(WorkflowError) -> Listener {
        var listener = Listener()
        // Expected values are computed once, when the listener is opened.
        for correlation in Self.correlations(listen.strategy) {
            guard let expect = correlation.expect else { continue }
            listener.correlations[correlation.name] = try value(
                expect, of: input, place.at("correlate.\(correlation.name).expect"))
        }
        return listener
    }

    private static func correlations(_ strategy: EventStrategy) -> [EventFilter.Correlation] {
        var all = strategy.filters.flatMap(\.correlations)
        if case .any(_, until: .events(let ending)?) = strategy { all += correlations(ending) }
        return all
    }

    /// Offers an event to every listener.
    /// - Returns: whether a listener took it.
    mutating func receive(_ event: JSON) -> Bool {
        var isTaken = false
        for branch in state.branches.map(\.id) where exists(branch) {
            for depth in state.branches[position(branch)].frames.indices {
                guard exists(branch), state.branches[position(branch)].frames.indices.contains(depth),
                    case .listen(let listener) = state.branches[position(branch)].frames[depth].kind
                else { continue }
                attempt(branch) { (run) throws(WorkflowError) in
                    if try run.offer(event, to: listener, branch, depth) { isTaken = true }
                }
            }
        }
        return isTaken
    }

    private func listen(_ branch: Int, _ depth: Int) -> (step: WorkflowStep, listen: Listen, reference: String)? {
        let owner = state.branches[position(branch)].frames[depth - 1]
        guard let step = step(of: owner), case .listen(let listen) = step.kind else {
            return nil
        }
        return (step, listen, reference(in: owner))
    }

    private mutating func offer(
        _ event: JSON, to current: Listener, _ branch: Int, _ depth: Int
    ) throws(WorkflowError) -> Bool {
        guard !current.isComplete, let (step, listen, reference) = listen(branch, depth) else { return false }
        let id = event["id"].displayText
        guard state.consumed[reference]?.contains(id) != true else { return false }
        let place = place(step, branch, reference: reference)
            .with(input: state.branches[position(branch)].frames[depth].owner?.input)
        var listener = current
        guard
            try listener.take(
                event, listen,
                matching: { (filter, correlations) throws(WorkflowError) in
                    try matches(event, filter, &correlations, place)
                },
                holds: { (condition, events) throws(WorkflowError) in
                    try evaluate(condition, events, place.at("until")).isTruthy
                })
        else { return false }
        state.consumed[reference, default: []].append(id)
        state.branches[position(branch)].frames[depth].kind = .listen(listener)
        // A waiting listener goes on now; one with a running round goes on when the round is over.
        if case .events? = state.branches[position(branch)].wait?.kind {
            state.branches[position(branch)].wait = nil
        }
        return true
    }

    private func matches(
        _ event: JSON, _ filter: EventFilter, _ correlations: inout [String: JSON], _ place: Place
    ) throws(WorkflowError) -> Bool {
        for attribute in filter.attributes {
            let value = event[attribute.name]
            let isMet =
                if case .expression(let expression) = attribute.value {
                    // An expression may fail on an event of another shape: that event just does not fit.
                    (try? evaluate(expression, value, place).isTruthy) ?? false
                } else {
                    value.equals(try self.value(attribute.value, of: value, place))
                }
            if !isMet { return false }
        }
        for correlation in filter.correlations {
            // An event without the value to correlate by, or of another shape, does not fit.
            guard let value = try? evaluate(correlation.from, event, place), value != .null else { return false }
            if let expected = correlations[correlation.name] {
                guard value.equals(expected) || value.displayText == expected.displayText else { return false }
            } else {
                correlations[correlation.name] = value
            }
        }
        return true
    }

    // MARK: Going on

    /// Goes on with a branch whose innermost frame is a listener: with the next round, the end, or waiting.
    mutating func listen(_ branch: Int) {
        let here = position(branch)
        let top = state.branches[here].frames.count - 1
        guard case .listen(var listener) = state.branches[here].frames[top].kind,
            let (_, listen, reference) = listen(branch, top)
        else { return }
        let owner = state.branches[here].frames[top].owner
        if let each = listen.forEach, !listener.queue.isEmpty {
            let event = listener.queue.removeFirst()
            let number = listener.outputs.count
            state.branches[here].frames[top].kind = .listen(listener)
            let round = Frame(
                list("foreach/do", of: branch), data: event, .round,
                owner: .init(input: event, startedAt: now, deadline: nil),
                variables: [each.item: event, each.at: .int(number)])
            return attempt(branch) { (run) throws(WorkflowError) in try run.push(round, branch) }
        }
        if listener.isComplete {
            state.consumed[reference] = state.consumed[reference].map { Array($0.suffix(1_000)) }
            return close(branch, output: .array(listen.forEach == nil ? listener.events : listener.outputs))
        }
        let pending = Wait.Pending(
            reference: reference, visit: 0, input: owner?.input ?? .null, startedAt: owner?.startedAt ?? now,
            deadline: nil)
        state.branches[here].wait = Wait(pending: pending, kind: .events)
    }

    /// Ends a round of `foreach`.
    mutating func closeRound(_ branch: Int, output: JSON) {
        let here = position(branch)
        let round = state.branches[here].frames.removeLast()
        let top = state.branches[here].frames.count - 1
        guard case .listen(var listener) = state.branches[here].frames[top].kind,
            let (step, listen, reference) = listen(branch, top)
        else { return }
        attempt(branch) { (run) throws(WorkflowError) in
            var place = run.place(step, branch, reference: reference).with(input: round.owner?.input)
            place.variables.merge(round.variables) { _, inner in inner }
            let shaped = try run.leave(listen.forEach?.output, output, place)
            try run.export(listen.forEach?.export, shaped, place)
            listener.outputs.append(shaped)
            run.state.branches[here].frames[top].kind = .listen(listener)
        }
    }
}

extension Listener {
    /// Takes an event if it fits.
    /// - Returns: whether it fits.
    mutating func take(
        _ event: JSON, _ listen: Listen,
        matching: (EventFilter, inout [String: JSON]) throws(WorkflowError) -> Bool,
        holds: (Expression, JSON) throws(WorkflowError) -> Bool
    ) throws(WorkflowError) -> Bool {
        let read = listen.read == .data ? event["data"] : event
        switch listen.strategy {
        case .one(let filter):
            guard try matching(filter, &correlations) else { return false }
            isComplete = true
        case .all(let filters):
            guard let place = try Self.firstUnmet(filters, met, &correlations, matching) else { return false }
            met.append(place)
            isComplete = met.count == filters.count
        case .any(let filters, let until):
            if case .events(let ending)? = until, try take(event, ending, matching) { return true }
            var fits = filters.isEmpty
            for filter in filters where !fits { fits = try matching(filter, &correlations) }
            guard fits else { return false }
            switch until {
            case nil: isComplete = true
            case .condition(let condition): isComplete = try holds(condition, .array(events + [read]))
            case .events: break
            }
        }
        events.append(read)
        if listen.forEach != nil { queue.append(read) }
        return true
    }

    /// Takes an event for `until`: such events end the listening and are not part of its output.
    private mutating func take(
        _ event: JSON, _ ending: EventStrategy,
        _ matching: (EventFilter, inout [String: JSON]) throws(WorkflowError) -> Bool
    ) throws(WorkflowError) -> Bool {
        guard let place = try Self.firstUnmet(ending.filters, ended, &correlations, matching) else { return false }
        ended.append(place)
        if case .all(let filters) = ending { isComplete = ended.count == filters.count } else { isComplete = true }
        return true
    }

    private static func firstUnmet(
        _ filters: [EventFilter], _ met: [Int], _ correlations: inout [String: JSON],
        _ matching: (EventFilter, inout [String: JSON]) throws(WorkflowError) -> Bool
    ) throws(WorkflowError) -> Int? {
        for (place, filter) in filters.enumerated() where !met.contains(place) {
            if try matching(filter, &correlations) { return place }
        }
        return nil
    }
}

extension EventStrategy {
    /// Offers an event to the listener of a schedule; `met` holds the events that came before. Nil if it does not fit.
    package func complete(
        with event: JSON, met: [JSON], read: EventReading, matches: (EventFilter, JSON) -> Bool
    ) -> (input: [JSON]?, met: [JSON])? {
        let heard = read == .data ? event["data"] : event
        switch self {
        case .one(let filter): return matches(filter, event) ? ([heard], []) : nil
        case .any(let filters, _):
            return filters.isEmpty || filters.contains { matches($0, event) } ? ([heard], []) : nil
        case .all(let filters):
            var places = met.map { $0["place"].intValue ?? 0 }
            guard let place = filters.indices.first(where: { !places.contains($0) && matches(filters[$0], event) })
            else { return nil }
            places.append(place)
            let all = met + [["place": .int(place), "event": heard]]
            return places.count == filters.count ? (all.map { $0["event"] }, []) : (nil, all)
        }
    }
}
