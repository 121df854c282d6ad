import Foundation
import Subprocess
import TestSupport
import Testing

/// Both programs with as few descriptors as they start with.
@Suite struct DescriptorTests {
    @Test func `with 64 descriptors and more idle connections, new ones are served, and nothing dies`()
        async throws
    {
        try await Processes.with(descriptors: 64) { processes in
            let uma = Visitor(processes.address)
            try await uma.login("uma")
            let form = "/c/acme/tickets/new/access-request"
            _ = try await eventually("the definitions are live") { try await uma.get(form).status == 200 ? true : nil }
            for round in 0..<3 {
                var idle = Self.connections(128, to: processes.port) + Self.connections(64, to: processes.port + 1)
                for _ in 0..<3 {
                    // What opens files and starts programs: some of it waits for a place, and some is refused.
                    for path in ["/healthz", "/c/acme/my/tickets", form, "/account"] {
                        _ = try? await uma.get(path)  // in time or not
                    }
                    // Some go, others come.
                    for socket in idle.prefix(40) { close(socket) }
                    idle = idle.dropFirst(40) + Self.connections(40, to: processes.port)
                }
                #expect(processes.web.isRunning, "round \(round)")
                #expect(processes.daemon.isRunning, "round \(round)")
                for socket in idle { close(socket) }
            }
            _ = try await eventually("it answers again") { try await uma.get("/account").status == 200 ? true : nil }
            try await Self.expectNewcomersServed(processes)
            try await Self.expectNewcomersTold(processes)
            // A page whose diagram is drawn by another program.
            let wanda = Visitor(processes.address)
            try await wanda.login("wanda")
            let page = "/c/acme/definitions/workflow/access-request"
            _ = try await eventually("a diagram is drawn") {
                try await wanda.get(page).text.contains("<svg class=flow ") ? true : nil
            }
        }
    }

    @Test(arguments: ["tf-web", "tf-daemon"])
    func `a program that may open too few files says so and does not start`(_ program: String) async throws {
        let directory = TestFolder.path("data")
        let command = program == "tf-web" ? "serve" : "run"
        let (status, _, error) = try await Processes.shell(
            "ulimit -n 30; exec \(Processes.path(program)) \(command) --data \(directory) --definitions \(directory)/d")
        #expect(!status.isSuccess)
        #expect(error.contains("ulimit -n 1024"), "\(error)")
    }

    private static func expectNewcomersServed(_ processes: Processes) async throws {
        let idle = connections(128, to: processes.port)
        defer { for socket in idle { close(socket) } }
        let begin = ContinuousClock.now
        let newcomer = try RawConnection(port: processes.port)
        let request = "GET /login HTTP/1.1\r\nHost: localhost:\(processes.port)\r\n\r\n"
        #expect(try await newcomer.answer(to: request).status == 200)
        // Idle ones are ended after 10 s by themselves.
        #expect(ContinuousClock.now - begin < .seconds(8))
    }

    /// Takes all places by requests whose bodies do not come.
    private static func expectNewcomersTold(_ processes: Processes) async throws {
        let host = "Host: localhost:\(processes.port)\r\n"
        let told = try await eventually("a newcomer is told that all places are taken") { () -> String? in
            let busy = try (0..<20).map { _ in try RawConnection(port: processes.port) }
            for connection in busy {
                _ = try await connection.sent("POST /nothing HTTP/1.1\r\n\(host)Content-Length: 1000\r\n\r\n")
            }
            let newcomer = try RawConnection(port: processes.port)
            let answer = try await newcomer.answer(to: "GET /login HTTP/1.1\r\n\(host)\r\n")
            return answer.status == 503 ? answer.head.lowercased() : nil
        }
        #expect(told.contains("\r\nretry-after: 2\r\n"))
        #expect(
            try String(contentsOfFile: processes.log, encoding: .utf8).contains("all places for connections are taken"))
        let figures = try await eventually("there is a place") {
            let answer = try await Visitor(processes.address).get("/metrics")
            return answer.status == 200 ? answer.text : nil
        }
        #expect(figures.contains("\ntf_web_connections_limit 12\n"))
        #expect(figures.contains(/(?m)^tf_web_connections [1-9]/))
        #expect(figures.contains(/(?m)^tf_web_connections_refused_total [1-9]/))
        #expect(figures.contains(/(?m)^tf_web_connections_displaced_total [1-9]/))
    }

    /// Connections that never say anything.
    static func connections(_ count: Int, to port: Int) -> [Int32] {
        (0..<count).compactMap { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return descriptor
        }
    }
}

extension Processes {
    /// A line of the shell with what it prints.
    static func shell(_ line: String) async throws -> (status: TerminationStatus, output: String, error: String) {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", line], output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }
}
