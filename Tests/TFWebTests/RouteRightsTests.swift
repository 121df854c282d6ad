import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Every route × every kind of actor × own, other's, other company's, unknown and malformed.
///
/// The store refuses all writes meanwhile, so that what is allowed ends in anything but 401, 403 and 404, and nothing
/// changes what the next request finds.
@Suite(.onItsOwnThread) struct RouteRightsTests {
    /// What the specification's matrix says of an action for one actor and one object.
    private enum Expected: String {
        case allowed
        case forbidden
        case invisible
        /// Somebody else has it now; they are told who.
        case lost
    }

    struct Thing: CustomTestStringConvertible {
        let name: String
        let company: String
        let ticket: String
        let task: String
        let login: String

        var testDescription: String { name }
    }

    private static let actors = ["uma", "udo", "tom", "wanda", "bob", "dave", "erin", "gus", "gina", "otto", "ada"]

    /// Tickets: 1 is Uma's, with a task that Dave has and Erin had; 2 is Udo's, with one that nobody has and
    /// that excludes Erin; Globex has 1, Gus'.
    static let things = [
        Thing(name: "own", company: "acme", ticket: "1", task: "1", login: "dave"),
        Thing(name: "another's", company: "acme", ticket: "2", task: "2", login: "erin"),
        Thing(name: "another company's", company: "globex", ticket: "1", task: "3", login: "otto"),
        Thing(name: "in the wrong company", company: "globex", ticket: "2", task: "1", login: "dave"),
        Thing(name: "unknown", company: "acme", ticket: "999", task: "999", login: "nobody"),
        Thing(name: "of no company", company: "nowhere", ticket: "1", task: "1", login: "dave"),
        Thing(name: "malformed", company: "acme", ticket: "1%27--", task: "-1x", login: "%00"),
    ]

    @Test(arguments: things)
    func `every route answers every kind of actor as the matrix says`(_ thing: Thing) async throws {
        let fixture = try await WebFixture()
        try await fill(fixture)
        let issuer = Sessions(site: fixture.site)
        var tokens: [String: String] = [:]
        var pages: [String: (cookie: String, csrf: String)] = [:]
        for login in Self.actors {
            let identity = try #require(await fixture.site.store.read { try $0.identity(login) })
            tokens[login] = try await issuer.start(for: identity, use: .api, agent: "test", address: "").tokens.access
        }
        for login in Self.actors {
            let identity = try #require(await fixture.site.store.read { try $0.identity(login) })
            let token = try await issuer.start(for: identity, use: .web, agent: "test", address: "").tokens.access
            let access = try #require(issuer.page(access: token))
            pages[login] = ("tf_at=\(token)", FormToken(session: access.session, keys: fixture.site.keys).text)
        }
        let (sessions, cookies) = (tokens, pages)
        let matrix = Matrix()
        try await refuseChanges(fixture.site.store)
        let routes = buildRoutes(fixture.site).routes.filter { $0.access == .bearer || $0.access == .cookie }
        #expect(routes.count > 100)
        try await fixture.test { browser in
            var hidden: [String: Set<String>] = [:]
            for route in routes {
                for actor in Self.actors {
                    let path = Self.fill(route.path, thing)
                    let response: TestResponse
                    if route.access == .cookie {
                        let (cookie, csrf) = try #require(cookies[actor])
                        response = try await browser.page(path, route.method, cookie: cookie, csrf: csrf)
                    } else {
                        let body = route.method == .get || route.method == .delete ? nil : "x"
                        response = try await browser.json(
                            path, route.method, token: sessions[actor], body, type: "text/plain")
                    }
                    let isOwn =
                        route.access == .bearer && route.action == .setOwnAvailability && thing.login == actor
                    let expected =
                        isOwn
                        ? .allowed
                        : matrix.decide(actor, route, thing.company, ticket: thing.ticket, task: thing.task)
                    let place: Testing.Comment =
                        "\(route.method) \(path) by \(actor), \(thing.name): \(response.status)"
                    switch response.status.code {
                    case 403: #expect(expected == .forbidden, place)
                    case 404:
                        #expect(expected == .invisible || Self.isOfNothing(route, thing), place)
                        hidden["\(actor) \(route.access)", default: []].insert(
                            String(buffer: response.body) + "\(response.headers)")
                    case 409 where expected == .lost: break
                    default: #expect(expected == .allowed && response.status.code != 401, place)
                    }
                }
                let without = try await browser.json(Self.fill(route.path, thing), route.method, token: nil)
                // A page sends to sign in; a form without a session is refused or sent there.
                #expect(
                    without.status == (route.access == .bearer ? .unauthorized : .seeOther)
                        || (route.access == .cookie && route.method == .post && without.status == .forbidden),
                    "\(route.path)")
            }
            for (actor, answers) in hidden {
                #expect(answers.count == 1, "\(actor): what is foreign and what is unknown look alike\n\(answers)")
            }
        }
    }

    /// Lets transactions begin, and none of them change a row: what one actor is allowed must not change what the next
    /// one finds.
    private func refuseChanges(_ store: Store) async throws {
        let schema = Migration.all.map { $0.sql(.sqlite) }.joined()
        let tables = schema.matches(of: /CREATE TABLE (\w+)/).map { String($0.1) }
        #expect(tables.count > 20)
        try await store.write { session in
            for table in tables {
                for change in ["INSERT", "UPDATE", "DELETE"] {
                    try session.connection.script(
                        "CREATE TRIGGER no_\(change)_of_\(table) BEFORE \(change) ON \(table) "
                            + "BEGIN SELECT RAISE(ABORT, 'nothing is changed here'); END;")
                }
            }
        }
    }

    /// Two things of Acme and one of Globex, all with their first tasks.
    private func fill(_ fixture: WebFixture) async throws {
        let store = fixture.site.store
        let globex = try #require(await store.read { try $0.company("globex") })
        let text = """
            ticket: thing
            name: Thing
            description: A thing
            assign: { role: operator }
            body: [ { type: input, id: what, attributes: { label: What }, validations: { required: true } } ]
            """
        try await store.publish(["b.ticket.yaml": text], for: globex, now: 1)
        for (login, slug) in [("uma", "acme"), ("udo", "acme"), ("gus", "globex")] {
            _ = try await store.inside((try #require(await store.read { try $0.company(slug) })).id).submitTicket(
                TicketSubmission(
                    type: "thing",
                    requester: try #require(await store.read { try $0.account(login) }), title: "T",
                    answers: ["what": "x"]), now: 1)
            try await fixture.advance()
        }
        try await store.write { db in try db.run("UPDATE task SET excluded = '[\"erin\"]' WHERE id = 2") }
        let tom = try #require(await store.read { try $0.account("tom") })
        let acme = try #require(await store.read { try $0.company("acme") })
        for login in ["erin", "dave"] {
            try await store.write(in: acme.id) {
                try $0.reassignTask(1, .to(login), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: 2)
            }
        }
    }

    private static func fill(_ path: String, _ thing: Thing) -> String {
        var path = path.replacing("{company}", with: thing.company).replacing("{number}", with: thing.ticket)
        path = path.replacing("{task}", with: thing.task).replacing("{login}", with: thing.login)
        path = path.replacing("{kind}", with: "ticket").replacing("{role}", with: "employee")
        path =
            path.contains("/ticket-types/") || path.contains("/definitions/")
            ? path.replacing("{name}", with: "thing") : path
        path = path.replacing("{type}", with: "thing")
        return path.replacing("/attachments/{id}", with: "/attachments/none").replacing("{id}", with: thing.task)
    }

    /// Whether an address names something beside company, ticket and task that is not there for anybody.
    private static func isOfNothing(_ route: Route, _ thing: Thing) -> Bool {
        route.path.contains("{login}") || route.path.contains("/attachments/{id}")
            || route.path.contains("/uploads/{id}") || route.path.contains("/comments/{id}")
            || route.path.contains("{role}")
            || route.path.contains("/jobs/{task}") || route.path.contains("/ticket-types/{name}")
            || route.path.contains("{id}/validation") || route.path.contains("{revision}")
            || route.path.contains("{session}") || route.path.contains("{type}")
            || route.path.contains("/workflow/{name}") || route.path.contains("/definitions/{kind}/{name}")
    }

    /// The specification's matrix once more, written as it stands there and not as the policy has it.
    private struct Matrix {
        private let roles: [String: Set<SystemRole>]
        private let companies: [String: [String: Set<String>]]

        init() {
            roles = Dictionary(uniqueKeysWithValues: DemoCommand.people.map { ($0.login, $0.roles) })
            companies = Dictionary(uniqueKeysWithValues: DemoCommand.people.map { ($0.login, $0.companies) })
        }

        func decide(_ login: String, _ route: Route, _ company: String, ticket: String, task: String) -> Expected {
            let roles = roles[login] ?? []
            let isAdmin = roles.contains(.admin)
            let isMember = companies[login]?[company] != nil
            switch route.resource {
            case .none, .account: return .allowed
            case .site: return isAdmin ? .allowed : .forbidden
            case .company:
                guard ["acme", "globex"].contains(company), isMember || isAdmin else { return .invisible }
                return allows(route, roles, isAdmin) ? .allowed : .forbidden
            case .ticket: return ofTicket(login, roles, company, ticket, route.action, isMember)
            case .task: return ofTask(login, roles, company, task, route.action, isMember)
            }
        }

        private func allows(_ route: Route, _ roles: Set<SystemRole>, _ isAdmin: Bool) -> Bool {
            switch route.action {
            case .setOwnAvailability where route.access == .cookie: roles.contains(.taskWorker)
            case .listOwnTickets: roles.contains(.user)
            case .listOwnTasks: roles.contains(.taskWorker)
            case .claimTask: !roles.isDisjoint(with: [.taskWorker, .ticketAdmin])
            case .listTickets, .assignTask, .setAvailability: !roles.isDisjoint(with: [.ticketAdmin, .admin])
            case .listDefinitionNames, .readTickets, .readTasks, .upload: true
            case .submitTicket: roles.contains(.user) || roles.contains(.ticketAdmin)
            case .readDefinitions: !roles.isDisjoint(with: [.workflowCreator, .ticketAdmin, .admin])
            case .editDefinitions: !roles.isDisjoint(with: [.workflowCreator, .admin])
            case .seeWorkers, .giveCompanyRoles: !roles.isDisjoint(with: [.ticketAdmin, .admin])
            // Of somebody else.
            case .setOwnAvailability: !roles.isDisjoint(with: [.ticketAdmin, .admin])
            case .sendEvents: isAdmin
            case .workJobs: false
            case .administer: isAdmin
            default: false
            }
        }

        private func ofTicket(
            _ login: String, _ roles: Set<SystemRole>, _ company: String, _ ticket: String, _ action: Action,
            _ isMember: Bool
        ) -> Expected {
            let requesters = ["acme 1": "uma", "acme 2": "udo", "globex 1": "gus"]
            guard let requester = requesters["\(company) \(ticket)"] else { return .invisible }
            let isOwn = isMember && requester == login && roles.contains(.user)
            // Erin had a task of it and reads the public part.
            let isWorker = company == "acme" && ticket == "1" && ["dave", "erin"].contains(login)
            let isTicketAdmin = isMember && roles.contains(.ticketAdmin)
            let isAdmin = roles.contains(.admin)
            guard isOwn || isWorker || isTicketAdmin || isAdmin else { return .invisible }
            switch action {
            case .cancelTicket, .reopenTicket: return isOwn || isTicketAdmin || isAdmin ? .allowed : .forbidden
            case .editTicket: return isTicketAdmin ? .allowed : .forbidden
            case .decideFault: return isTicketAdmin || isAdmin ? .allowed : .forbidden
            default: return .allowed
            }
        }

        private func ofTask(
            _ login: String, _ roles: Set<SystemRole>, _ company: String, _ task: String, _ action: Action,
            _ isMember: Bool
        ) -> Expected {
            // Task 1 is Dave's, 2 is nobody's and for it-staff without Erin, 3 is nobody's and for Globex' operators.
            let role = ["acme 1": "it-staff", "acme 2": "it-staff", "globex 3": "operator"]["\(company) \(task)"]
            guard let role else { return .invisible }
            let isTheirs = login == "dave" && task == "1"
            let hadIt = login == "erin" && task == "1"
            let isWorker = isMember && roles.contains(.taskWorker)
            let holdsRole = companies[login]?[company]?.contains(role) ?? false
            let isExcluded = login == "erin" && task == "2"
            let isFree = task != "1" && isWorker && holdsRole && !isExcluded
            let isTicketAdmin = isMember && roles.contains(.ticketAdmin)
            let isAdmin = roles.contains(.admin)
            guard isTheirs || hadIt || isFree || isTicketAdmin || isAdmin else { return .invisible }
            switch action {
            case .readTask: return .allowed
            case .workTask: return isTheirs ? .allowed : hadIt ? .lost : .forbidden
            case .releaseTask, .holdTask: return isTheirs || isTicketAdmin ? .allowed : hadIt ? .lost : .forbidden
            case .handOverTask:
                return isTheirs || isTicketAdmin || isAdmin ? .allowed : hadIt ? .lost : .forbidden
            case .claimTask: return isTicketAdmin || (isWorker && holdsRole) ? .allowed : .forbidden
            case .prioritizeTask, .decideFault: return isTicketAdmin || isAdmin ? .allowed : .forbidden
            default: return .forbidden
            }
        }
    }
}
