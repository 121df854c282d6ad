import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Fills a store with companies, their people and their closed tickets, by the store's own methods.
struct SiteSeed {
    /// How many changes are under way at once, so that they share their commits.
    private static let concurrency = 64

    let shape: SiteShape
    let store: Store
    /// The directory of definitions, as the daemon reads it.
    let definitions: String

    func run() async throws {
        guard shape.closedOfCompany > 0 else {
            for number in 1...shape.companies { _ = try await company(number) }
            return
        }
        guard let leader = try await store.write({ try $0.lead(as: "bench", now: 1) }) else {
            throw StoreError.notLeader
        }
        for number in 1...shape.companies {
            let site = try await company(number)
            try await close(site, leader)
        }
        try await store.write { try $0.resign(leader) }
    }

    private struct Site: Sendable {
        let company: Company
        let requester: Account
        let workers: [Account]
    }

    // MARK: Companies and people

    private func company(_ number: Int) async throws -> Site {
        let slug = shape.slug(number)
        let company = try await store.write {
            try $0.addCompany(slug: slug, name: "Company \(number)", timezone: "Europe/Berlin", now: 1)
        }
        try await publish(in: company)
        let requester = try await member(shape.requester(of: number), [.user], company)
        _ = try await member(shape.admin(of: number), [.user, .ticketAdmin], company)
        var workers: [Account] = []
        for worker in 0..<shape.workers {
            workers.append(try await member(shape.worker(worker, of: number), [.taskWorker], company))
        }
        return Site(company: company, requester: requester, workers: workers)
    }

    private func member(_ login: String, _ roles: Set<SystemRole>, _ company: Company) async throws -> Account {
        try await store.write { session in
            // Nobody can sign in by this; without a password, nobody would get tasks.
            let account = try session.addAccount(
                NewAccount(login: login, name: "Person \(login)", kind: .person, password: "hash", roles: roles), now: 1
            )
            try session.inside(company.id).setMembership(of: account, companyRoles: [], only: [], now: 1)
            return account
        }
    }

    private func publish(in company: Company) async throws {
        let folder = "\(definitions)/\(company.slug)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let files = SiteShape.files.mapValues { $0.replacing("NAMESPACE", with: company.slug) }
        for (file, text) in files { try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8) }
        let publications = files.sorted { $0.key < $1.key }.compactMap { file, text -> Publication? in
            let parsed = Definition.parse(Array(text.utf8), file: file, company: company.slug)
            return Publication(parsed, source: text, file: file, isComplete: true)
        }
        _ = try await store.inside(company.id).publish(publications, keeping: [], problems: [], now: 2)
    }

    // MARK: Closed tickets

    private func close(_ site: Site, _ leader: Leadership) async throws {
        let inside = store.inside(site.company.id)
        let tickets = try await Self.each(0..<shape.closedOfCompany) { number in
            let who = site.workers[number % site.workers.count].login
            let ticket = try await inside.submitTicket(
                TicketSubmission(
                    type: "past", requester: site.requester, title: nil,
                    answers: ["what": .string("Thing \(number) of the past"), "who": .string(who)]),
                now: Int64(number))
            return try await inside.read { try $0.ticket(number: ticket)?.id }
        }.compactMap { $0 }
        try await drain(leader, now: Int64(shape.closedOfCompany))
        for _ in 0..<SiteShape.tasksOfClosed {
            _ = try await Self.each(0..<tickets.count) { number in
                let task = try await inside.read { try $0.tasks(ticket: tickets[number]).first { $0.state.isOpen } }
                guard let task else { throw BenchError.setAside(["a ticket of the past has no task"]) }
                let worker = site.workers[number % site.workers.count]
                try await inside.completeTask(
                    Completion(task: task.id, by: worker, outcome: "yes", answers: [:], version: nil),
                    now: task.createdAtMs + Int64(number))
                return true
            }
            try await drain(leader, now: 2 * Int64(shape.closedOfCompany))
        }
    }

    /// Applies events until none waits.
    private func drain(_ leader: Leadership, now: Int64) async throws {
        while try await store.read({ try $0.nextTurn(now: now) }).isDue {
            let advance = try await store.advanceInstances(limit: 256, leader: leader, now: now)
            guard advance.setAside.isEmpty else { throw BenchError.setAside(advance.setAside) }
        }
    }

    /// Runs the body for each number, several at once, and returns the results in order.
    private static func each<Value: Sendable>(
        _ numbers: Range<Int>, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var results: [Int: Value] = [:]
            var waiting = numbers.makeIterator()
            func add() {
                guard let number = waiting.next() else { return }
                group.addTask { (number, try await body(number)) }
            }
            for _ in 0..<concurrency { add() }
            while let (number, value) = try await group.next() {
                results[number] = value
                add()
            }
            return numbers.compactMap { results[$0] }
        }
    }
}
