import TFDefinition
import TFExpression

/// What a dry run has come to, and what it asks for.
extension Simulation {
    /// The tasks that wait for an answer which the script does not have. Answers of one task are given in order, so
    /// only the first of several at a time is asked.
    var questions: [SimulationResult.Question] {
        var names: Set<String> = []
        return unscripted.filter { open.contains($0.task) && names.insert($0.request.definition.name).inserted }
    }

    var result: SimulationResult {
        let state = instances[0].state
        let status: SimulationResult.Status =
            switch state?.status {
            case .completed: .completed
            case .faulted: .faulted
            case .cancelled: .cancelled
            case .running, nil: stopped == nil ? .waiting : .faulted
            }
        return SimulationResult(
            status: status, output: status == .completed ? state?.output ?? .null : .null,
            error: stopped ?? state?.error,
            elapsed: now - script.start, trace: trace, emitted: emitted,
            waiting: status == .waiting ? state?.waiting.map { "\($0.reference): \($0.because)" } ?? [] : [],
            ticket: ticket, problem: problem, questions: isAsking && status == .waiting ? questions : [],
            next: isAsking && status == .waiting ? nextMoment : nil)
    }
}
