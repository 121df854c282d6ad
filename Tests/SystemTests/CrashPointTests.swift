import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// Each program is killed directly before and after everything by which it changes the world, and started again: what
/// was acknowledged is there, once, and goes on.
///
/// A run of a ticket's whole life is counted first (`CrashPoint`), so that the list of places is complete by itself.
/// `CRASH_POINTS=all` goes through all of them, as `make test-faults` does; else each kind of place has its first.
@Suite(.serialized, .onBothEngines) struct CrashPointTests {
    private static let isComplete = ProcessInfo.processInfo.environment["CRASH_POINTS"] == "all"

    /// The kinds of places that a run comes by: a hook that is gone would be missed here.
    private static func places(of program: String) -> Set<CrashPoint> {
        let isDaemon = program == "tf-daemon"
        let own: Set<CrashPoint> =
            isDaemon
            ? [.commit, .committed, .redis, .redisChanged, .request, .answered] : [.commit, .committed]
        let definitions: Set<CrashPoint> = [.rename, .renamed, .remove, .removed]
        // On PostgreSQL uploads are in the store, and the daemons write the files of definitions.
        switch TestEngine.current {
        case .sqlite: return isDaemon ? own : own.union(definitions).union([.upload, .uploaded])
        case .postgres: return isDaemon ? own.union(definitions) : own
        }
    }

    /// On PostgreSQL, whoever goes on for a daemon that died waits for the end of its lease, which takes seconds: so there
    /// it dies at the commits, at files only with `CRASH_POINTS`, and not where the engine makes no difference.
    private static func isDeadly(_ point: CrashPoint) -> Bool {
        switch point {
        case .commit, .committed: true
        case .redis, .redisChanged, .request, .answered: TestEngine.current == .sqlite
        case .rename, .renamed, .migration, .upload, .uploaded, .remove, .removed:
            isComplete || TestEngine.current == .sqlite
        }
    }

    @Test(arguments: ["tf-daemon", "tf-web"])
    func `a program that dies at any place loses and doubles nothing`(_ program: String) async throws {
        try await Processes.with(storeURL: try await TestEngine.url(TestFolder.path("record"))) { processes in
            let site = try await CrashSite(processes, program)
            let counts = try await site.count()
            #expect(Set(counts.filter { $0.value > 0 }.keys) == Self.places(of: program))
            var killed: [String] = []
            for point in CrashPoint.allCases where Self.isDeadly(point) {
                let numbers = counts[point, default: 0]
                for number in stride(from: 1, through: Self.isComplete ? numbers : min(1, numbers), by: 1) {
                    try await site.dieAndGoOn(at: "\(point.rawValue):\(number)")
                    killed.append("\(point.rawValue):\(number)")
                }
            }
            let engine = TestEngine.current.rawValue
            print("\(program) on \(engine) died and went on at: \(killed.joined(separator: " "))")
            try await site.expectOrder()
        }
    }
}

/// A site of which one program dies.
private final class CrashSite {
    private static let acme = "/api/v1/companies/acme"

    private let processes: Processes
    private let program: String
    private let box: ProcessBox
    private let store: Store
    private let company: CompanyID
    private var lives = 0
    private var hasDied = false

    init(_ processes: Processes, _ program: String) async throws {
        self.processes = processes
        self.program = program
        box = program == "tf-web" ? processes.web : processes.daemon
        let store = try Store(
            directory: "\(processes.directory)/var", at: StoreLocation(processes.storeURL), baseURL: processes.address)
        self.store = store
        company = try #require(try await store.read { try $0.company("acme") }).id
        try processes.write(
            """
            document: { dsl: '1.0.3', namespace: acme, name: life, version: '1.0.0' }
            do:
              - ask: { call: http, with: { method: get, endpoint: '\(processes.address)/healthz' } }
              - look: { call: look, with: {} }
            """, to: "acme/life.workflow.yaml")
        try processes.write(
            "name: Life\ndescription: D\ntitle: Life\nworkflow: life\nbody:\n"
                + "  - { type: input, id: n, attributes: { label: N } }\n"
                + "  - { type: upload, id: file, attributes: { label: F } }\n",
            to: "acme/life.ticket.yaml")
        try processes.write("task: look\nassign: { role: it-staff }\noutcomes: [seen]\n", to: "acme/look.task.yaml")
        try await live()
    }

    /// How often a run comes by each place, from its start to the end of a ticket.
    func count() async throws -> [CrashPoint: Int] {
        box.stop()
        let log = "\(processes.directory)/places"
        try processes.start(program, box, environment: ["TF_TEST_CRASH_LOG": log])
        try await live()
        let text = try String(contentsOfFile: log, encoding: .utf8)
        return text.split(separator: "\n").reduce(into: [:]) { counts, line in
            if let point = CrashPoint(rawValue: String(line)) { counts[point, default: 0] += 1 }
        }
    }

    func dieAndGoOn(at place: String) async throws {
        box.stop()
        try processes.start(program, box, environment: ["TF_TEST_CRASH_AT": place])
        // The same run as the one that was counted. It may come by less often, where what waits is done at one go;
        // then the next one dies.
        var tries = 0
        repeat {
            try await live()
            tries += 1
        } while !hasDied && tries < 5
        #expect(hasDied, "\(place) was not reached again")
        hasDied = false
    }

    /// Starts the program again if it has died.
    private func revive() throws {
        guard !box.isRunning else { return }
        hasDied = true
        try processes.start(program, box)
    }

    /// Asks until it is answered. What is asked again has the same key.
    private func insist<Value>(_ what: String, _ ask: () async throws -> Value?) async throws -> Value {
        try await eventually(what) {
            try revive()
            return try await ask()
        }
    }

    /// A ticket's life: it is submitted, its request is answered, a worker does its task; and a definition is edited, and
    /// another one retired.
    private func live() async throws {
        lives += 1
        let life = "life \(lives)"
        let uma = try await insist("uma signs in") { try await Program(processes.address, login: "uma") }
        let file = try await insist("a file is taken") {
            try await uma.upload("\(Self.acme)/uploads", life)
        }
        let number = try await insist("\(life) is taken") {
            let form: JSON = ["n": .string(life), "file": [.string(file)]]
            let answer = try await uma.post("\(Self.acme)/tickets", ["type": "life", "form": form], key: life)
            return answer.status == 201 ? answer.body["number"].intValue : nil
        }
        let stored = try await store.keptContent(of: AttachmentID(file), in: company)
        #expect(stored == life, "what was acknowledged of an upload is there")
        let task = try await insist("\(life) is assigned") { () -> TaskRecord? in
            try await tasks(of: number).first { $0.assignee != nil }
        }
        let login = task.assignee ?? ""
        let worker = try await insist("\(login) signs in") { try await Program(processes.address, login: login) }
        _ = try await insist("\(life) is done") {
            let answer = try await worker.post(
                "\(Self.acme)/tasks/\(task.id)/completion", ["outcome": "seen"], key: "\(life) done")
            return (200..<300).contains(answer.status) ? true : nil
        }
        if changesDefinitions {
            try await edit(life)
            try await retire(life)
        }
        _ = try await insist("\(life) is closed") {
            try await uma.get("\(Self.acme)/tickets/\(number)")["state"] == "closed" ? true : nil
        }
        let history = try await insist("its history is read") {
            try await uma.get("\(Self.acme)/tickets/\(number)")["history"].arrayValue
        }
        for kind in ["submitted", "completed", "closed"] {
            #expect(history.count { $0["kind"].displayText == kind } == 1, "\(life), \(kind): \(history)")
        }
    }

    /// Whether the program has to do with the files of definitions: beside SQLite tf-web writes them, else the daemon.
    private var changesDefinitions: Bool { program == "tf-web" || processes.storeURL != nil }

    private var folder: String { "\(processes.directory)/workflows/acme" }

    private func edit(_ life: String) async throws {
        let text = "task: look\ndescription: \(life)\nassign: { role: it-staff }\noutcomes: [seen]\n"
        _ = try await insist("the definition is written") {
            let page = "/c/acme/definitions/task/look/edit"
            _ = try await wanda().submit(page, to: page, ["source": text, "outcome": "publish"])
            return try String(contentsOfFile: "\(folder)/look.task.yaml", encoding: .utf8) == text ? true : nil
        }
    }

    /// Somebody writes a file, and a page retires its definition.
    private func retire(_ life: String) async throws {
        let text = "task: spare\ndescription: \(life)\n"
        try processes.write(text, to: "acme/spare.task.yaml")
        _ = try await insist("the spare definition is in force") { try await spare() == text ? true : nil }
        _ = try await insist("it is retired") {
            let page = "/c/acme/definitions/task/spare/retirement"
            _ = try await wanda().submit(page, to: page, [:])
            // The daemon removes the file where tf-web died before it could: it looks now.
            try FileManager.default.setAttributes(
                [.modificationDate: Date.now], ofItemAtPath: "\(folder)/look.task.yaml")
            let isThere = FileManager.default.fileExists(atPath: "\(folder)/spare.task.yaml")
            return try await spare() == nil && !isThere ? true : nil
        }
    }

    /// Who edits definitions.
    private func wanda() async throws -> Visitor {
        let wanda = Visitor(processes.address)
        try await wanda.login("wanda")
        return wanda
    }

    /// The text of the spare definition; nil: none is in force.
    private func spare() async throws -> String? {
        try await store.read(in: company) { session in
            let row = try session.definition(.task, "spare")
            return row?.state == .retired ? nil : row?.source
        }
    }

    private func tasks(of ticket: Int) async throws -> [TaskRecord] {
        try await store.read(in: company) { session in
            guard let ticket = try session.ticket(number: ticket) else { return [] }
            return try session.tasks(ticket: ticket.id)
        }
    }

    func expectOrder() async throws {
        _ = try await eventually("the lists are what the store says") {
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            return status["drift"] == 0 && status["running"] == true && status["outbox"]["waiting"] == 0 ? true : nil
        }
        let unfinished = try await store.read { session in
            try session.all(Int64.self, "SELECT id FROM instance WHERE status <> 'completed'")
        }
        #expect(unfinished == [])
        #expect(try await store.damage() == [])
        try store.close()
    }
}
