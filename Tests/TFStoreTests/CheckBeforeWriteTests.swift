import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// What takes long is done while others may write: the tests keep the writer busy, so that whatever begins a transaction
/// would wait for it in vain.
@Suite(.timeLimit(.minutes(5)), .onBothEngines) struct CheckBeforeWriteTests {
    private static let costly = String(repeating: #"${ ("x" * 1000000) | length } "#, count: 200)

    @Test func `a submission is refused while another change is written`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        try await Self.whileAnotherWrites(test) {
            let error = await #expect(throws: StoreError.self) { try await test.submit("  ") }
            #expect(error?.description == "Fill in “What”")
        }
    }

    @Test func `a title that is too expensive is refused while another change is written`() async throws {
        let test = try await TestStore()
        var files = TestStore.files
        files["r.ticket.yaml"] = files["r.ticket.yaml"]?.replacing(
            #"title: "Ask for ${ .form.what }""#, with: "title: '\(Self.costly)'")
        try await test.publish(files)
        try await Self.whileAnotherWrites(test) {
            let error = await #expect(throws: StoreError.self) { try await test.submit("x") }
            guard case .invalid(let errors)? = error else { return }
            #expect(errors.map(\.field) == ["title"])
        }
    }

    @Test func `a completion is refused while another change is written`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        try await test.complete(task, by: "bob", "rework")
        try await test.advance()
        let amend = try await test.newest(after: task)
        try await Self.whileAnotherWrites(test) {
            let error = await #expect(throws: StoreError.self) {
                try await test.complete(amend, by: "uma", "done", ["what": ""])
            }
            #expect(error?.description == "Fill in “What”")
        }
    }

    @Test func `events and comments are refused while another change is written`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        _ = try await test.submit("x")
        let ticket = try #require(await test.store.read(in: test.company.id) { try $0.ticket(number: 1) })
        let uma = try #require(test.people["uma"])
        let deep = (0..<300).reduce(JSON.null) { inner, _ in .array([inner]) }
        try await Self.whileAnotherWrites(test) {
            await #expect(throws: StoreError.self) {
                try await test.store.inside(test.company.id).receive([["id": "1", "data": deep]], now: 10)
            }
            await #expect(throws: StoreError.self) {
                try await test.store.inside(test.company.id).addComment(
                    "  ", isInternal: false, ticket: ticket, by: uma, now: 10)
            }
        }
    }

    // MARK: What was checked is another by now

    @Test func `a form that changes between check and transaction is checked again`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let submission = try Self.submission(test, ["what": "x"])
        let checked = try await test.store.read(in: test.company.id) { db in try db.check(submission, now: 10) }
        var files = TestStore.files
        files["r.ticket.yaml"] = files["r.ticket.yaml"]?.replacing("name: Request", with: "name: Requests")
        try await test.publish(files)
        await #expect(throws: CheckIsStale.self) {
            try await test.store.write(in: test.company.id) { db in try db.submit(checked, now: 10) }
        }
        // Who named no revision gets the new form's rules.
        #expect(try await test.store.inside(test.company.id).submitTicket(submission, now: 10) == 1)
    }

    @Test(arguments: ["r.workflow.yaml", "approve.task.yaml", "amend.task.yaml"])
    func `a submission is checked again after each change of what its ticket uses`(file: String) async throws {
        let (test, checked) = try await Self.checkedSubmission()
        var files = TestStore.files
        files[file]?.append("# Another text.\n")
        try await test.publish(files)
        await #expect(throws: CheckIsStale.self) {
            try await test.store.write(in: test.company.id) { db in try db.submit(checked, now: 10) }
        }
    }

    @Test func `a submission is not checked again because of another form`() async throws {
        let (test, checked) = try await Self.checkedSubmission()
        var files = TestStore.files
        files["x.ticket.yaml"] = files["r.ticket.yaml"]?.replacing("ticket: request", with: "ticket: other")
        try await test.publish(files)
        let ticket = try await test.store.write(in: test.company.id) { db in try db.submit(checked, now: 10) }
        #expect(ticket.number == 1)
    }

    @Test func `a form that is retired between check and transaction takes no ticket`() async throws {
        let (test, checked) = try await Self.checkedSubmission()
        try await test.publish([:])
        await #expect(throws: CheckIsStale.self) {
            try await test.store.write(in: test.company.id) { db in try db.submit(checked, now: 10) }
        }
    }

    @Test func `a person who goes between check and transaction is looked up again`() async throws {
        let test = try await TestStore()
        var files = TestStore.files
        files["r.ticket.yaml"] = files["r.ticket.yaml"]?.replacing(
            "type: input, id: what", with: "type: user, id: what")
        try await test.publish(files)
        let submission = try Self.submission(test, ["what": "bob"])
        let checked = try await test.store.read(in: test.company.id) { db in try db.check(submission, now: 10) }
        try await test.store.write { db in
            try db.run("UPDATE account SET disabled_at_ms = 9 WHERE login = 'bob'")
        }
        await #expect(throws: CheckIsStale.self) {
            try await test.store.write(in: test.company.id) { db in try db.submit(checked, now: 10) }
        }
        let error = await #expect(throws: StoreError.self) {
            try await test.store.inside(test.company.id).submitTicket(submission, now: 10)
        }
        #expect(error?.description.contains("names nobody of this company") == true)
    }

    @Test func `what changes each time that it is checked is given up, and changes nothing`() async throws {
        let test = try await TestStore()
        let error = await #expect(throws: StoreError.self) {
            try await test.store.inside(test.company.id).write(
                CompanyChange(
                    checking: { _ in 0 },
                    { db, _ -> Int in
                        try db.site.run("UPDATE company SET name = 'Other'")
                        throw CheckIsStale()
                    }))
        }
        #expect(error?.description.contains("send it once more") == true)
        #expect(try await test.store.read { try $0.company("acme") }?.name == "Acme")
    }

    @Test func `a request that is sent again is not checked again`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let first = try await test.submit("x", submission: "s1")
        try await test.publish([:])
        #expect(try await test.submit("x", submission: "s1") == first)
    }

    private static func checkedSubmission() async throws -> (TestStore, CheckedSubmission) {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let submission = try submission(test, ["what": "x"])
        return (test, try await test.store.read(in: test.company.id) { db in try db.check(submission, now: 10) })
    }

    private static func submission(_ test: TestStore, _ answers: JSONObject) throws -> TicketSubmission {
        TicketSubmission(
            type: "request", requester: try #require(test.people["uma"]), title: nil, answers: answers)
    }

    /// Runs the body while another change is in its transaction.
    private static func whileAnotherWrites(
        _ test: TestStore, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await test.store.write { _ in gate.hold() } }
            _ = try await eventually("the writer is busy") { gate.isHeld ? true : nil }
            group.addTask {
                defer { gate.open() }
                try await body()
            }
            try await group.waitForAll()
        }
    }
}
