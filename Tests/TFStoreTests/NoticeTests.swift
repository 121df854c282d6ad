import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Who is told of what: followers, people whom a comment names, and nobody of their own act.
@Suite(.onBothEngines) struct NoticeTests {
    private let test: TestStore
    private let ticket: Ticket
    private let task: TaskRecord

    /// Uma's ticket, with a task that Bob has.
    init() async throws {
        test = try await TestStore()
        task = try await test.assignedTask(to: "bob")
        ticket = try await test.store.read(in: test.company.id) { [task] in
            try #require(try $0.ticket(id: task.ticketID))
        }
        try await test.store.write { try $0.run("DELETE FROM notification") }
    }

    private func account(_ login: String) throws -> Account { try #require(test.people[login]) }

    @discardableResult
    private func comment(_ text: String, by login: String, isInternal: Bool = false) async throws -> CommentID {
        try await test.store.inside(test.company.id).addComment(
            text, isInternal: isInternal, ticket: ticket, by: account(login), now: 50)
    }

    /// The kinds of somebody's notifications, the oldest first.
    /// - Parameter readsNotes: whether they may read internal comments.
    private func told(_ login: String, readsNotes: Bool = true) async throws -> [NoticeKind] {
        try await notices(login, readsNotes: readsNotes).map(\.kind)
    }

    private func notices(_ login: String, readsNotes: Bool = true) async throws -> [NotificationRow] {
        let id = try account(login).id
        return try await test.store.read { [test] session in
            let scope = NoticeScope(
                company: test.company.id, tickets: .everything, tasks: .everything,
                notes: readsNotes ? .everything : TicketScope())
            return try session.notifications(of: id, scopes: [scope], NotificationFilter()).rows.reversed()
        }
    }

    private func follow(_ login: String, _ isFollowing: Bool = true) async throws {
        let id = try account(login).id
        try await test.store.write(in: test.company.id) { [ticket] in
            try $0.follow(ticket.id, by: id, isFollowing: isFollowing, now: 40)
        }
    }

    private func follows(_ login: String) async throws -> Bool {
        let id = try account(login).id
        return try await test.store.read(in: test.company.id) { [ticket] in try $0.follows(ticket, id) }
    }

    @Test func `the requester follows, and so does who comments, until they stop`() async throws {
        #expect(try await follows("uma"))
        #expect(try await !follows("carol"))
        try await comment("Hello", by: "carol")
        #expect(try await follows("carol"))
        try await follow("carol", false)
        try await comment("Again", by: "carol")
        #expect(try await !follows("carol"))
        let names = try await test.store.read(in: test.company.id) { [ticket] in
            try $0.followers(of: ticket, limit: 5).map(\.name)
        }
        #expect(names == ["Uma"])
    }

    @Test func `a comment is told once to each: as an answer, or because they follow, and never to its author`()
        async throws
    {
        try await follow("carol")
        try await comment("Done?", by: "uma")
        #expect(try await told("bob") == [.answered])
        #expect(try await told("carol") == [.commented])
        #expect(try await told("uma").isEmpty)
        try await comment("Yes", by: "bob")
        #expect(try await told("uma") == [.answered])
        #expect(try await told("bob") == [.answered])
        #expect(try await told("carol") == [.commented, .commented])
    }

    @Test func `who has stopped following is not told what is said`() async throws {
        try await follow("uma", false)
        try await comment("Hello", by: "bob")
        #expect(try await told("uma").isEmpty)
    }

    @Test func `an internal comment is told to nobody who may not read it, and not to the requester`() async throws {
        try await follow("carol")
        try await comment("Between us", by: "bob", isInternal: true)
        #expect(try await told("uma").isEmpty)
        #expect(try await told("carol") == [.commented])
        #expect(try await told("carol", readsNotes: false).isEmpty)
        let id = try account("carol").id
        let counts = try await test.store.read { [test] session in
            try [TicketScope.everything, TicketScope()].map { notes in
                try session.unreadNotifications(
                    of: id,
                    scopes: [
                        NoticeScope(company: test.company.id, tickets: .everything, tasks: .everything, notes: notes)
                    ])
            }
        }
        #expect(counts == [1, 0])
    }

    @Test func `people are named by login or by their name, and not by an address or a part of a word`() async throws {
        let store = test.store
        try await store.write { session in
            try session.run(
                "UPDATE account SET name = 'Dave van Diaz', folded_name = 'dave van diaz' WHERE login = 'dave'")
        }
        for (text, logins) in [
            ("@bob look", ["bob"]), ("(@Bob, @carol.)", ["bob", "carol"]), ("@Dave van Diaz: yes", ["dave"]),
            ("write to bob@carol", []), ("@nobody and @ bob", []), ("@bobby", []), ("@@bob", ["bob"]),
        ] {
            let named = try await store.read(in: test.company.id) { try $0.people(namedIn: text).map(\.login) }
            #expect(named == logins, "\(text)")
        }
        #expect(Mention.candidates(in: String(repeating: "@a ", count: 50)) == ["a"])
    }

    @Test func `somebody whom a comment names is told that, and nothing else of the comment`() async throws {
        let id = try await comment("@Uma look", by: "bob")
        #expect(try await told("uma") == [.answered])
        let uma = try account("uma").id
        try await test.store.write(in: test.company.id) { [ticket] in
            try $0.tellMentioned([uma], in: id, on: ticket.id, now: 50)
        }
        #expect(try await told("uma") == [.mentioned])
    }

    @Test func `what somebody has switched off is not told`() async throws {
        let (uma, carol) = (try account("uma").id, try account("carol").id)
        try await follow("carol")
        try await test.store.write { session in
            try session.setNotices(NoticeSettings(told: [.mentioned], mailed: []), of: uma)
            try session.setNotices(
                NoticeSettings(told: Set(NoticeKind.allCases).subtracting([.commented]), mailed: []), of: carol)
        }
        #expect(try await test.store.read { try $0.noticeSettings(of: carol) }.told.contains(.commented) == false)
        try await comment("Hello", by: "bob")
        #expect(try await told("uma").isEmpty)
        #expect(try await told("carol").isEmpty)
        try await test.store.write {
            try $0.setNotices(NoticeSettings(told: Set(NoticeKind.allCases), mailed: []), of: carol)
        }
        try await comment("Hello", by: "bob")
        #expect(try await told("carol") == [.commented])
    }

    @Test func `the end is told to the requester and to followers, but not to the one who cancelled`() async throws {
        try await follow("carol")
        try await follow("dave", false)
        let uma = try account("uma")
        try await test.store.write(in: test.company.id) { [ticket] in
            try $0.cancelTicket(ticket.id, version: nil, by: uma, reason: "No longer needed", now: 60)
        }
        try await test.advance()
        #expect(try await told("carol") == [.closed])
        #expect(try await notices("carol").map(\.cancelledBecause) == ["No longer needed"])
        #expect(try await told("uma").isEmpty)
        #expect(try await told("dave").isEmpty)
    }

    @Test func `nobody is told of a task that they gave to themselves`() async throws {
        let bob = try account("bob")
        for (caller, kinds) in [(bob, [NoticeKind]()), (try account("uma"), [.assigned])] {
            try await test.store.acting(for: Caller(name: caller.login, account: caller.id)).write {
                [test, task] session in
                let inside = session.inside(test.company.id)
                let move = TaskMove(by: caller, onlyOwn: false, reason: nil, version: nil)
                try inside.reassignTask(task.id, .to("carol"), move, now: 60)
                try session.run("DELETE FROM notification")
                try inside.reassignTask(task.id, .to("bob"), move, now: 60)
            }
            #expect(try await told("bob") == kinds)
        }
    }

    @Test func `unread ones of a ticket and kind count as one, and opening the ticket reads them all`() async throws {
        for text in ["1", "2", "3"] { try await comment(text, by: "bob") }
        let uma = try account("uma").id
        let scopes = [
            NoticeScope(company: test.company.id, tickets: .everything, tasks: .everything, notes: .everything)
        ]
        let unread = { @Sendable (session: ReadSession) in try session.unreadNotifications(of: uma, scopes: scopes) }
        #expect(try await test.store.read(unread) == 1)
        let newest = try await test.store.read { session in
            try #require(try session.notifications(of: uma, scopes: scopes, NotificationFilter()).rows.first)
        }
        let bob = try account("bob").id
        let notices = { @Sendable (account: AccountID) in
            try await test.store.read(in: test.company.id) { session in
                try session.unreadNotices(of: account, ticket: try #require(try session.ticket(number: 1)).id)
            }
        }
        #expect(try await notices(bob).isEmpty, "what is somebody else's is not read")
        let own = try await notices(uma)
        #expect(own.count == 3 && own.contains(newest.id))
        _ = try await test.store.write { try $0.markNotifications(own, isRead: true, of: uma, now: 70) }
        #expect(try await test.store.read(unread) == 0)
        try await comment("4", by: "bob")
        #expect(try await test.store.read(unread) == 1)
        try await test.store.write { try $0.markNotifications(upTo: [newest.id], of: uma, now: 80) }
        #expect(try await test.store.read(unread) == 1)
        #expect(try await test.store.read { try $0.unreadNotifications(of: uma, scopes: []) } == 0)
    }

    @Test func `what another company's change committed late is not read with what was shown`() async throws {
        let uma = try account("uma")
        try await comment("shown", by: "bob")
        let shown = try await test.store.read { try $0.newestUnread(of: uma.id) }
        let globex = try await test.store.write {
            try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 1)
        }
        let files = TestStore.files.mapValues { $0.replacing("namespace: acme", with: "namespace: globex") }
        try await test.store.publish(files, for: globex, now: 2)
        let store = test.store.acting(for: Caller(name: "uma", account: uma.id)).inside(globex.id)
        let submission = TicketSubmission(type: "request", requester: uma, title: nil, answers: ["what": "x"])
        _ = try await store.answer(to: nil, .submit(submission, now: 10)) { _, ticket in .int(ticket.number) }
        let other = try await test.store.read(in: globex.id) { try #require(try $0.ticket(number: 1)) }
        _ = try await test.store.inside(globex.id).addComment(
            "late", isInternal: false, ticket: other, by: account("bob"), now: 50)
        // Its id was given before the one that was shown, as it may be where companies write side by side.
        try await test.store.write { try $0.run("UPDATE notification SET id = 0 WHERE company_id = ?", [globex.id]) }

        try await test.store.write { try $0.markNotifications(upTo: shown, of: uma.id, now: 80) }
        #expect(try await test.store.read { try $0.newestUnread(of: uma.id) }.map(\.rawValue) == [0])
        try await comment("again", by: "bob")
        let both = try await test.store.read { try $0.newestUnread(of: uma.id) }
        #expect(both.count == 2)
        try await test.store.write { try $0.markNotifications(upTo: both, of: uma.id, now: 90) }
        #expect(try await test.store.read { try $0.newestUnread(of: uma.id) }.isEmpty)
    }

    @Test func `a daemon that does not lead the site any more tells nobody what is due`() async throws {
        try await test.store.write { try $0.run("UPDATE task SET due_at_ms = 50") }
        let lease = try #require(try await test.store.read { try $0.leaderLease() })
        let next = try await test.store.write { try $0.lead(as: "next", replacing: lease, now: 2) }
        await #expect(throws: StoreError.self) { try await test.store.tellDueSoon(leader: test.leader, now: 60) }
        #expect(try await told("bob") == [])
        let leader = try #require(next)
        try await test.store.tellDueSoon(leader: leader, now: 60)
        #expect(try await told("bob") == [.dueSoon])
    }
}
