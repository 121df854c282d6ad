import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// What is listed can be opened, and what can be opened is listed.
@Suite struct ScopeTests {
    private static let pair = [
        "pair.ticket.yaml": "name: Pair\ndescription: P\ntitle: P\nworkflow: pair\n"
            + "body: [ { type: input, id: what, attributes: { label: What } } ]\n",
        "pair.workflow.yaml": "document: { dsl: '1.0.3', namespace: acme, name: pair, version: '1.0.0' }\n"
            + "do:\n  - first: { call: look }\n  - second: { call: look }\n",
        "look.task.yaml": "task: look\nassign: { role: it-staff }\noutcomes: [seen]\n",
    ]

    @Test func `a ticket or task is listed if and only if it can be opened, whatever roles and view roles there are`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.pair)
        let store = fixture.site.store
        let acme = try #require(await store.read { try $0.company("acme") })
        let logins = ["uma", "udo", "tom", "bob", "dave", "erin", "wanda", "gus", "gina", "ada"]
        var random = SeededGenerator(seed: 6)
        for number in 0..<24 {
            let requester = try #require(await store.read { try $0.account(["uma", "udo", "tom", "bob"][number % 4]) })
            _ = try await store.inside(acme.id).submitTicket(
                TicketSubmission(
                    type: number < 16 ? "pair" : "thing", requester: requester, title: "T",
                    answers: ["what": "x"]), now: 1)
        }
        try await fixture.advance()
        let tasks = try await everything(store, acme)
        let tom = try #require(await store.read { try $0.account("tom") })
        func give(_ task: TaskID, _ login: String) async throws {
            try await store.write(in: acme.id) {
                try $0.reassignTask(
                    task, .to(login), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: 2)
            }
        }
        for (number, task) in tasks.enumerated() {
            let hands = [[], ["dave"], ["erin"], ["dave", "erin"], ["erin", "dave"]]
            let logins = hands.randomElement(using: &random) ?? []
            for login in logins { try await give(task.id, login) }
            if number < 16, let last = logins.last, Bool.random(using: &random) {
                let worker = try #require(await store.read { try $0.account(last) })
                try await store.inside(acme.id).completeTask(
                    Completion(task: task.id, by: worker, outcome: "seen", answers: [:], version: nil), now: 3)
            }
            let roles = [[], ["employee"], ["it-staff"], ["nobody-has-it"]].randomElement(using: &random) ?? []
            try await store.write { db in
                for role in roles {
                    try db.run(
                        "INSERT INTO ticket_view_role (company_id, ticket_id, role) VALUES (?, ?, ?)",
                        [acme.id, task.ticketID, role])
                }
            }
        }
        try await fixture.advance()
        for task in try await everything(store, acme) where task.assigneeID == nil && task.id > 24 {
            if Bool.random(using: &random) { try await give(task.id, "erin") }
        }
        for task in try await everything(store, acme) {
            // The last is of nobody here: their login only looks like Erin's.
            let excluded = [[], ["dave"], ["erin"], ["dave", "erin"], ["erin-2", "merin"]]
            let logins = excluded.randomElement(using: &random) ?? []
            try await store.write { db in
                try db.run("UPDATE task SET excluded = ? WHERE id = ?", [JSON.strings(logins), task.id])
            }
        }
        var laterTasks = 0
        var withheldTasks = 0
        for login in logins {
            let identity = try #require(await store.read { try $0.identity(login) })
            let actor = Actor(identity, company: "acme")
            var filter = TicketFilter()
            filter.limit = 1_000
            let listed = Set(
                try await store.read(in: acme.id) { [filter] in
                    try $0.tickets(scope: Policy.tickets(actor), filter: filter)
                }.rows.map(
                    \.number)
            )
            let told = Set(
                try await store.read(in: acme.id) { [filter] in
                    try $0.tickets(scope: Policy.ticketsWithTasks(actor), filter: filter)
                }
                .rows
                .map(\.number))
            var taskFilter = TaskFilter()
            taskFilter.limit = 1_000
            let listedTasks = Set(
                try await store.read(in: acme.id) { [taskFilter] in
                    try $0.tasks(scope: Policy.tasks(actor), filter: taskFilter)
                }.rows.map(
                    \.id))
            for task in try await everything(store, acme) {
                let ticket = try #require(await store.read(in: acme.id) { try $0.ticket(id: task.ticketID) })
                let (hasTask, hadTasks) = try await store.read(in: acme.id) {
                    try $0.work(of: identity.account.id, on: ticket.id)
                }
                let facts = TicketFacts(
                    requester: ticket.requesterID,
                    viewRoles: try await store.read(in: acme.id) { try $0.viewRoles(ticket: ticket.id) },
                    hasTask: hasTask, hadTasks: hadTasks)
                let opens = Policy.decide(actor, .readTicket, .ticket(facts)) == .allowed
                #expect(opens == listed.contains(ticket.number), "\(login), ticket \(ticket.number)")
                let isTold = opens && Policy.readsTasks(actor, facts)
                #expect(isTold == told.contains(ticket.number), "\(login), tasks of ticket \(ticket.number)")
                let taskFacts = TaskFacts(task, facts, actor)
                let opensTask = Policy.decide(actor, .readTask, .task(taskFacts)) == .allowed
                #expect(opensTask == listedTasks.contains(task.id), "\(login), task \(task.id)")
                if opens, !opensTask, !hadTasks.isEmpty { laterTasks += 1 }
                if taskFacts.isExcluded, task.state == .ready, !opensTask { withheldTasks += 1 }
            }
        }
        #expect(laterTasks > 0, "some worker may open a ticket and not a later task of it")
        #expect(withheldTasks > 0, "some worker is excluded from a task that others with their role may claim")
    }

    private func everything(_ store: Store, _ company: Company) async throws -> [TaskRecord] {
        var scope = TaskScope()
        scope.isEverything = true
        var filter = TaskFilter()
        filter.limit = 1_000
        return try await store.read(in: company.id) { [scope, filter] in try $0.tasks(scope: scope, filter: filter) }
            .rows
    }

    @Test func `the database itself refuses a reference from one company into another`() async throws {
        let store = try await WebFixture().site.store
        try await store.read { db in
            let tables = try db.all(String.self, "SELECT name FROM sqlite_master WHERE type = 'table'")
            let owned = try Set(
                tables.filter { table in
                    try db.all(Row.self, "PRAGMA table_info(\(table))").contains { $0["name"] == "company_id" }
                })
            #expect(owned.count > 15)
            for table in owned {
                for (_, keys) in Dictionary(
                    grouping: try db.all(Row.self, "PRAGMA foreign_key_list(\(table))"), by: { $0["id"] as Int })
                {
                    let target: String = keys[0]["table"]
                    guard owned.contains(target), target != "membership" else { continue }
                    let columns = keys.compactMap { $0["from"] as String? }
                    // A single reference may stand beside one that names the company.
                    let pairs = try db.all(Row.self, "PRAGMA foreign_key_list(\(table))")
                        .filter { $0["from"] == "company_id" && $0["table"] == target }
                    #expect(columns.contains("company_id") || !pairs.isEmpty, "\(table).\(columns) -> \(target)")
                }
            }
        }
        let globex = try #require(await store.read { try $0.company("globex") })
        await #expect(throws: DatabaseFailure.self) {
            try await store.write { db in
                try db.run(
                    """
                    INSERT INTO revision (company_id, definition_id, sha256, source, model, published_at_ms)
                    SELECT ?, definition_id, 'stolen', source, model, 1 FROM revision LIMIT 1
                    """, [globex.id])
            }
        }
    }
}
