import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// What somebody else does to a definition while a page about it is open: who sends the page is told, and loses nothing.
@Suite struct DefinitionRaceTests {
    private static let page = "/c/acme/definitions/task/look"
    private static let first = "task: look\ntitle: Look\n"
    private static let mine = "task: look\ntitle: Look closely\n"
    private static let theirs = "task: look\ntitle: Look twice\n"

    private static func file(_ fixture: WebFixture) -> String {
        "\(fixture.site.settings.definitions)/acme/look.task.yaml"
    }

    private static func row(_ fixture: WebFixture) async throws -> DefinitionRow {
        let row = try await fixture.site.store.read(in: fixture.acme.id) { try $0.definition(.task, "look") }
        return try #require(row)
    }

    private static func onDisk(_ fixture: WebFixture) throws -> String {
        try String(contentsOfFile: file(fixture), encoding: .utf8)
    }

    private static func writeByHand(_ text: String, _ fixture: WebFixture) throws {
        try text.write(toFile: file(fixture), atomically: true, encoding: .utf8)
    }

    /// A browser of somebody who has published the task with its file.
    private func withTask(_ test: @escaping @Sendable (Browser, WebFixture) async throws -> Void) async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("wanda")
            let sent = try await browser.submit(
                "/c/acme/definitions/new", to: "/c/acme/definitions/new",
                [("source", Self.first), ("outcome", "publish")])
            #expect(sent.status == .seeOther, "\(sent.html)")
            try await test(browser, fixture)
        }
    }

    private func retire(_ browser: Browser) async throws {
        let sent = try await browser.submit("\(Self.page)/retirement", to: "\(Self.page)/retirement", [])
        #expect(sent.status == .seeOther, "\(sent.html)")
    }

    private static func publication(of text: String) -> String {
        "\(page)/revisions/\(Definition.revision(of: Array(text.utf8)))/publication"
    }

    @Test func `nothing is left to be done about a file that a page has written or removed`() async throws {
        try await withTask { browser, fixture in
            func pending() async throws -> [PendingFile] {
                try await fixture.site.store.read(in: fixture.acme.id) { try $0.pendingFiles() }
            }
            #expect(try await pending() == [])
            try await retire(browser)
            #expect(try await pending() == [])
            #expect(!FileManager.default.fileExists(atPath: Self.file(fixture)))
        }
    }

    @Test func `a text is published over a definition that was retired meanwhile only on purpose`() async throws {
        try await withTask { browser, fixture in
            let edit = "\(Self.page)/edit"
            let hidden = Browser.hidden(in: try await browser.get(edit).html)
            try await retire(browser)
            var late = try await browser.post(edit, hidden + [("source", Self.mine), ("outcome", "publish")])
            #expect(late.status == .conflict)
            #expect(late.html.contains("This task was retired while you edited it"))
            #expect(late.html.contains("title: Look closely\n</textarea>"))
            #expect(try await Self.row(fixture).state == .retired)
            let told = "<h2>This task is retired</h2>"
            #expect(!late.html.contains(told), "the page says it once")
            #expect(try await browser.get(edit).html.contains(told))

            let again = Browser.hidden(in: late.html)
            let back = Self.publication(of: Self.first)
            #expect(try await browser.submit(back, to: back, []).status == .seeOther)
            late = try await browser.post(edit, again + [("source", Self.mine), ("outcome", "publish")])
            #expect(late.status == .conflict, "what was retired when the page was shown is in force again")
            #expect(late.html.contains("This task was brought back while you edited it"))
            #expect(try await Self.row(fixture).source == Self.first)
            let sent = try await browser.post(
                edit, Browser.hidden(in: late.html) + [("source", Self.mine), ("outcome", "publish")])
            #expect(sent.status == .seeOther, "\(sent.html)")
            #expect(try await Self.row(fixture).source == Self.mine)
        }
    }

    @Test func `a text whose definition is retired between its check and its publication is not published`()
        async throws
    {
        try await withTask { browser, fixture in
            let edit = "\(Self.page)/edit"
            let fields =
                Browser.hidden(in: try await browser.get(edit).html) + [
                    ("source", Self.mine), ("outcome", "publish"),
                ]
            let id = try await Self.row(fixture).id
            let late = try await PublishingPageTests.sending(
                { try await browser.post(edit, fields) }, whenWaiting: {}, between: fixture,
                writing: { session in try session.retireDefinition(id, now: fixture.site.now) })
            #expect(late.status == .conflict)
            #expect(late.html.contains("This task was retired while you edited it"))
            #expect(try await Self.row(fixture).state == .retired)
        }
    }

    @Test func `a page that asks whether to retire or to bring back answers for what it has shown`() async throws {
        try await withTask { browser, fixture in
            let retirement = "\(Self.page)/retirement"
            let (first, second) = (Self.publication(of: Self.first), Self.publication(of: Self.mine))
            let edited = try await browser.submit(
                "\(Self.page)/edit", to: "\(Self.page)/edit", [("source", Self.mine), ("outcome", "publish")])
            #expect(edited.status == .seeOther)
            let bringBack = Browser.hidden(in: try await browser.get(first).html)
            let toRetire = Browser.hidden(in: try await browser.get(retirement).html)
            try await retire(browser)
            for (path, hidden) in [(first, bringBack), (retirement, toRetire)] {
                let late = try await browser.post(path, hidden)
                #expect(late.status == .conflict, "\(path)")
                #expect(late.html.contains("The definition was retired meanwhile"), "\(late.html)")
                #expect(try await Self.row(fixture).state == .retired)
            }
            let overRetired = Browser.hidden(in: try await browser.get(first).html)
            #expect(try await browser.submit(second, to: second, []).status == .seeOther)
            let late = try await browser.post(first, overRetired)
            #expect(late.status == .conflict)
            #expect(late.html.contains("The definition was brought back meanwhile"), "\(late.html)")
            #expect(try await Self.row(fixture).source == Self.mine)
        }
    }

    @Test func `a program that names a revision does not bring a retired definition back with it`() async throws {
        try await withTask { browser, fixture in
            let token = try await browser.token("wanda")
            let path = "/api/v1/companies/acme/definitions/task/look"
            func tag() async throws -> String {
                try #require(try await browser.json(path, .get, token: token).headers[.eTag])
            }
            func put(_ text: String, _ tag: String) async throws -> TestResponse {
                try await browser.json(
                    path, .put, token: token, text, type: "application/yaml", headers: [.ifMatch: tag])
            }
            let inForce = try await tag()
            try await retire(browser)
            #expect(try await put(Self.mine, inForce).status == .preconditionFailed)
            #expect(try await Self.row(fixture).state == .retired)
            #expect(try await put(Self.mine, tag()).status == .ok)
            #expect(try await Self.row(fixture).source == Self.mine)

            try Self.writeByHand(Self.theirs, fixture)
            let refused = try await put(Self.first, tag())
            #expect(refused.status == .conflict)
            #expect(try Self.onDisk(fixture) == Self.theirs)
        }
    }

    @Test func `a file that somebody writes while its text is edited is shown before it is written over`() async throws
    {
        try await withTask { browser, fixture in
            let edit = "\(Self.page)/edit"
            let hidden = Browser.hidden(in: try await browser.get(edit).html)
            try Self.writeByHand(Self.theirs, fixture)
            let late = try await browser.post(edit, hidden + [("source", Self.mine), ("outcome", "publish")])
            #expect(late.status == .conflict)
            #expect(late.html.contains("The file of this task has another text, which is not in force"))
            #expect(late.html.contains("title: Look closely\n</textarea>"))
            #expect(late.html.contains("<span class=\"fail\">- title: Look twice</span>"))
            #expect(try await Self.row(fixture).source == Self.first)
            #expect(try Self.onDisk(fixture) == Self.theirs)

            let shown = try await browser.get(edit).html
            #expect(shown.contains("The file of this task has another text"), "also who comes only now is told")
            try Self.writeByHand(Self.theirs + "description: More\n", fixture)
            let later = try await browser.post(
                edit, Browser.hidden(in: shown) + [("source", Self.mine), ("outcome", "publish")])
            #expect(later.status == .conflict, "each text of the file is shown")
            let sent = try await browser.post(
                edit, Browser.hidden(in: later.html) + [("source", Self.mine), ("outcome", "publish")])
            #expect(sent.status == .seeOther, "\(sent.html)")
            #expect(try Self.onDisk(fixture) == Self.mine)
        }
    }

    @Test func `a file that somebody writes while its text is being published stays, and the person is told`()
        async throws
    {
        try await withTask { browser, fixture in
            let edit = "\(Self.page)/edit"
            let fields =
                Browser.hidden(in: try await browser.get(edit).html) + [
                    ("source", Self.mine), ("outcome", "publish"),
                ]
            let sent = try await PublishingPageTests.sending(
                { try await browser.post(edit, fields) },
                whenWaiting: { try Self.writeByHand(Self.theirs, fixture) }, between: fixture, writing: { _ in })
            #expect(sent.status == .seeOther, "\(sent.html)")
            #expect(try Self.onDisk(fixture) == Self.theirs)
            let page = try await browser.get(Self.page).html
            #expect(page.contains("written by somebody else meanwhile, and left as it is"), "\(page)")
        }
    }

    @Test func `a file that was written since its text was published survives the end of its definition`() async throws
    {
        try await withTask { browser, fixture in
            try Self.writeByHand(Self.theirs, fixture)
            try await retire(browser)
            let page = try await browser.get(Self.page).html
            #expect(page.contains("was written since it was published, and stays"), "\(page)")
            #expect(try await Self.row(fixture).state == .retired)
            #expect(try Self.onDisk(fixture) == Self.theirs)
        }
    }

    @Test func `a text that is brought back names the text in the file that it takes the place of`() async throws {
        try await withTask { browser, fixture in
            let edited = try await browser.submit(
                "\(Self.page)/edit", to: "\(Self.page)/edit", [("source", Self.mine), ("outcome", "publish")])
            #expect(edited.status == .seeOther)
            let back = Self.publication(of: Self.first)
            let before = Browser.hidden(in: try await browser.get(back).html)
            try Self.writeByHand(Self.theirs, fixture)
            let late = try await browser.post(back, before)
            #expect(late.status == .conflict)
            #expect(late.html.contains("file was written meanwhile"), "\(late.html)")
            #expect(try Self.onDisk(fixture) == Self.theirs)
            #expect(try await browser.get(back).html.contains("which was never in force, is lost"))
            #expect(try await browser.submit(back, to: back, []).status == .seeOther)
            #expect(try Self.onDisk(fixture) == Self.first)
        }
    }
}
