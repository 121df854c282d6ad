import Foundation
import Logging
import TFConfiguration
import TFDefinition
import TFEngine
import TFProcess
import TFStore
import TFWatch
import TestSupport
import Testing

@testable import tf_daemon

@Suite struct DiagramPainterTests {
    /// A store with workflows in it, and a painter at work whose program is a script that notes each of its runs.
    private struct Studio {
        let directory: String
        let store: Store

        /// - Parameter script: what the program does; nil: the real one.
        static func with(
            _ workflows: [String: String], script: String? = nil, limits: ProcessLimits? = nil,
            _ body: (Studio) async throws -> Void
        ) async throws {
            let directory = TestFolder.path("painter")
            let store = try Store(directory: directory, baseURL: "http://localhost:1")
            let studio = Studio(directory: directory, store: store)
            let company = try await store.write {
                try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1)
            }
            let leader = try #require(await store.write { try $0.lead(as: "test", now: 1) })
            try await studio.publish(workflows, of: company)
            var painter = DiagramPainter(
                store: store, wake: Wake(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            if let script {
                painter.graphviz.program = directory + "/program"
                try DiagramPainterTests.places.write(
                    toFile: directory + "/places", atomically: false, encoding: .utf8)
                try "#!/bin/sh\necho run >> \(directory)/runs\n\(script)\n".write(
                    toFile: painter.graphviz.program, atomically: false, encoding: .utf8)
                chmod(painter.graphviz.program, 0o700)
            }
            if let limits { painter.graphviz.limits = limits }
            painter.pause = .milliseconds(20)
            try await withThrowingTaskGroup(of: Void.self) { [painter] group in
                group.addTask { try await painter.run(LeaderTerm(leader, since: .now)) }
                group.addTask {
                    while true {
                        try await Task.sleep(for: .milliseconds(20))
                        painter.wake.ring()
                    }
                }
                try await body(studio)
                group.cancelAll()
            }
            try store.close()
            try FileManager.default.removeItem(atPath: directory)
        }

        func publish(_ workflows: [String: String], of company: Company) async throws {
            var files: [String: String] = [:]
            for (name, steps) in workflows {
                files["\(name).workflow.yaml"] =
                    "document: { dsl: '1.0.3', namespace: \(company.slug), name: \(name), version: '1.0.0' }\ndo:\n\(steps)"
            }
            try await store.publish(files, for: company, now: 2)
        }

        var runs: Int {
            // There is none before the first run.
            let text = (try? String(contentsOfFile: directory + "/runs", encoding: .utf8)) ?? ""
            return text.split(separator: "\n").count
        }

        func diagrams(_ count: Int) async throws -> [DrawnDiagram] {
            try await eventually("all is drawn") {
                guard try await store.read({ try $0.undrawnWorkflow() }) == nil else { return nil }
                var diagrams: [DrawnDiagram] = []
                for revision in 1...Int64(count) {
                    diagrams.append(try #require(await store.read(in: 1) { try $0.diagram(of: RevisionID(revision)) }))
                }
                return diagrams
            }
        }
    }

    private static let one = "  - say: { set: { a: 1 } }\n"

    /// What Graphviz says of `one`.
    private static let places = ["down", "right"].map { direction in
        """
        {
          "name": "\(direction)", "bb": "0,0,200,160",
          "objects": [ {"name": "start", "pos": "100,140"}, {"name": "n0", "pos": "100,80"}, {"name": "end", "pos": "100,20"} ],
          "edges": [ {"way": "0", "pos": "100,123 100,120 100,110 100,107"}, {"way": "1", "pos": "100,53 100,50 100,40 100,38"} ]
        }
        """
    }.joined(separator: "\n")

    private static let layout = Result {
        let text = "document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }\ndo:\n\(one)"
        let parsed = Definition.parse(Array(text.utf8), file: "a.workflow.yaml", company: "acme")
        guard case .workflow(let workflow)? = parsed.definition else { throw StoreError.notFound }
        return DiagramLayout(graphviz: places, of: WorkflowGraph(workflow))
    }

    @Test func `each revision is drawn once`() async throws {
        let script = "cat > /dev/null; cat ${0%/*}/places"
        try await Studio.with(["a": Self.one, "b": Self.one], script: script) { studio in
            let drawn = try await studio.diagrams(2)
            let layout = try #require(try Self.layout.get())
            #expect(drawn == [.layout(layout), .layout(layout)])
            #expect(studio.runs == 2)
        }
    }

    @Test func `Graphviz finds a place for each step, downwards and to the right`() async throws {
        let steps = "  - a: { set: { a: 1 } }\n  - b: { switch: [ { again: { when: .a == 1, then: a } } ] }\n"
        try await Studio.with(["a": steps]) { studio in
            guard case .layout(let layout)? = try await studio.diagrams(1).first else {
                Issue.record("no picture")
                return
            }
            #expect(DiagramLayout(layout.text) == layout)
            let (down, right) = (try #require(layout[.down]), try #require(layout[.right]))
            // Start, two steps and the end, each below or beside the one before it.
            #expect(down.places.map(\.y) == down.places.map(\.y).sorted())
            #expect(right.places.map(\.x) == right.places.map(\.x).sorted())
            for drawing in [down, right] {
                #expect(drawing.places.count == 4 && drawing.ways.count == 4)
                #expect(
                    drawing.places.allSatisfy {
                        (0...drawing.width).contains($0.x) && (0...drawing.height).contains($0.y)
                    })
                #expect(drawing.ways.count { $0.label != nil } == 2)
            }
        }
    }

    @Test func `output that does not place every step is a failure`() async throws {
        for output in ["", "{\n}", "<svg></svg>", Self.places.replacing("\"n0\"", with: "\"n9\"")] {
            let script = "cat > /dev/null; cat <<'EOF'\n\(output)\nEOF"
            try await Studio.with(["a": Self.one], script: script) { studio in
                let drawn = try await studio.diagrams(1)
                #expect(drawn == [.refused(.failure)])
            }
        }
    }

    @Test(arguments: [
        ("exit 1", DrawnDiagram.Refusal.failure), ("kill -SEGV $$", .failure), ("yes", .size),
        ("while :; do :; done", .limits),
    ])
    func `what fails is kept as such and not tried again`(_ end: String, _ refusal: DrawnDiagram.Refusal) async throws {
        let script = "cat > /dev/null; \(end)"
        let limits = ProcessLimits(processorSeconds: 1, kilobytes: 1_000_000, patience: .seconds(20))
        try await Studio.with(["a": Self.one], script: script, limits: limits) { studio in
            let drawn = try await studio.diagrams(1)
            #expect(drawn == [.refused(refusal)])
            #expect(studio.runs == 1)
        }
    }

    @Test func `a program that waits for something is ended`() async throws {
        let limits = ProcessLimits(processorSeconds: 1, kilobytes: 1_000_000, patience: .milliseconds(200))
        let script = "echo $$ > $0.pid; exec sleep 600"
        try await Studio.with(["a": Self.one], script: script, limits: limits) { studio in
            let drawn = try await studio.diagrams(1)
            #expect(drawn == [.refused(.limits)])
            let text = try String(contentsOfFile: studio.directory + "/program.pid", encoding: .utf8)
            let process = try #require(Int32(text.filter(\.isNumber)))
            _ = try await eventually("it is gone") { kill(process, 0) == 0 ? nil : true }
        }
    }

    @Test func `a workflow that is too large starts no program`() async throws {
        let steps = (0...DotSource.limitNodes).map { "  - s\($0): { set: { a: 1 } }\n" }.joined()
        try await Studio.with(["a": steps], script: "exit 1") { studio in
            let drawn = try await studio.diagrams(1)
            #expect(drawn == [.refused(.size)])
            #expect(studio.runs == 0)
        }
    }

    @Test(arguments: ["TERM", "KILL"])
    func `a drawing that somebody else ends is begun again`(_ signal: String) async throws {
        let script = """
            cat > /dev/null; if [ $(wc -l < $(dirname $0)/runs) -lt 3 ]; then kill -\(signal) $$; fi; cat ${0%/*}/places
            """
        try await Studio.with(["a": Self.one], script: script) { studio in
            let drawn = try await studio.diagrams(1)
            let layout = try #require(try Self.layout.get())
            #expect(drawn == [.layout(layout)])
            #expect(studio.runs == 3)
        }
    }

    @Test func `one that is ended each time is left, and keeps none of the others waiting`() async throws {
        // The newest is begun first.
        let script = "if grep -q n1; then kill -TERM $$; fi; cat ${0%/*}/places"
        let workflows = ["a": Self.one, "b": Self.one + "  - more: { set: { a: 1 } }\n"]
        let layout = try #require(try Self.layout.get())
        try await Studio.with(workflows, script: script) { studio in
            _ = try await eventually("the one is drawn, and the other given up") {
                let count = try await studio.store.read(in: 1) { session in
                    try [1, 2].count { try session.diagram(of: $0) == .layout(layout) }
                }
                return count == 1 && studio.runs == 4 ? true : nil
            }
            #expect(try await studio.store.read { try $0.undrawnWorkflow() } != nil)
        }
    }

    @Test func `companies take turns, and a company's newest revision is the first`() async throws {
        try await Studio.with(["a": Self.one, "b": Self.one, "c": Self.one], script: "exit 127") { studio in
            let other = try await studio.store.write {
                try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 1)
            }
            try await studio.publish(["d": Self.one, "e": Self.one], of: other)
            let order = try await studio.store.read { session in
                var order: [RevisionID] = []
                var turn: CompanyID?
                while let next = try session.undrawnWorkflow(turnAfter: turn, except: Set(order)) {
                    order.append(next.revision)
                    turn = next.companyID
                }
                return order
            }
            #expect(order == [3, 5, 2, 4, 1])
        }
    }

    @Test func `Graphviz comes after what else the machine does`() async throws {
        // What the kernel says of a process: its niceness is the 19th field.
        let script = "cat > /dev/null; cut -d ' ' -f 19 /proc/$$/stat > $0.niceness; cat ${0%/*}/places"
        try await Studio.with(["a": Self.one], script: script) { studio in
            _ = try await studio.diagrams(1)
            let text = try String(contentsOfFile: studio.directory + "/program.niceness", encoding: .utf8)
            #expect(try #require(Int(text.filter(\.isNumber))) >= 10)
        }
    }

    @Test func `a program that is not installed is waited for`() async throws {
        try await Studio.with(["a": Self.one], script: "exit 127") { studio in
            _ = try await eventually("it was tried") { studio.runs > 0 ? true : nil }
            let diagram = try await studio.store.read(in: 1) { try $0.diagram(of: 1) }
            #expect(diagram == nil)
        }
    }
}
