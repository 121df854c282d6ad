import TFDefinition
import TFExpression

/// Steps that change or open tickets, or run workflows.
extension Run {
    mutating func ticket(
        _ function: TicketFunction, _ step: WorkflowStep, _ branch: Int, _ place: Place, _ pending: Wait.Pending
    ) throws(WorkflowError) {
        let arguments = try object(function.arguments, of: pending.input, place.at("with"))
        switch function.name {
        case .update:
            try needTicket(function, place)
            try update(arguments, place)
        case .comment:
            try needTicket(function, place)
            guard let body = arguments["body"]?.stringValue, !body.isEmpty else {
                throw .runtime("the body of a comment must be text", at: place.reference)
            }
            effects.append(.comment(body: body, isInternal: arguments["internal"]?.isTruthy ?? false))
        case .open:
            guard let type = arguments["type"]?.stringValue else {
                throw .runtime("the type of a ticket must be text", at: place.reference)
            }
            try spawn(place)
            openedInTurn += Engine.Caps.openedPerTurn
            effects.append(
                .openTicket(
                    TicketRequest(
                        reference: pending.reference, visit: pending.visit, type: type,
                        form: arguments["form"] ?? [:], requester: arguments["requester"]?.stringValue)))
            return wait(branch, pending, .ticket)
        }
        complete(branch, pending, output: .object(arguments))
    }

    private func needTicket(_ function: TicketFunction, _ place: Place) throws(WorkflowError) {
        guard surroundings.ticket != .null else {
            throw WorkflowError(
                .configuration, status: 500, title: "There is no ticket",
                detail: "\"\(function.name.rawValue)\" needs one; this instance was started without",
                at: place.reference)
        }
    }

    private mutating func update(_ arguments: JSONObject, _ place: Place) throws(WorkflowError) {
        var ticket = surroundings.ticket.objectValue ?? [:]
        if let status = arguments["status"] {
            state.ticketStatus = try text(status, "status", .status, place)
            ticket["status"] = status
        }
        let priority = try arguments["priority"].map { value throws(WorkflowError) in try self.priority(value, place) }
        if let priority { ticket["priority"] = .string(priority.rawValue) }
        if let title = arguments["title"] {
            _ = try text(title, "title", .title, place)
            ticket["title"] = title
        }
        var newLabels: [String]?
        if let labels = arguments["labels"] {
            guard let list = labels.arrayValue, list.allSatisfy({ $0.stringValue != nil }) else {
                throw .runtime("a ticket's labels must be a list of texts", at: place.reference)
            }
            let kept = TicketTexts.labels(computed: list.compactMap(\.stringValue))
            if let problem = TicketTexts.problem(labels: kept) {
                throw .runtime("a ticket's labels \(problem), not \(kept.count)", at: place.reference)
            }
            newLabels = kept
            ticket["labels"] = .strings(kept)
        }
        surroundings.ticket = .object(ticket)
        effects.append(
            .updateTicket(
                TicketUpdate(
                    priority: priority, title: arguments["title"]?.stringValue,
                    labels: newLabels)))
    }

    private func text(
        _ value: JSON, _ name: String, _ limit: TextLimit, _ place: Place
    ) throws(WorkflowError) -> String {
        // What is no text breaks the same rule as an empty one.
        let text = value.stringValue ?? ""
        if let problem = TicketTexts.problem(text, limit) {
            throw .runtime("a ticket's \(name) \(problem)", at: place.reference)
        }
        return text
    }

    mutating func start(
        _ run: RunWorkflow, _ step: WorkflowStep, _ branch: Int, _ place: Place, _ pending: Wait.Pending
    ) throws(WorkflowError) {
        let input = try value(run.input, of: pending.input, place.at("input"))
        try spawn(place)
        effects.append(
            .runWorkflow(
                RunRequest(
                    reference: pending.reference, visit: pending.visit, workflow: run.workflow, input: input,
                    isAwaited: run.isAwaited)))
        guard run.isAwaited else { return complete(branch, pending, output: pending.input) }
        wait(branch, pending, .run)
    }

    private mutating func spawn(_ place: Place) throws(WorkflowError) {
        state.spawned += 1
        guard state.spawned <= Engine.Caps.spawned else {
            throw .runtime("it started more than \(Engine.Caps.spawned) workflows and tickets", at: place.reference)
        }
    }

    mutating func finish(_ branch: Int, _ outcome: RunOutcome) {
        guard let wait = state.branches[position(branch)].wait else { return }
        switch outcome {
        case .completed(let output): complete(branch, wait.pending, output: output)
        case .failed(var error):
            error.instance = wait.pending.reference
            raise(error, in: branch)
        }
    }
}
