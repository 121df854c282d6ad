import TFDefinition
import TFStore
import Testing

@testable import tf_web

/// Which tasks are told of as waiting for a role that nobody holds, and where.
@Suite struct UnheldRoleTests {
    private static let tasks = [
        "look.task.yaml": "task: look\nassign: { role: night-shift }\n",
        "count.task.yaml": "task: count\nkind: service\nlease: 1m\nretry: { attempts: 2, backoff: 1s }\n",
    ]

    /// A company where nobody holds the role `night-shift`, Uma, who is no worker, holds `desk`, and a program `bots`.
    private static func site() async throws -> WebFixture {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let etl = try await store.write {
            try $0.addAccount(
                NewAccount(login: "etl", name: "ETL", kind: .service, password: nil, roles: [.taskWorker]), now: 1)
        }
        try await store.write(in: fixture.acme.id) { session in
            for role in ["night-shift", "desk", "bots"] { try session.addCompanyRole(role, now: 1) }
            try session.changeRole("desk", CompanyRoleChange(members: ["uma"]), now: 1)
            try session.setMembership(of: etl, companyRoles: ["bots"], only: [], now: 1)
        }
        return fixture
    }

    private static func entry(_ file: String, _ text: String) throws -> Catalog.Entry {
        let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
        let definition = try #require(parsed.definition, "\(parsed.diagnostics)")
        return Catalog.Entry(file: file, definition: definition, references: parsed.references)
    }

    /// The warnings, each as its line, the role and whose it is.
    private static func warnings(_ file: String, _ text: String, _ fixture: WebFixture) async throws -> [String] {
        let (held, declared) = try await fixture.site.store.read(in: fixture.acme.id) {
            (try $0.heldRoles(), try $0.companyRoles())
        }
        let tasks = try Self.tasks.compactMap { try entry($0.key, $0.value).definition.task }
        return UnheldRoles(held: held, declared: declared, tasks: tasks).warnings(of: try entry(file, text)).map {
            "\($0.position.line) \($0.message)"
        }
    }

    @Test func `a task waits for a role that is held only by those who cannot have it`() async throws {
        let fixture = try await Self.site()
        let program = "kind: service\nlease: 1m\nretry: { attempts: 2, backoff: 1s }\n"
        for (role, asks, isWaiting) in [
            ("night-shift", "", true), ("it-staff", "", false), ("desk", "", true), ("bots", "", true),
            ("it-staff", program, true), ("bots", program, false), ("no-such", "", false),
        ] {
            let told = try await Self.warnings("x.task.yaml", "task: x\nassign: { role: \(role) }\n\(asks)", fixture)
            let words = "2 nobody has the role \"\(role)\" yet: its tasks would wait"
            #expect(told == (isWaiting ? [words] : []), "\(role) \(asks)")
        }
    }

    @Test func `a task for each holder of a role asks people, workers or not, and no programs`() async throws {
        let fixture = try await Self.site()
        for (assign, isWaiting) in [
            ("role: bots", true), ("role: night-shift", true), ("role: desk", false), ("role: it-staff", false),
            ("role: night-shift, people: [dave]", false),
        ] {
            let text = "task: x\noutcomes: [yes, no]\nassign: { strategy: each, \(assign) }\n"
            let told = try await Self.warnings("x.task.yaml", text, fixture)
            #expect(told.count == (isWaiting ? 1 : 0), "\(assign): \(told)")
        }
    }

    @Test func `the role of a form without a workflow is one of its own`() async throws {
        let fixture = try await Self.site()
        for (role, isWaiting) in [("night-shift", true), ("it-staff", false)] {
            let text = """
                ticket: f
                name: F
                description: F
                assign: { role: \(role) }
                body: [ { type: input, attributes: { label: What } } ]
                """
            let told = try await Self.warnings("f.ticket.yaml", text, fixture)
            #expect(told == (isWaiting ? ["4 nobody has the role \"night-shift\" yet: its tasks would wait"] : []))
        }
    }

    @Test func `of several calls of a task, those are told of that would wait, each at what it waits for`() async throws
    {
        let fixture = try await Self.site()
        let flow = """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do:
              - mine: { call: look, with: { assign: { role: it-staff } } }
              - asked: { call: look, with: { assign: { people: [dave] } } }
              - look: { call: look }
              - again: { call: look }
              - count: { call: count, with: { assign: { role: it-staff } } }
              - own:
                  call: look
                  with:
                    assign: { role: night-shift }
              - theirs: { call: look, with: { assign: { role: night-shift, people: [dave] } } }
              - far: { call: look, with: { assign: { role: no-such } } }
            """
        #expect(
            try await Self.warnings("flow.workflow.yaml", flow, fixture) == [
                "5 nobody has the role \"night-shift\" yet: the task \"look\" would wait",
                "7 nobody has the role \"it-staff\" yet: the task \"count\" would wait",
                "11 nobody has the role \"night-shift\" yet: the task \"look\" would wait",
            ])
    }
}
