import Foundation
import TFDefinition
import TFStore
import TestSupport
import Testing

@Suite(.onBothEngines) struct UploadTests {
    private static let files = [
        "f.ticket.yaml": """
        ticket: request
        name: Request
        description: Ask
        body: [ { type: upload, id: plan, attributes: { label: Plan }, validations: { required: true } } ]
        """
    ]

    private let test: TestStore
    private let uma: Account

    init() async throws {
        test = try await TestStore()
        try await test.publish(Self.files)
        uma = try #require(test.people["uma"])
    }

    private func send(_ name: String, by account: Account? = nil, at now: Int64 = 1_000) async throws -> String {
        let id = AttachmentFiles.newID()
        try Data("x".utf8).write(to: URL(fileURLWithPath: test.store.files.path(id)))
        let upload = FormUpload(id: id, name: name, mediaType: "text/plain", size: 1)
        try await test.store.writeAside {
            try $0.inside(test.company.id).addUpload(upload, by: (account ?? uma).id, now: now)
        }
        return id
    }

    private static let errand = [
        "f.ticket.yaml": "ticket: request\nname: Request\ndescription: Ask\nworkflow: request\n"
            + "body: [ { type: input, id: what, attributes: { label: What } } ]\n",
        "f.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: request, version: '1.0.0' }
        do: [ { fetch: { call: fetch } } ]
        """,
        "fetch.task.yaml": """
        task: fetch
        assign: { role: boss }
        body: [ { type: upload, id: plan, attributes: { label: Plan } } ]
        """,
    ]

    private func submit(_ id: String, by account: Account? = nil) async throws -> Int {
        try await test.store.inside(test.company.id).submitTicket(
            TicketSubmission(
                type: "request", requester: account ?? uma, title: "T",
                answers: ["plan": [.string(id)]]), now: 2_000)
    }

    @Test func `a file becomes the ticket's with its submission, once`() async throws {
        let id = try await send("a.txt")
        let number = try await submit(id)
        let ticket = try #require(try await test.store.read(in: test.company.id) { try $0.ticket(number: number) })
        #expect(
            try await test.store.read(in: test.company.id) { try $0.attachment(id, ticket: ticket.id) }?.field == "plan"
        )
        await #expect(throws: StoreError.self) { try await submit(id) }
    }

    @Test func `another person's file is as unknown as one that never was`() async throws {
        let bob = try #require(test.people["bob"])
        let id = try await send("a.txt", by: bob)
        for wrong in [id, AttachmentFiles.newID(), "../store.db", ""] {
            await #expect(throws: StoreError.self) { try await submit(wrong) }
        }
    }

    @Test func `a draft takes its author's file to the ticket, and leaves a colleague's where it is`() async throws {
        try await test.publish(Self.errand)
        let number = try await test.store.inside(test.company.id).submitTicket(
            TicketSubmission(type: "request", requester: uma, title: "T", answers: [:]), now: 10)
        try await test.advance()
        try await test.settle(choosing: "bob")
        let task = try #require(try await test.tasks(number).last)
        let (bob, carol) = (try #require(test.people["bob"]), try #require(test.people["carol"]))
        #expect(try await test.store.read { try $0.openTaskCount(of: bob.id, in: test.company.id) } == 1)
        let (own, foreign) = (try await send("own.txt", by: bob), try await send("foreign.txt", by: carol))
        for (file, isTaken) in [(own, true), (foreign, false)] {
            try? await test.store.inside(test.company.id).saveDraft(
                task.id, ["plan": [.string(file)]], by: bob, version: nil, now: 50)
            let attached = try await test.store.read(in: test.company.id) {
                try $0.attachment(file, ticket: task.ticketID)
            }
            #expect((attached != nil) == isTaken, "\(file == own ? "own" : "a colleague's")")
        }
    }

    @Test func `what nothing uses goes after its time, what a ticket has stays`() async throws {
        let used = try await send("a.txt")
        _ = try await submit(used)
        let old = try await send("b.txt")
        let fresh = try await send("c.txt", at: 5_000)
        let stray = test.store.files.path(AttachmentFiles.newID())
        try Data().write(to: URL(fileURLWithPath: stray))
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: stray)
        #expect(try await test.store.removeExpired(.uploads, before: 4_000, now: 9_000) == 1)
        #expect(try await test.store.removeStrayFiles(before: 4_000) == 1)
        func isThere(_ id: String) -> Bool { FileManager.default.fileExists(atPath: test.store.files.path(id)) }
        #expect(isThere(used) && isThere(fresh) && !isThere(old))
        #expect(!FileManager.default.fileExists(atPath: stray))
    }

    @Test func `nobody fills the disk with files that nothing uses`() async throws {
        for number in 0..<200 { _ = try await send("\(number)") }
        await #expect(throws: StoreError.self) { try await send("one more") }
        let bob = try #require(test.people["bob"])
        _ = try await send("another person's", by: bob)
    }
}
