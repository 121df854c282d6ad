import Hummingbird
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

@Suite struct RouteTableTests {
    @Test func `an address of each route reaches that route and no other`() async throws {
        let routes = buildRoutes(try await WebFixture().site).routes
        let router = Router(context: WebContext.self)
        router.group().add(
            routes.map { route in
                Route(
                    method: route.method, path: route.path, access: route.access, action: route.action,
                    resource: route.resource, operation: nil
                ) { _, _ in Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: route.path))) }
            })
        let app = Application(router: router)
        try await app.test(.router) { client in
            for route in routes {
                for path in Self.samples(of: route.path) {
                    let response = try await client.execute(uri: path, method: route.method)
                    #expect(response.html == route.path, "\(route.method) \(path)")
                }
            }
        }
    }

    @Test func `the audit log has a word for whatever an admin does to one ticket or task`() async throws {
        let routes = buildRoutes(try await WebFixture().site).routes
        for route in routes where route.resource == .ticket || route.resource == .task {
            #expect(AuditAction(byAdmin: route.action) != nil, "\(route.method) \(route.path)")
        }
    }

    /// Addresses with values that other routes may have as words.
    private static func samples(of path: String) -> [String] {
        let values: [(parameter: String, values: [String])] = [
            ("{kind}", ["ticket", "task", "workflow"]), ("{name}", ["new", "edit", "workflow"]), ("{number}", ["1"]),
            ("{id}", ["1"]), ("{task}", ["1"]), ("{company}", ["new", "acme"]), ("{login}", ["me", "new"]),
            ("{type}", ["new"]), ("{role}", ["members"]), ("{revision}", ["edit"]), ("{session}", ["removal"]),
            ("{token}", ["login"]),
        ]
        return values.reduce([path]) { paths, parameter in
            paths.flatMap { path in
                path.contains(parameter.parameter)
                    ? parameter.values.map { path.replacing(parameter.parameter, with: $0) } : [path]
            }
        }
    }

    @Test(arguments: [
        ("/a/{kind}/{name}", "/a/workflow/{name}/run", 1), ("/a/{kind}/{name}", "/a/new", 0),
        ("/a/{name}", "/a/new", 0), ("/a/{name}/b", "/a/new", 1), ("/a/{number}/b", "/a/new", 0),
        ("/a/{name}/b", "/a/new/b", 0), ("/{company}/a/{name}/b", "/{company}/a/x/c", 1), ("/a/{x}", "/b/y/z", 0),
    ])
    func `a route that hides another is found`(_ first: String, _ second: String, _ shadows: Int) async throws {
        var table = RouteTable(try await WebFixture().site)
        for path in [first, second] {
            table.page(path, .useSite, on: .account) { _, _ in .elsewhere("/") }
        }
        #expect(table.shadows.count == shadows, "\(table.shadows)")
    }

    @Test func `the page of a form is the one that its route names, else the one above it`() async throws {
        let table = buildRoutes(try await WebFixture().site)
        for (form, page) in [
            ("/c/acme/my/availability", "/c/acme/my/tasks"), ("/c/acme/tasks/7/hold", "/c/acme/tasks/7/hold"),
            ("/c/acme/tasks/7/draft", "/c/acme/tasks/7"),
            ("/c/acme/tickets/7/skip", "/c/acme/tickets/7"), ("/account/password", "/account"),
            ("/c/acme/definitions/workflow/x/dry-run", "/c/acme/definitions/workflow/x/dry-run"),
        ] {
            #expect(table.page(of: PostedForm(), sentTo: form)?.path == page)
        }
        var view = PostedForm()
        for (name, value) in [("list", "tasks"), ("query", "priority=high")] { view.append(name, value) }
        #expect(table.page(of: view, sentTo: "/c/acme/views")?.address == "/c/acme/tasks?priority=high")
        for hostile in ["a=\r\nSet-Cookie: x", "a b", "a#b", "ä"] {
            view.append("query", hostile)
            #expect(table.page(of: view, sentTo: "/c/acme/views")?.address == "/c/acme/tasks")
        }
    }
}
