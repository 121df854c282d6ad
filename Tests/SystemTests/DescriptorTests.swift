import Foundation
import Subprocess
import TestSupport
import Testing

/// Both programs with as few descriptors as they start with.
@Suite struct DescriptorTests {
    @Test func `with 64 descriptors and more idle connections, new ones wait, old ones are served, and nothing dies`()
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
