import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import TFStore
@testable import tf_web

/// Follows every link of every page as everybody, and looks at every form.
@Suite struct LinkTests {
    /// Somebody of each role: users, workers with and without tasks, a workflow creator, ticket admins, the site's admin.
    private static let people = ["uma", "udo", "dave", "erin", "fay", "wanda", "tom", "gus", "gina", "otto", "ada"]

    /// A form on a page.
    private struct Form: Hashable {
        let method: HTTPRequest.Method
        let path: String
        let page: String
    }

    /// What one person found.
    private struct Walk {
        var pages: Set<String> = []
        var forms: Set<Form> = []
        /// The names of what somebody sees in forms that are posted, and of what they do not: hidden fields and buttons.
        var typed: Set<String> = []
        var untyped: Set<String> = []
    }

    @Test func `every link leads somewhere, every form is taken, and every page can be reached by clicking`()
        async throws
    {
        let fixture = try await WebFixture.fullSite()
        let table = buildRoutes(fixture.site)
        var walks: [String: Walk] = [:]
        var sessions: [String: (cookie: String, csrf: String)] = [:]
        let issuer = Sessions(site: fixture.site)
        for login in Self.people {
            let identity = try #require(try await fixture.site.store.read { try $0.identity(login) })
            let token = try await issuer.start(for: identity, use: .web, agent: "test", address: "").tokens.access
            let access = try #require(issuer.page(access: token))
            sessions[login] = (
                "tf_at=\(token)", FormToken(session: access.session, keys: fixture.site.keys).text
            )
        }
        for (login, session) in sessions { walks[login] = try await walk(login, session.cookie, fixture) }
        for (login, walk) in walks {
            for form in walk.forms {
                #expect(
                    table.methods(at: form.path[...]).contains(form.method),
                    "\(login): \(form.method) \(form.path) on \(form.page)")
            }
        }
        Self.expectTyped(walks.values)
        try await askForForms(walks, sessions, fixture)
        try await sendForms(walks, sessions, fixture)

        let reached = Set(walks.values.flatMap(\.pages).compactMap { Self.pattern($0, table) })
        // The script alone asks for the parts of pages that it keeps up to date.
        let pages = table.routes(.cookie).filter { $0.method == .get && !$0.path.hasSuffix(LivePart.suffix) }
        let all = Set(pages.map(\.path))
        #expect(all.subtracting(reached).isEmpty)
        let ofCreator = walks["wanda"]?.pages ?? []
        for end in ["", "/edit", "/dry-run"] {
            #expect(ofCreator.contains("/c/acme/definitions/workflow/viewed\(end)"))
        }
    }

    private func walk(_ login: String, _ cookie: String, _ fixture: WebFixture) async throws -> Walk {
        let found = Box(Walk())
        try await fixture.test { browser in
            var walk = Walk()
            var left = ["/"]
            while let address = left.popLast() {
                let path = String(address.prefix { $0 != "#" })
                guard path.hasPrefix("/"), walk.pages.insert(path).inserted else { continue }
                let response = try await browser.get(path, headers: [.cookie: cookie])
                #expect(
                    response.status == .ok || response.status == .seeOther, "\(login): \(path) is \(response.status)")
                if let next = response.headers[.location] {
                    #expect(!next.hasPrefix("/login"), "\(login): \(path) asks to sign in")
                    left.append(next)
                }
                guard response.headers[.contentType]?.hasPrefix("text/html") == true else { continue }
                let page = Array(response.body.readableBytesView)
                #expect(!response.html.contains("was passed over"), "\(login): \(path) has a filter that is none")
                var form: (method: String, action: String)?
                for tag in MarkupTag.all(in: page) {
                    if tag["data-live"] != nil { left.append(Self.livePart(of: path)) }
                    for link in [tag["href"]].compactMap(\.self) where !link.hasPrefix("#") {
                        if let next = Self.local(link, on: path) { left.append(next) }
                    }
                    switch tag.name {
                    case "form":
                        form = (tag["method"] ?? "get", tag["action"].flatMap { Self.local($0, on: path) } ?? path)
                        Self.note(form, path, &walk, &left)
                    case "/form": form = nil
                    case "button":
                        guard let action = tag["formaction"].flatMap({ Self.local($0, on: path) }),
                            let method = form?.method
                        else { continue }
                        Self.note((method, action), path, &walk, &left)
                    default: break
                    }
                    if form?.method == "post" { Self.note(control: tag, &walk) }
                }
            }
            found.value = walk
        }
        return found.value
    }

    /// Where the script asks for a page's live part.
    private static func livePart(of page: String) -> String {
        let path = page.prefix { $0 != "?" }
        return "\(path)\(LivePart.suffix)\(page.dropFirst(path.count))"
    }

    /// The address to which a link of a page leads; nil: elsewhere than on the site. A page's live part has its links for
    /// the page, where the script puts it.
    private static func local(_ link: String, on part: String) -> String? {
        let path = part.prefix { $0 != "?" }
        let page = path.hasSuffix(LivePart.suffix) ? String(path.dropLast(LivePart.suffix.count)) : part
        guard let base = URL(string: "http://site\(page)"),
            let target = URL(string: link, relativeTo: base)?.absoluteURL,
            target.host() == "site", target.scheme == "http"
        else { return nil }
        return target.path(percentEncoded: true) + (target.query(percentEncoded: true).map { "?" + $0 } ?? "")
    }

    private static func note(
        _ form: (method: String, action: String)?, _ page: String, _ walk: inout Walk, _ left: inout [String]
    ) {
        guard let form else { return }
        if form.method == "get" { left.append(form.action) }
        let path = String(form.action.prefix { $0 != "?" })
        walk.forms.insert(Form(method: form.method == "get" ? .get : .post, path: path, page: page))
    }

    private static func note(control tag: MarkupTag, _ walk: inout Walk) {
        guard let name = tag["name"], ["input", "select", "textarea", "button"].contains(tag.name) else { return }
        if tag.name == "button" || tag["type"] == "hidden" {
            walk.untyped.insert(name)
        } else {
            walk.typed.insert(name)
        }
    }

    /// Of a form that is not here any more a person is shown what they typed, and nothing that they never saw.
    private static func expectTyped(_ walks: some Collection<Walk>) {
        let typed = walks.reduce(into: Set<String>()) { $0.formUnion($1.typed) }
        let untyped = walks.reduce(into: Set<String>()) { $0.formUnion($1.untyped) }.subtracting(typed)
        func told(_ names: Set<String>) -> Set<String> {
            var form = PostedForm()
            for name in names { form.append(name, "x") }
            return Set(form.typed.map(\.name))
        }
        #expect(told(untyped).isEmpty)
        #expect(typed.subtracting(told(typed)).isSubset(of: ["password", "new", "otp", "template"]))
    }

    /// A browser may ask for the address of a form, as from its history: it is led to a page.
    private func askForForms(
        _ walks: [String: Walk], _ sessions: [String: (cookie: String, csrf: String)], _ fixture: WebFixture
    ) async throws {
        try await fixture.test { browser in
            for (login, walk) in walks {
                let headers: HTTPFields = [.cookie: try #require(sessions[login]).cookie, .accept: "text/html"]
                for path in Set(walk.forms.filter { $0.method == .post }.map(\.path)) {
                    var answer = try await browser.get(path, headers: headers)
                    if answer.status == .seeOther, let page = answer.headers[.location] {
                        answer = try await browser.get(page, headers: headers)
                    }
                    #expect([.ok, .seeOther].contains(answer.status), "\(login): GET of \(path) is \(answer.status)")
                }
            }
        }
    }

    /// Nobody is shown a form that they may not send. The store takes no writes meanwhile, so that nothing changes.
    private func sendForms(
        _ walks: [String: Walk], _ sessions: [String: (cookie: String, csrf: String)], _ fixture: WebFixture
    ) async throws {
        try await fixture.site.store.write { session in try session.run("PRAGMA query_only = 1") }
        try await fixture.test { browser in
            for (login, walk) in walks {
                let session = try #require(sessions[login])
                for form in walk.forms where form.method == .post {
                    let answer = try await browser.page(
                        form.path, .post, cookie: session.cookie, csrf: session.csrf)
                    #expect(
                        ![401, 403, 404, 405, 500].contains(answer.status.code),
                        "\(login): \(form.path) on \(form.page) answers \(answer.status)")
                }
            }
        }
    }

    /// The route of an address; words win over parameters.
    private static func pattern(_ address: String, _ table: RouteTable) -> String? {
        let parts = address.prefix { $0 != "?" }.split(separator: "/")
        let matching = table.routes.filter { route in
            let wanted = route.path.split(separator: "/")
            return route.method == .get && wanted.count == parts.count
                && zip(wanted, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return matching.min { $0.path.count { $0 == "{" } < $1.path.count { $0 == "{" } }?.path
    }

    @Test func `publishing a workflow ends on its page, and all that can be done with it is a click away`() async throws
    {
        let fixture = try await WebFixture()
        let source = """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { stop: { set: { status: done } } } ]

            """
        try await fixture.test { browser in
            try await browser.become("wanda")
            let new = "/c/acme/definitions/new"
            let hidden = Browser.hidden(in: try await browser.get(new).html)
            let published = try await browser.post(
                new, hidden + [("source", source), ("outcome", "publish")], files: [])
            let path = "/c/acme/definitions/workflow/flow"
            #expect(published.headers[.location] == path, "\(published.html)")
            func page() async throws -> String {
                let response = try await browser.get(path)
                #expect(response.status == .ok)
                return response.html
            }
            let shown = try await page()
            for part in [
                "<h2>How it goes</h2>", ">Source</h2>", "\(path)/edit", "\(path)/dry-run", "\(path)/retirement",
            ] {
                #expect(shown.contains(part), "\(part)")
            }
            #expect(try await browser.get("\(path)/dry-run").status == .ok)
            #expect(try await browser.get("\(path)/edit").status == .ok)
            let revision = try #require(shown.firstMatch(of: /href="([^"]+\/revisions\/[0-9a-f]+)"/)?.output.1)
            let retired = try await browser.submit("\(path)/retirement", to: "\(path)/retirement", [])
            #expect(retired.headers[.location] == path)
            #expect(try await page().contains("Retired"))
            let old = try await browser.get(String(revision)).html
            #expect(old.contains("Bring it back"))
            let back = try await browser.submit("\(revision)/publication", to: "\(revision)/publication", [])
            #expect(back.headers[.location] == path)
            #expect(try await page().contains("In force"))
        }
    }
}

/// A value that a closure fills; one task after the other uses it.
private final class Box<Value: Sendable>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) { self.value = value }
}
