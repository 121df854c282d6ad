import Foundation
import TFExpression
import TestSupport
import Testing

/// Faults of work itself: servers that workflows ask, a ticket that ends the daemon, and people who are too many.
extension FaultSite {
    private static let company = "/api/v1/companies/acme"

    /// A server that answers each path in a wrong way of its own, on the port that it writes into a file.
    private static let server = """
        import socketserver, sys, time
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                path = self.request.recv(65536).split(b" ")[1]
                def say(text): self.request.sendall(text)
                if path == b"/hang": time.sleep(3600)
                if path == b"/garbage": say(b"\\x00\\xff no HTTP at all\\r\\n" * 9)
                if path == b"/500": say(b"HTTP/1.1 500 No\\r\\nContent-Length: 0\\r\\n\\r\\n")
                if path == b"/429": say(b"HTTP/1.1 429 No\\r\\nRetry-After: 3600\\r\\nContent-Length: 0\\r\\n\\r\\n")
                if path == b"/cut": say(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\n{")
                if path == b"/drip":
                    say(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n")
                    while True:
                        say(b"x")
                        time.sleep(0.05)
        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            def handle_error(self, request, address): pass
        with Server(("127.0.0.1", 0), Handler) as server:
            with open(sys.argv[1] + ".new", "w") as file: file.write(str(server.server_address[1]))
            import os
            os.rename(sys.argv[1] + ".new", sys.argv[1])
            server.serve_forever()
        """

    private func offer(_ type: String, _ lines: String, workflow: String? = nil) async throws {
        if let workflow { try processes.write(workflow, to: "acme/\(type).workflow.yaml") }
        try processes.write(
            """
            name: \(type)
            description: For a test.
            title: \(type)
            \(lines)
            body: [ { type: input, id: n, attributes: { label: N } } ]
            """, to: "acme/\(type).ticket.yaml")
        _ = try await eventually("\(type) is offered") {
            try await uma.get("\(Self.company)/ticket-types/\(type)")["name"] == .string(type) ? true : nil
        }
    }

    private func send(_ type: String, _ text: String) async throws -> Int {
        try await eventually("a ticket \(type) is taken") {
            let answer = try await uma.post(
                "\(Self.company)/tickets", ["type": .string(type), "form": ["n": .string(text)]],
                key: "\(type) \(text)")
            return answer.status == 201 ? answer.body["number"].intValue : nil
        }
    }

    /// Each request fails or is ended with its step, and the workflow goes on with that.
    func askBadServers() async throws {
        let (port, server) = (TestFolder.path("port"), ProcessBox())
        try server.start("/usr/bin/env", ["python3", "-c", Self.server, port], log: processes.log)
        defer { server.kill() }
        let number = try await eventually("the server listens") {
            try? String(contentsOfFile: port, encoding: .utf8)  // not yet
        }
        try await offer(
            "asks", "workflow: asks",
            workflow: """
                document: { dsl: '1.0.3', namespace: acme, name: asks, version: '1.0.0' }
                do:
                  - ask:
                      try: [ { get: { call: http, with: { method: get, endpoint: '${ $ticket.form.n }' }, timeout: { after: PT3S } } } ]
                      catch: { do: [ { late: { set: { end: failed } } } ] }
                  - done: { set: { status: '${ .end // "answered" }' } }

                """)
        let urls =
            ["hang", "garbage", "500", "429", "cut", "drip"].map { "http://127.0.0.1:\(number)/\($0)" }
            + ["http://127.0.0.1:1/refuses"]
        var tickets: [Int] = []
        for url in urls { tickets.append(try await send("asks", url)) }
        for (url, ticket) in zip(urls, tickets) {
            let ended = try await eventually("the request of \(url) has ended") {
                let ticket = try await uma.get("\(Self.company)/tickets/\(ticket)")
                return ticket["state"] == "closed" ? ticket : nil
            }
            #expect(ended["status"] == "failed", "\(url)")
        }
    }

    /// The daemon dies at a ticket, is started again and again, and sets it aside at the third time.
    func poison() async throws {
        try await offer("poison", "assign: { role: it-staff }\noutcomes: [done]")
        processes.daemon.stop()
        let ticket = try await send("poison", UUID().uuidString)
        let mistake = ["TF_TEST_CRASH_TICKET": "poison", "SWIFT_BACKTRACE": "enable=no"]
        for _ in 1...2 {
            try processes.start("tf-daemon", processes.daemon, environment: mistake)
            _ = try await eventually("it dies") { processes.daemon.isRunning ? nil : true }
        }
        try processes.start("tf-daemon", processes.daemon, environment: mistake)
        _ = try await eventually("the ticket is set aside") {
            try await uma.get("\(Self.company)/tickets/\(ticket)")["state"] == "failed" ? true : nil
        }
        #expect(processes.daemon.isRunning)
    }

    /// Fifty claims of a task at once, and fifty completions: each has one effect, and the others are told clearly.
    func claimAtOnce() async throws {
        try await offer("shared", "assign: { strategy: pool, role: it-staff }\noutcomes: [done]")
        let ticket = try await send("shared", UUID().uuidString)
        let tom = try await Program(processes.address, login: "tom")
        let people = [
            try await Program(processes.address, login: "dave"), try await Program(processes.address, login: "erin"),
        ]
        let task = try await eventually("its task is open") {
            try await tom.get("\(Self.company)/tasks?ticket=\(ticket)")["items"].arrayValue?.first
        }
        let path = "\(Self.company)/tasks/\(task["id"].displayText)"
        for (change, body, effect) in [("claim", [:], "claimed"), ("completion", ["outcome": "done"], "completed")]
            as [(String, JSON, JSON)]
        {
            let statuses = try await withThrowingTaskGroup(of: (Int, UInt).self) { group in
                for number in 0..<50 {
                    group.addTask { (number % 2, try await people[number % 2].post("\(path)/\(change)", body).status) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = Set(statuses.filter { (200..<300).contains($0.1) }.map(\.0))
            #expect(winners.count == 1, "\(change): \(statuses)")
            #expect(statuses.allSatisfy { (200..<300).contains($0.1) || (400..<500).contains($0.1) }, "\(statuses)")
            let history = try await uma.get("\(Self.company)/tickets/\(ticket)")["history"].arrayValue ?? []
            #expect(history.count { $0["kind"] == effect } == 1, "\(change): \(history)")
        }
    }
}
