import Foundation
import TFEngine
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Notifications by mail, sent by a real program.
@Suite struct NoticeMailTests {
    /// A mail program that appends what it is given to a file.
    private static func program(failing: Bool = false) throws -> (program: String, sent: () throws -> String) {
        let folder = TestFolder.path("mail")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (program, file) = ("\(folder)/sendmail", "\(folder)/sent")
        try "#!/bin/sh\n\(failing ? "exit 75" : "cat >>\(file)")\n".write(
            toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        return (
            program,
            { FileManager.default.fileExists(atPath: file) ? try String(contentsOfFile: file, encoding: .utf8) : "" }
        )
    }

    /// Dave, who has an address, wants to be told of tasks by mail, and gets two.
    private static func filled(_ program: String) async throws -> WebFixture {
        let fixture = try await WebFixture(sendmail: program)
        let (store, now) = (fixture.site.store, fixture.site.now)
        try await store.write { session in
            var change = AccountChange()
            change.email = "dave@example.org"
            try session.changeAccount("dave", change, version: nil, now: now)
        }
        let uma = try #require(try await store.read { try $0.account("uma") })
        try await fixture.test { browser in
            try await browser.become("dave")
            let page = "/notifications/settings"
            #expect(try await browser.get(page).html.contains("Mail goes to dave@example.org"))
            _ = try await browser.submit(page, to: page, [("assigned", "true"), ("assigned.mail", "true")])
        }
        for number in 1...2 {
            _ = try await store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: "thing", requester: uma, title: "T\(number)", answers: ["what": "x"]), now: now)
        }
        try await fixture.advance()
        try await store.write(in: fixture.acme.id) { session in
            for task in try (1...2).flatMap({ try session.tasks(ticket: TicketID($0)) }) {
                let tom = try #require(try session.site.account("tom"))
                try session.reassignTask(
                    task.id, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: now)
            }
        }
        return fixture
    }

    @Test func `what nobody has read after two minutes is told in one mail, once`() async throws {
        let (program, sent) = try Self.program()
        let fixture = try await Self.filled(program)
        let mailer = try #require(NoticeMailer(fixture.site))
        let now = fixture.site.now
        try await mailer.sendDue(now: now + WriteSession.mailDelay / 2)
        #expect(try sent().isEmpty)
        try await mailer.sendDue(now: now + 2 * WriteSession.mailDelay)
        let mail = try sent()
        #expect(mail.hasPrefix("To: dave@example.org\nSubject: 2 notifications from TicketFlower\n"))
        #expect(mail.contains("#1 T1\nhttp://localhost/c/acme/t"))
        #expect(mail.contains("http://localhost/notifications/settings"))
        try await mailer.sendDue(now: now + 20 * WriteSession.mailDelay)
        #expect(try sent() == mail)
    }

    @Test func `what was read in time, or may not be seen any more, is told by no mail`() async throws {
        let (program, sent) = try Self.program()
        let fixture = try await Self.filled(program)
        let (store, now) = (fixture.site.store, fixture.site.now)
        let dave = try #require(try await store.read { try $0.account("dave") })
        _ = try await store.write { session in
            let first = try session.first(NotificationID.self, "SELECT MIN(id) FROM notification")
            return try session.markNotifications([try #require(first)], isRead: true, of: dave.id, now: now)
        }
        try await store.write { session in
            var change = AccountChange()
            change.roles = []
            try session.changeAccount("dave", change, version: nil, now: now)
        }
        try await #require(NoticeMailer(fixture.site)).sendDue(now: now + 2 * WriteSession.mailDelay)
        #expect(try sent().isEmpty)
    }

    @Test func `a mail that the program refuses is tried again, for a day`() async throws {
        let (refusing, _) = try Self.program(failing: true)
        let fixture = try await Self.filled(refusing)
        let now = fixture.site.now
        try await #require(NoticeMailer(fixture.site)).sendDue(now: now + 2 * WriteSession.mailDelay)
        let (program, sent) = try Self.program()
        let mended = try await WebFixture(reopening: fixture.site.settings.data, sendmail: program)
        try await #require(NoticeMailer(mended.site)).sendDue(now: now + 3 * WriteSession.mailDelay)
        #expect(try sent().isEmpty)
        try await #require(NoticeMailer(mended.site)).sendDue(now: now + 10 * WriteSession.mailDelay)
        #expect(try sent().contains("2 notifications"))
        let late = try await Self.filled(program)
        let before = try sent()
        try await #require(NoticeMailer(late.site)).sendDue(now: late.site.now + 86_400_000 + WriteSession.mailDelay)
        #expect(try sent() == before)
    }

    @Test func `a mail of a cancelled ticket says why`() async throws {
        let (program, sent) = try Self.program()
        let fixture = try await WebFixture(sendmail: program)
        let (store, now) = (fixture.site.store, fixture.site.now)
        let uma = try await store.write { session in
            var change = AccountChange()
            change.email = "uma@example.org"
            try session.changeAccount("uma", change, version: nil, now: now)
            let uma = try #require(try session.account("uma"))
            try session.setNotices(NoticeSettings(told: [.closed], mailed: [.closed]), of: uma.id)
            return uma
        }
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "thing", requester: uma, title: "T", answers: ["what": "x"]), now: now)
        try await fixture.advance()
        try await store.write(in: fixture.acme.id) { session in
            let tom = try #require(try session.site.account("tom"))
            try session.cancelTicket(1, version: nil, by: tom, reason: "Bought already", now: now)
        }
        try await fixture.advance()
        try await #require(NoticeMailer(fixture.site)).sendDue(now: now + 2 * WriteSession.mailDelay)
        let mail = try sent()
        #expect(mail.contains("#1 T\nCancelled. “Bought already”\n"), "\(mail)")
        try await fixture.test { browser in
            try await browser.become("uma")
            #expect(try await browser.get("/notifications").html.contains("Cancelled. “Bought already” #1"))
        }
    }

    @Test func `what was chosen for mail stays while the site sends none`() async throws {
        let (program, _) = try Self.program()
        let fixture = try await Self.filled(program)
        let silent = try await WebFixture(reopening: fixture.site.settings.data)
        let page = "/notifications/settings"
        try await silent.test { browser in
            try await browser.become("dave")
            _ = try await browser.submit(page, to: page, [("assigned", "true")])
        }
        let mailing = try await WebFixture(reopening: fixture.site.settings.data, sendmail: program)
        try await mailing.test { browser in
            try await browser.become("dave")
            #expect(try await browser.get(page).html.contains(#"name="assigned.mail" value="true" checked"#))
        }
    }

    @Test func `a site that sends no mail says so, and offers none`() async throws {
        let fixture = try await WebFixture()
        #expect(NoticeMailer(fixture.site) == nil)
        try await fixture.test { browser in
            try await browser.become("dave")
            let page = try await browser.get("/notifications/settings").html
            #expect(page.contains("This site sends no mail."))
            #expect(!page.contains("By mail too"))
        }
    }
}
