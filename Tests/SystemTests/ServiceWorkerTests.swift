import Foundation
import Subprocess
import TFExpression
import TestSupport
import Testing

/// Programs do tasks: over REST, as a real Sidekiq process, and from Redis by Python.
@Suite(.serialized) struct ServiceWorkerTests {
    static let hasSidekiq = FileManager.default.isExecutableFile(atPath: "/usr/bin/sidekiq")
    static let hasRedisPy = FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/redis/__init__.py")

    /// A ticket type whose workflow has one program convert something, and the program's account.
    private static func prepare(_ processes: Processes, lease: String) async throws -> Program {
        let files = [
            "convert.ticket.yaml": """
            ticket: convert
            name: Convert a file
            description: A program does it.
            title: "Convert ${ .form.file }"
            workflow: convert
            body: [ { type: input, id: file, attributes: { label: File }, validations: { required: true } } ]
            """,
            "convert.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: convert, version: '1.0.0' }
            do:
              - work: { call: convert, with: { file: '${ $ticket.form.file }' } }
              - say: { set: { status: '${ "converted " + .converted }' } }
            """,
            "convert.task.yaml": "kind: service\nlease: \(lease)\nretry: { attempts: 50, backoff: 1s }\n",
        ]
        for (name, text) in files {
            try text.write(
                toFile: "\(processes.directory)/workflows/acme/\(name)", atomically: true, encoding: .utf8)
        }
        _ = try await processes.run(
            "tf-web",
            [
                "user", "add", "etl", "--name", "Converter", "--service", "--role", "task_worker", "--member", "acme",
                "--password-stdin",
            ], input: "try-ticketflower\n")
        let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
        _ = try await eventually("the type is offered") {
            let types = try await uma.get("/api/v1/companies/acme/ticket-types")["items"].arrayValue ?? []
            return types.contains { $0["name"] == "convert" } ? true : nil
        }
        return uma
    }

    private static func submit(_ uma: Program, _ files: ClosedRange<Int>) async throws -> [Int] {
        var numbers: [Int] = []
        for file in files {
            let answer = try await uma.post(
                "/api/v1/companies/acme/tickets", ["type": "convert", "form": ["file": .string("\(file).csv")]])
            numbers.append(try #require(answer.body["number"].intValue, "\(answer)"))
        }
        return numbers
    }

    /// Waits until every ticket is closed, with its own file's result, and its task was completed once.
    private static func expectDone(_ uma: Program, _ numbers: [Int]) async throws {
        for number in numbers {
            let ticket = try await eventually("ticket \(number) is closed") {
                let ticket = try await uma.get("/api/v1/companies/acme/tickets/\(number)")
                return ticket["state"] == "closed" ? ticket : nil
            }
            #expect(ticket["status"].stringValue == "converted \(ticket["form"]["file"].displayText)")
            let completions = (ticket["history"].arrayValue ?? []).count { $0["kind"] == "completed" }
            #expect(completions == 1)
        }
    }

    private static func expectEmpty(_ processes: Processes) async throws {
        _ = try await eventually("the lists of etl are empty") {
            let length = try await processes.redis("LLEN", "queue:acme.etl")
            let open = try await processes.redis("ZSCORE", "tf:{acme}:open", "etl")
            return length == "0" && open.isEmpty ? true : nil
        }
    }

    @Test func `a program that waits for a job hears of it at once, renews its lease and completes it`() async throws {
        try await Processes.with { processes in
            let uma = try await Self.prepare(processes, lease: "5m")
            let etl = try await Program(processes.address, login: "etl")
            let jobs = "/api/v1/companies/acme/jobs"
            async let waiting = etl.post("\(jobs)/lease", ["max": 5, "wait": 30])
            let numbers = try await Self.submit(uma, 1...1)
            let job = try await waiting.body["jobs"].arrayValue?.first
            let task = try #require(job?["task"].intValue)
            #expect(job?["input"] == ["file": "1.csv"])
            #expect(job?["attempt"] == 1)
            let lease = try #require(job?["lease"].stringValue)
            #expect(try await processes.redis("ZSCORE", "tf:{acme}:open", "etl") == "1")
            _ = try await eventually("Redis is told when it was seen") {
                Double(try await processes.redis("HGET", "tf:{acme}:worker:etl", "seen")).flatMap {
                    $0 > 1 ? true : nil
                }
            }
            let beat = try await etl.post("\(jobs)/\(task)/heartbeat", ["lease": .string(lease)])
            #expect(beat.status == 200)
            #expect(try await etl.post("\(jobs)/\(task)/heartbeat", ["lease": "x"]).status == 409)
            #expect(try await uma.post("\(jobs)/lease", [:]).status == 403)
            let done: JSON = ["lease": .string(lease), "output": ["converted": "1.csv"]]
            #expect(try await etl.post("\(jobs)/\(task)/completion", done).status == 200)
            #expect(try await etl.post("\(jobs)/\(task)/completion", done).status == 409)
            try await Self.expectDone(uma, numbers)
            try await Self.expectEmpty(processes)
        }
    }

    @Test(.enabled(if: hasSidekiq, "needs Debian's ruby-sidekiq"))
    func `a real Sidekiq process does the jobs, also those of one that was killed`() async throws {
        try await Processes.with { processes in
            let uma = try await Self.prepare(processes, lease: "3s")
            let script = """
                require "\(Processes.root)/etc/examples/ticketflower_task"
                TicketFlower.on("convert") { |input, _| sleep 0.05; { "converted" => input["file"] } }
                """
            try script.write(toFile: "\(processes.directory)/worker.rb", atomically: true, encoding: .utf8)
            let sidekiq = ProcessBox()
            defer { sidekiq.stop() }
            func start() throws {
                try sidekiq.start(
                    "/usr/bin/env",
                    [
                        "REDIS_URL=unix://\(processes.socket)", "/usr/bin/sidekiq", "-r",
                        "\(processes.directory)/worker.rb", "-q", "acme.etl.urgent", "-q", "acme.etl", "-c", "3",
                    ], log: processes.log)
            }
            try start()
            _ = try await eventually("the daemon sees the process") {
                try await processes.redis("ZSCORE", "tf:{acme}:avail:_service", "etl").isEmpty ? nil : true
            }
            let first = try await Self.submit(uma, 1...30)
            // In the middle of its work: what it has taken is lost with it.
            sidekiq.kill()
            let second = try await Self.submit(uma, 31...40)
            try await Self.expectSidekiqPage(processes)
            try start()
            try await Self.expectDone(uma, first + second)
            try await Self.expectEmpty(processes)
        }
    }

    /// Sidekiq's own web page, asked as a browser would: it lists our queues with their sizes.
    private static func expectSidekiqPage(_ processes: Processes) async throws {
        let script = """
            require "sidekiq/web"
            require "rack/mock"
            Sidekiq.configure_client { |config| config.redis = { url: "unix://\(processes.socket)" } }
            Sidekiq::Web.use(Rack::Session::Cookie, secret: "x" * 64)
            puts Rack::MockRequest.new(Sidekiq::Web).get("/queues").body
            """
        let page = try await Subprocess.run(
            .name("ruby"), arguments: ["-e", script], output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        let names = try await processes.redis("SMEMBERS", "queues").split(separator: "\n")
        #expect(names.contains("acme.etl"))
        for name in names { #expect(page.standardOutput.contains(">\(name)<"), "\(page.standardError)") }
    }

    @Test(.enabled(if: hasRedisPy, "needs Debian's python3-redis"))
    func `a Python program with redis-py alone does the jobs`() async throws {
        try await Processes.with { processes in
            let uma = try await Self.prepare(processes, lease: "5m")
            let text = try String(contentsOfFile: "\(Processes.root)/etc/examples/redis_worker.py", encoding: .utf8)
            let worker = "\(processes.directory)/worker.py"
            try text.replacing(
                #"return {"echo": task_input, "ticket": job["ticket"]}"#,
                with: #"return {"converted": task_input["file"]}"#
            ).write(toFile: worker, atomically: true, encoding: .utf8)
            let python = ProcessBox()
            defer { python.stop() }
            // Foundation starts a process with its signals blocked; ours set them right, Python does not.
            try python.start(
                "/usr/bin/env",
                [
                    "--default-signal=TERM", "/usr/bin/python3", worker, "--redis", "unix://\(processes.socket)",
                    "--company", "acme", "--login", "etl",
                ], log: processes.log)
            let numbers = try await Self.submit(uma, 1...10)
            try await Self.expectDone(uma, numbers)
            try await Self.expectEmpty(processes)
        }
    }
}
