import TFDefinition
import TFExpression

/// A task that waits for its answer.
package struct OpenTask: Sendable, Hashable {
    let instance: Int
    let reference: String
    let visit: Int
    /// The number of the person, among those whom an `each` task asks.
    let seat: Int
}

/// An answer of the script to an open task.
struct ScriptedAnswer {
    let scripted: SimulationScript.TaskAnswer
    let task: OpenTask
    let request: TaskRequest
    /// How many people the task asks.
    let people: Int
}

/// The script answers for people and programs; an answer that the daemon would refuse is a problem.
extension Simulation {
    mutating func ask(_ request: TaskRequest, _ index: Int) {
        let name = request.definition.name
        let number = answered[name] ?? 0
        let remaining = (script.tasks[name] ?? []).dropFirst(number)
        let enough = instances[index].program.tasks[request.definition]?.assign.enough
        let people = seats(request, remaining: remaining.count, enough)
        let scripted = remaining.prefix(people)
        guard let answers = seated(Array(scripted), request) else { return }
        answered[name] = number + scripted.count
        for seat in 0..<people {
            let task = OpenTask(instance: index, reference: request.reference, visit: request.visit, seat: seat)
            open.insert(task)
            guard let answer = answers[seat] else {
                unscripted.append(.init(task: task, request: request, readyAt: now, askedAt: now))
                continue
            }
            if case .nothing = answer.result {
                if answer.after > 0 {
                    unscripted.append(
                        .init(task: task, request: request, readyAt: now, askedAt: now.later(by: answer.after)))
                }
                continue
            }
            deliver(ScriptedAnswer(scripted: answer, task: task, request: request, people: people))
        }
    }

    /// Which answer each person gives, by their number: the one that names them, else the next that names nobody.
    /// - Returns: nil if one is of somebody who is not asked, or of somebody who has answered; that is a problem.
    private mutating func seated(
        _ answers: [SimulationScript.TaskAnswer], _ request: TaskRequest
    ) -> [Int: SimulationScript.TaskAnswer]? {
        guard request.strategy == .each else { return Dictionary(uniqueKeysWithValues: zip(0..., answers)) }
        var seated: [Int: SimulationScript.TaskAnswer] = [:]
        var known: Set<String> = []
        for answer in answers {
            guard let by = answer.by else { continue }
            guard known.insert(by).inserted else {
                refuse("\(by) has answered \"\(request.definition)\" already: each person is asked once", at: answer)
                return nil
            }
            guard let people = request.people else { continue }
            guard let seat = people.firstIndex(of: by) else {
                refuse(
                    "\(by) is not asked for \"\(request.definition)\", which goes to \(people.joined(separator: ", "))",
                    at: answer, suggestion: nearestName(to: by, among: people))
                return nil
            }
            seated[seat] = answer
        }
        var seat = 0
        for answer in answers where request.people == nil || answer.by == nil {
            while seated[seat] != nil { seat += 1 }
            seated[seat] = answer
        }
        return seated
    }

    /// How many people the task asks. With 0, it waits for a ticket admin to find somebody.
    private func seats(_ request: TaskRequest, remaining: Int, _ enough: Enough?) -> Int {
        switch request.strategy {
        case .shortestQueue, .roundRobin, .pool: return 1
        case .person: return request.person.map { request.exclude.contains($0) ? 0 : 1 } ?? 0
        case .requester:
            return ticket["requester"].stringValue.map { request.exclude.contains($0) ? 0 : 1 } ?? 0
        case .each:
            // There are no role holders in a dry run: as many people are asked as answers are scripted, and enough for
            // every outcome.
            return request.people?.count ?? max(1, remaining, enough?.peopleForEveryOutcome ?? 1)
        }
    }

    mutating func take(_ answer: ScriptedAnswer) {
        guard open.contains(answer.task) else { return }
        let (reference, visit) = (answer.task.reference, answer.task.visit)
        switch answer.scripted.result {
        case .nothing: return
        case .failure(let error):
            open.remove(answer.task)
            advance(answer.task.instance, .taskFailed(reference: reference, visit: visit, error: error))
        case .output(let given):
            guard let output = output(given, answer) else { return }
            open.remove(answer.task)
            let event: EngineEvent =
                answer.request.strategy == .each
                ? .taskAnswered(
                    reference: reference, visit: visit, seat: answer.task.seat, people: answer.people,
                    output: .object(output))
                : .taskCompleted(reference: reference, visit: visit, output: .object(output))
            advance(answer.task.instance, event)
        }
    }

    /// The output that the daemon would make of an answer; nil if it would refuse it.
    private mutating func output(_ given: JSONObject, _ answer: ScriptedAnswer) -> JSONObject? {
        let definition = instances[answer.task.instance].program.tasks[answer.request.definition]
        let isProgram = definition?.kind == .service
        var output = given
        if library.isComplete, let definition {
            guard let outcome = outcome(given, definition, answer) else { return nil }
            if !isProgram {
                guard let answers = answers(given, outcome, definition, answer) else { return nil }
                output = answers
                output["outcome"] = .string(outcome.value)
            }
        } else if definition?.form == .ticket, !isProgram {
            amendTicket(given)
        }
        guard !isProgram else { return output }
        if let by = by(answer) { output["by"] = .string(by) }
        if problem != nil { return nil }
        output["at"] = .string(Moment.iso8601(now))
        return output
    }

    /// Who answers: the person whom the script names, else whoever has the task.
    private mutating func by(_ answer: ScriptedAnswer) -> String? {
        let request = answer.request
        if let by = answer.scripted.by {
            if request.exclude.contains(by) {
                refuse("\(by) cannot answer \"\(request.definition)\": the workflow excludes them", answer)
            }
            return by
        }
        switch request.strategy {
        case .person: return request.person
        case .requester: return ticket["requester"].stringValue
        case .each:
            if let people = request.people, people.indices.contains(answer.task.seat) {
                return people[answer.task.seat]
            }
        case .shortestQueue, .roundRobin, .pool: break
        }
        let names = (1...(request.exclude.count + answer.task.seat + 1)).map { $0 == 1 ? "somebody" : "somebody-\($0)" }
        let free = names.filter { !request.exclude.contains($0) }
        return free.indices.contains(answer.task.seat) ? free[answer.task.seat] : free.last
    }

    private mutating func refuse(
        _ message: String, _ answer: ScriptedAnswer, member: String? = nil, suggestion: String? = nil
    ) {
        refuse(message, at: answer.scripted, member: member, suggestion: suggestion)
    }

    private mutating func refuse(
        _ message: String, at answer: SimulationScript.TaskAnswer, member: String? = nil, suggestion: String? = nil
    ) {
        let position = member.flatMap { answer.memberPositions[$0] } ?? answer.position
        problem = Diagnostic(
            file: script.file, position: position, severity: .error, message: message, suggestion: suggestion)
    }

    private mutating func outcome(
        _ given: JSONObject, _ definition: TaskDefinition, _ answer: ScriptedAnswer
    ) -> Outcome? {
        let names = definition.outcomes.map(\.value)
        let chosen = given["outcome"]
        if chosen == nil, definition.outcomes.count == 1, definition.kind != .service { return definition.outcomes[0] }
        // If the task names no outcomes, a program may give any or none.
        if definition.kind == .service, names.isEmpty || chosen == nil { return .done }
        if let outcome = definition.outcomes.first(where: { chosen == .string($0.value) }) { return outcome }
        let listed = names.joined(separator: ", ")
        guard let chosen else {
            refuse("the answer of \"\(definition.name)\" needs an \"outcome\": one of \(listed)", answer)
            return nil
        }
        refuse(
            "\"\(definition.name)\" has no outcome \"\(chosen.displayText)\"; it has \(listed)", answer,
            member: "outcome", suggestion: nearestName(to: chosen.displayText, among: names))
        return nil
    }

    /// The answers as the task's form stores them. Answers to the ticket's own form replace the ticket's.
    private mutating func answers(
        _ given: JSONObject, _ outcome: Outcome, _ definition: TaskDefinition, _ answer: ScriptedAnswer
    ) -> JSONObject? {
        var given = given
        for reserved in ["outcome", "by", "at", "visit"] { given[reserved] = nil }
        let type = ticket["type"].stringValue.flatMap { name in library.ticketTypes.first { $0.name == name } }
        let form: Form?
        switch definition.form {
        case .none: form = nil
        case .body(let body): form = body
        case .ticket:
            // The page shows the earlier answers, so those that are not changed stay.
            given.merge(ticket["form"].objectValue ?? [:]) { amended, _ in amended }
            form = type?.form
            if form == nil {
                if outcome.validates { changeTicket("form", .object(given)) }
                return given
            }
        }
        guard let form else {
            guard let extra = given.keys.first, answer.scripted.validates else { return given }
            refuse("\"\(definition.name)\" has no form, so nobody can answer \"\(extra)\"", answer, member: extra)
            return nil
        }
        var context = form.contextTakingAsGiven(given, at: now, on: script.clock)
        context.outcome = outcome.value
        context.input = answer.request.input
        let checked = form.check(given, context)
        let mayBeWrong = !outcome.validates || !answer.scripted.validates
        // A wrong answer is reported rather than an answer that is missing because of it.
        let scripted = checked.errors.first {
            answer.scripted.memberPositions[String($0.field.trimmingPrefix("form."))] != nil
        }
        if let error = scripted ?? checked.errors.first, !mayBeWrong {
            let member = String(error.field.trimmingPrefix("form."))
            refuse(
                "the form of \"\(definition.name)\" refuses the answer: \(error.field): \(error.message)", answer,
                member: member)
            return nil
        }
        if definition.form == .ticket, outcome.validates, answer.scripted.validates || checked.errors.isEmpty {
            let title = type?.corrected(
                title: ticket["title"].stringValue ?? "", from: ticket["form"].objectValue ?? [:], to: checked.answers)
            changeTicket("form", .object(checked.answers))
            if let title { changeTicket("title", .string(title.value)) }
            untold += title?.failure.map { [$0] } ?? []
        }
        return checked.answers
    }

    /// Takes the answers as they are: without definitions they cannot be checked.
    private mutating func amendTicket(_ given: JSONObject) {
        var form = ticket["form"].objectValue ?? [:]
        for (id, value) in given where !["outcome", "by", "at", "visit"].contains(id) { form[id] = value }
        changeTicket("form", .object(form))
    }
}
