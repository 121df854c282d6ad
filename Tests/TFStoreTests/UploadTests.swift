import Foundation
import TFDefinition
import TFEngine
import TFSystem
import TestSupport
import Testing

@testable import TFStore

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

    private func send(_ name: String, by account: Account? = nil, at now: Int64 = 1_000) async throws -> AttachmentID {
        let id = AttachmentFiles.newID()
        try await test.store.keep("x", as: id, in: test.company.id, now: now)
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

    private func submit(_ id: AttachmentID, by account: Account? = nil) async throws -> Int {
        try await test.store.inside(test.company.id).submitTicket(
            TicketSubmission(
                type: "request", requester: account ?? uma, title: "T",
                answers: ["plan": [.id(id)]]), now: 2_000)
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

    @Test func `who submits for somebody gives files of their own, and not the requester's`() async throws {
        let bob = try #require(test.people["bob"])
        for (giver, isTaken) in [(bob, true), (uma, false)] {
            let id = try await send("a.txt", by: giver)
            let number = try? await test.store.inside(test.company.id).submitTicket(
                TicketSubmission(
                    type: "request", requester: uma, by: bob, title: "T", answers: ["plan": [.id(id)]]), now: 2_000)
            #expect((number != nil) == isTaken, "a file of \(giver.login)")
            guard let number else { continue }
            let (ticket, history, file) = try await test.store.read(in: test.company.id) { session in
                let ticket = try #require(try session.ticket(number: number))
                return (
                    ticket, try session.history(ticket: ticket.id), try session.attachment(id, ticket: ticket.id)
                )
            }
            #expect(ticket.requester == "uma")
            #expect(history.first?.actor == "bob")
            #expect(history.first?.data["for"] == "uma")
            #expect(file?.accountID == bob.id)
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
        #expect(try await test.store.read(in: test.company.id) { try $0.openTaskCount(of: bob.id) } == 1)
        let (own, foreign) = (try await send("own.txt", by: bob), try await send("foreign.txt", by: carol))
        for (file, isTaken) in [(own, true), (foreign, false)] {
            try? await test.store.inside(test.company.id).saveDraft(
                task.id, ["plan": [.id(file)]], by: bob, version: nil, now: 50)
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
        let stray = AttachmentFiles.newID()
        try await test.store.keep("x", as: stray, in: test.company.id)
        if case .files(let files) = test.store.attachments {
            let earlier = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1)]
            try FileManager.default.setAttributes(earlier, ofItemAtPath: files.path(stray))
        }
        #expect(try await test.store.removeExpired(.uploads, before: 4_000, now: 9_000) == 1)
        let former = Leadership(holder: "former", reach: .site(epoch: 0))
        await #expect(throws: StoreError.self) {
            try await test.store.removeStrayFiles(before: 4_000, leader: former)
        }
        #expect(try await test.store.keptContent(of: stray, in: test.company.id) != nil)
        #expect(try await test.store.removeStrayFiles(before: 4_000, leader: test.leader) == 1)
        for (id, isKept) in [(used, true), (fresh, true), (old, false), (stray, false)] {
            #expect(try await (test.store.keptContent(of: id, in: test.company.id) != nil) == isKept)
        }
    }

    @Test(.onlySQLite) func `a file that the disk keeps is told, and keeps no other`() async throws {
        guard case .files(let files) = test.store.attachments else { return }
        let (kept, stray) = (AttachmentFiles.newID(), AttachmentFiles.newID())
        // What is no file stays.
        try FileManager.default.createDirectory(atPath: files.path(kept), withIntermediateDirectories: false)
        try await test.store.keep("x", as: stray, in: test.company.id)
        for id in [kept, stray] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: files.path(id))
        }
        await #expect(throws: FileFailure.self) { try await test.store.removeStrayFiles(before: 4_000) }
        #expect(try await test.store.keptContent(of: stray, in: test.company.id) == nil)
        await #expect(throws: FileFailure.self) {
            try await test.store.emptyContent(of: AttachmentKey(company: test.company.id, id: kept))
        }
    }

    @Test func `content in rows is read chunk by chunk, and goes without its file after a day`() async throws {
        let company = test.store.inside(test.company.id)
        let (kept, stray, fresh) = (try await send("a.txt"), AttachmentFiles.newID(), AttachmentFiles.newID())
        for (id, now) in [(stray, 1_000), (fresh, 5_000)] as [(AttachmentID, Int64)] {
            for place in 0..<3 { try await company.addChunk([UInt8(place), 0, 255], place, of: id, now: now) }
        }
        #expect(try await company.chunk(2, of: stray) == [2, 0, 255])
        #expect(try await company.chunk(3, of: stray) == nil)
        #expect(try await test.store.removeStrayChunks(before: 4_000) == 1)
        #expect(try await company.chunk(0, of: stray) == nil)
        #expect(try await company.chunk(2, of: stray) == nil)
        #expect(try await company.chunk(0, of: fresh) != nil)
        #expect(try await test.store.keptContent(of: kept, in: test.company.id) == "x")
    }

    @Test func `content is copied out whole, and what is gone is told`() async throws {
        let id = AttachmentFiles.newID()
        let key = AttachmentKey(company: test.company.id, id: id)
        let target = TestFolder.path("copy")
        #expect(try await !test.store.copyContent(of: key, size: 4, to: target + "1"))
        try await test.store.keep("text", as: id, in: test.company.id)
        #expect(try await test.store.copyContent(of: key, size: 4, to: target + "2"))
        #expect(try String(contentsOfFile: target + "2", encoding: .utf8) == "text")
        try await test.store.emptyContent(of: key)
        #expect(try await test.store.copyContent(of: key, size: 0, to: target + "3"))
        #expect(FileManager.default.contents(atPath: target + "3") == Data())
    }

    @Test func `nobody fills the disk with files that nothing uses`() async throws {
        for number in 0..<200 { _ = try await send("\(number)") }
        await #expect(throws: StoreError.self) { try await send("one more") }
        let bob = try #require(test.people["bob"])
        _ = try await send("another person's", by: bob)
    }
}
