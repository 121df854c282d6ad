import Foundation
import Synchronization
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// People who use a site all day: they send tickets, work, comment, look at lists, sign in, and change definitions.
final class SoakLoad: Sendable {
    private static let acme = "/api/v1/companies/acme"
    private static let workers = ["dave", "erin"]

    private struct State {
        var acknowledged: [Int: String] = [:]
        var latencies: [Duration] = []
        var errors: [String] = []
        var isOver = false
    }

    private let processes: Processes
    private let uma: Program
    private let state = Mutex(State())

    init(_ processes: Processes) async throws {
        self.processes = processes
        try processes.write(
            "name: Day\ndescription: D\ntitle: Day\nworkflow: day\nbody: [ { type: input, id: n, attributes: { label: N } } ]\n",
            to: "acme/day.ticket.yaml")
        try processes.write(
            """
            document: { dsl: '1.0.3', namespace: acme, name: day, version: '1.0.0' }
            do: [ { look: { call: glance } }, { wait: { wait: PT1S } }, { again: { call: glance } } ]
            """, to: "acme/day.workflow.yaml")
        try Self.define(processes, "first")
        let uma = try await Program(processes.address, login: "uma")
        self.uma = uma
        _ = try await eventually("the type is offered") {
            try await uma.get("\(Self.acme)/ticket-types/day")["name"] == "day" ? true : nil
        }
    }

    private static func define(_ processes: Processes, _ description: String) throws {
        try processes.write(
            "task: glance\ndescription: \(description)\nassign: { role: it-staff }\noutcomes: [seen]\n",
            to: "acme/glance.task.yaml")
    }

    var acknowledged: [Int: String] { state.withLock { $0.acknowledged } }
    var errors: [String] { state.withLock { $0.errors } }
    private var isOver: Bool { state.withLock { $0.isOver } }

    func stop() { state.withLock { $0.isOver = true } }

    /// The 50th and 95th of a hundred requests since the last call.
    func takeLatencies() -> (middle: Duration, slow: Duration) {
        let sorted = state.withLock { state in
            defer { state.latencies = [] }
            return state.latencies.sorted()
        }
        guard !sorted.isEmpty else { return (.zero, .zero) }
        return (sorted[sorted.count / 2], sorted[sorted.count * 95 / 100])
    }

    // MARK: What goes on

    func run(in group: inout ThrowingTaskGroup<Void, any Error>) {
        for lane in 0..<2 { group.addTask { try await self.submit(lane) } }
        for login in Self.workers { group.addTask { try await self.work(as: login) } }
        group.addTask { try await self.comment() }
        group.addTask { try await self.look() }
        group.addTask { try await self.signIn() }
        group.addTask { try await self.define() }
    }

    /// Does something again and again.
    private func each(_ pause: Duration, _ what: String, _ act: (Int) async throws -> Void) async throws {
        var number = 0
        while !isOver {
            let start = ContinuousClock.now
            do {
                try await act(number)
                let taken = start.duration(to: .now)
                state.withLock { $0.latencies.append(taken) }
            } catch {
                state.withLock { $0.errors.append("\(what): \(error)") }
            }
            number += 1
            try await Task.sleep(for: pause)
        }
    }

    private func submit(_ lane: Int) async throws {
        try await each(.milliseconds(400), "a ticket") { number in
            let text = "\(lane) \(number)"
            let answer = try await uma.post(
                "\(Self.acme)/tickets", ["type": "day", "form": ["n": .string(text)]], key: text)
            guard answer.status == 201, let ticket = answer.body["number"].intValue else { throw Refused(answer) }
            state.withLock { $0.acknowledged[ticket] = text }
        }
    }

    private func work(as login: String) async throws {
        let worker = try await Program(processes.address, login: login)
        try await each(.milliseconds(150), "work of \(login)") { _ in
            let tasks = try await worker.get("\(Self.acme)/tasks?assignee=me&state=assigned&limit=20")["items"]
            for task in tasks.arrayValue ?? [] where task["name"] == "glance" {
                let path = "\(Self.acme)/tasks/\(task["id"].displayText)/completion"
                let answer = try await worker.post(path, ["outcome": "seen"])
                guard (200..<300).contains(answer.status) || answer.status == 409 else { throw Refused(answer) }
            }
        }
    }

    private func comment() async throws {
        try await each(.milliseconds(700), "a comment") { number in
            guard let ticket = acknowledged.keys.randomElement() else { return }
            let answer = try await uma.post(
                "\(Self.acme)/tickets/\(ticket)/comments", ["text": .string("Comment \(number)")])
            guard (200..<300).contains(answer.status) else { throw Refused(answer) }
        }
    }

    private func look() async throws {
        let tom = Visitor(processes.address)
        try await tom.login("tom")
        let pages = [
            "/c/acme/tickets", "/c/acme/tasks", "/c/acme/my/tickets", "/c/acme/tickets?q=Day", "/notifications",
        ]
        try await each(.milliseconds(250), "a page") { number in
            let page = pages[number % pages.count]
            let status = try await tom.get(page).status
            guard status == 200 else { throw Refused("\(page): \(status)") }
        }
    }

    private func signIn() async throws {
        try await each(.seconds(3), "a sign-in") { _ in
            let udo = Visitor(processes.address)
            try await udo.login("udo")
            guard try await udo.get("/account").status == 200 else { throw Refused("not signed in") }
        }
    }

    private func define() async throws {
        try await each(.seconds(10), "a definition") { number in try Self.define(processes, "version \(number)") }
    }

    private struct Refused: Error, CustomStringConvertible {
        let description: String

        init(_ what: String) { description = what }
        init(_ answer: (status: UInt, body: JSON)) { description = "\(answer.status) \(answer.body.text)" }
    }

    // MARK: What has to be

    /// - Returns: how many tickets were acknowledged, and how many of them are not in the store, or not as they were sent.
    func lost() async throws -> (count: Int, lost: Int) {
        let acknowledged = acknowledged
        let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
        defer { try? store.close() }  // what it read is known by then
        let stored = try await store.read { session in
            try session.all(
                Row.self,
                "SELECT t.number, t.form FROM ticket t JOIN company c ON c.id = t.company_id WHERE c.slug = 'acme'"
            ).reduce(into: [Int: String]()) { $0[$1["number"]] = ($1["form"] as JSON)["n"].displayText }
        }
        return (acknowledged.count, acknowledged.count { stored[$0.key] != $0.value })
    }
}
