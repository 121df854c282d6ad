import Foundation
import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import TFEngine
@testable import tf_daemon

/// A workflow on a real store, whose people and servers do what a dry run's script says: what the daemon makes of it.
final class LifeRun {
    /// What came of it, in the dry run's words.
    struct Result {
        let status: InstanceState.Status
        let output: JSON
        /// `started /do/0/ask`, in order.
        let steps: [String]
        let ticket: JSON
    }

    private struct Scheduled {
        let at: Int64
        let task: TaskID
        let answer: SimulationScript.TaskAnswer
    }

    private let store: Store
    private let company: Company
    private let leader: Leadership
    private let requester: Account
    private let script: SimulationScript
    private var people: [String: Account] = [:]
    private var http: SimulatedHTTP
    private var now: Int64
    private var scheduled: [Scheduled] = []
    private var seen: Set<TaskID> = []
    private var answered: [String: Int] = [:]

    /// - Parameters:
    ///   - folder: a company's definitions, in a folder named as the company.
    ///   - roles: which everybody but the requester holds.
    init(folder: URL, script: SimulationScript, logins: [String], roles: Set<String>) async throws {
        self.script = script
        now = script.start
        http = SimulatedHTTP(answers: script.http)
        store = try Store(
            directory: TestFolder.path("life"), baseURL: "http://localhost:8080")
        let slug = folder.lastPathComponent
        company = try await store.write { [now] in try $0.addCompany(slug: slug, name: slug, timezone: "UTC", now: now)
        }
        let lead = try await store.write { [now] in try $0.lead(as: "test", now: now) }
        leader = try #require(lead)
        for role in roles {
            try await store.write(in: company.id) { [now] in try $0.addCompanyRole(role, now: now) }
        }
        requester = try await store.write { [now] in
            try $0.addAccount(
                NewAccount(
                    login: "requester", name: "R", kind: .person, password: "hash", roles: [.user, .ticketAdmin]),
                now: now)
        }
        try await store.write(in: company.id) { [now, requester] in
            try $0.setMembership(of: requester, companyRoles: [], only: [], now: now)
        }
        people["requester"] = requester
        for login in logins {
            let account = try await store.write { [now] in
                try $0.addAccount(
                    NewAccount(login: login, name: login, kind: .person, password: "hash", roles: [.taskWorker]),
                    now: now)
            }
            try await store.write(in: company.id) { [now] in
                try $0.setMembership(of: account, companyRoles: roles, only: [], now: now)
            }
            people[login] = account
        }
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        }
        try await store.publish(files, for: company, now: now)
    }

    /// A file of the requester's.
    func upload(_ name: String) async throws -> String {
        let id = AttachmentFiles.newID()
        try await store.keep("x", as: id, in: company.id)
        let upload = FormUpload(id: id, name: name, mediaType: "application/pdf", size: 1)
        try await store.writeAside { [company, now, requester] in
            try $0.inside(company.id).addUpload(upload, by: requester.id, now: now)
        }
        return id.rawValue
    }

    func run(type: String, form: JSONObject) async throws -> Result {
        let number = try await store.inside(company.id).submitTicket(
            TicketSubmission(type: type, requester: requester, title: nil, answers: form), now: now)
        let ticketNow = try await store.read(in: company.id) { try $0.ticket(number: number) }
        let ticket = try #require(ticketNow)
        try await settle(ticket.id)
        while let next = try await next() {
            now = max(now, next.at)
            if let answer = next.answer { try await complete(answer) }
            try await settle(ticket.id)
        }
        return try await result(number)
    }

    private func next() async throws -> (at: Int64, answer: Scheduled?)? {
        let timer = try await store.read { [now] in try $0.nextTurn(now: now) }.next
        guard let first = scheduled.indices.min(by: { scheduled[$0].at < scheduled[$1].at }),
            scheduled[first].at <= timer ?? .max
        else { return timer.map { ($0, nil) } }
        let answer = scheduled.remove(at: first)
        return (answer.at, answer)
    }

    /// Everything that happens at this moment: the engine, the servers, and who is asked.
    private func settle(_ ticket: TicketID) async throws {
        while true {
            while try await store.read({ [now] in try $0.nextTurn(now: now) }).isDue {
                let advance = try await store.advanceInstances(limit: 64, leader: leader, now: now)
                #expect(advance.setAside.isEmpty)
            }
            let calls = try await store.takeHTTPCalls(
                CallShare(commonPlaces: 32), leader: leader, now: now, opener: { _, _, _ in nil })
            if calls.isEmpty { break }
            for call in calls {
                let answer = http.answer(call.request)
                try await store.write(in: call.company) { [leader, now] in
                    try $0.finishHTTPCall(call, answer, leader: leader, now: now)
                }
            }
        }
        for task in try await store.read(in: company.id, { try $0.tasks(ticket: ticket) })
        where task.state.isOpen && seen.insert(task.id).inserted {
            let number = answered[task.name] ?? 0
            guard let answers = script.tasks[task.name], number < answers.count else { continue }
            answered[task.name] = number + 1
            scheduled.append(Scheduled(at: now + answers[number].after, task: task.id, answer: answers[number]))
        }
    }

    private func complete(_ scheduled: Scheduled) async throws {
        guard case .output(let output) = scheduled.answer.result,
            let task = try await store.read(in: company.id, { try $0.task(id: scheduled.task) }),
            task.state.isOpen
        else { return }
        let account = try #require(people[scheduled.answer.by ?? "requester"])
        if task.assignee == nil {
            try await store.write(in: company.id) { [now, requester] in
                try $0.reassignTask(
                    task.id, .to(account.login), TaskMove(by: requester, onlyOwn: false, reason: nil, version: nil),
                    now: now)
            }
        }
        var answers = output
        answers["outcome"] = nil
        if try await store.read(in: company.id, { try $0.taskForm(task) }).form.replacesTicketAnswers {
            let ticket3 = try await store.read(in: company.id) { try $0.ticket(number: task.ticketNumber) }
            let ticket = try #require(ticket3)
            answers.merge(ticket.form.objectValue ?? [:]) { amended, _ in amended }
        }
        try await store.inside(company.id).completeTask(
            Completion(
                task: task.id, by: account, outcome: output["outcome"]?.stringValue ?? "done", answers: answers,
                version: nil), now: now)
    }

    private func result(_ number: Int) async throws -> Result {
        let ticket4 = try await store.read(in: company.id) { try $0.ticket(number: number) }
        let ticket = try #require(ticket4)
        let instance = try #require(await store.read(in: company.id) { try $0.instances(ticket: ticket.id) }.first)
        let steps = try await store.read(in: company.id) { try $0.history(ticket: ticket.id) }.filter {
            $0.kind == .step
        }
        .map { "\($0.data["kind"].displayText) \($0.data["reference"].displayText)" }
        return Result(
            status: instance.status, output: instance.data.output, steps: steps,
            ticket: [
                "number": .int(ticket.number), "type": .string(ticket.type), "title": .string(ticket.title),
                "priority": .string(ticket.priority.rawValue), "labels": ticket.labels,
                "status": .string(ticket.status),
                "requester": .string(ticket.requester), "form": ticket.form,
            ])
    }
}
