import HTTPTypes
import HummingbirdTesting
import TFEngine
import Testing

@testable import TFStore
@testable import tf_web

/// The page for a change that came too late.
@Suite struct ConflictPageTests {
    @Test func `what was typed stands under the labels of its fields, beside what is in force now`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let uma = try #require(try await store.read { try $0.account("uma") })
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "thing", requester: uma, title: "First", answers: ["what": "x"]),
            now: fixture.site.now)
        try await fixture.test { browser in
            try await browser.become("tom")
            let path = "/c/acme/tickets/1/details"
            let stale = Browser.hidden(in: try await browser.get(path).html)
            let first = try await browser.submit(
                path, to: path, [("title", "Second"), ("priority", "high"), ("labels", "vpn, new")])
            #expect(first.status == .seeOther)
            let late = try await browser.post(
                path, stale + [("title", "Third <b>"), ("priority", "urgent"), ("labels", "vpn, new")])
            #expect(late.status == .conflict)
            let page = late.html
            #expect(page.contains("<nav aria-label=Main") && page.contains("href=/c/acme/tickets>"))
            #expect(page.contains("<dt>Title</dt><dd><span class=\"text\">Third &lt;b&gt;</span><br><small>Now: "))
            #expect(page.contains("Now: <span class=\"text\">Second</span>"))
            #expect(page.contains("<span class=\"text\">Urgent</span><br><small>Now: <span class=\"text\">High</span>"))
            #expect(
                page.contains("<dt>Labels</dt><dd><span class=\"text\">vpn, new</span></dd>"), "it is as it was typed")
        }
    }

    @Test func `each kind of control is read with its label and what stands in it`() throws {
        let page = """
            <main><form method="post" action="/a"><label for="f-t">Title <span class="soft">(optional)</span></label>\
            <input id="f-t" name="t" value="A &amp; B"><label for="x">Text</label><textarea id="x" name="x">
            two
            lines</textarea><label for="s">Kind</label><select id="s" name="s"><option value="1">One</option>\
            <option value="2" selected>Two</option></select><fieldset><legend>Which</legend>\
            <label><input type="radio" name="r" value="u"> Up</label><label><input type="radio" name="r" value="d" checked>\
            Down <small>far</small></label></fieldset><label><input type="checkbox" name="c" value="true">Really</label>\
            <input type="hidden" name="h" value="1"><input type="password" name="p" value="2"></form></main>
            """
        let form = try #require(ShownForm(Array(page.utf8), TypedForm(action: "/a", fields: [("t", "x")])))
        let shown = form.fields.mapValues { [$0.label, $0.value] }
        #expect(
            shown == [
                "t": ["Title", "A & B"], "x": ["Text", "two\nlines"], "s": ["Kind", "Two"],
                "r": ["Which", "Down far"], "c": ["Really", nil],
            ])
        #expect(form.hidden == ["h"])
        #expect(
            form.words("1", of: "s") == "One" && form.words("u", of: "r") == "Up"
                && form.words("true", of: "c") == "Yes")
        #expect(ShownForm(Array(page.utf8), TypedForm(action: "/b")) == nil)
    }
}
