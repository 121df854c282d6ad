import Foundation
import Subprocess
import TestSupport
import Testing

/// What `make run` starts says when the programs do not, by its words and its exit status.
@Suite struct RunScriptTests {
    private static let script = "\(Processes.root)/etc/run.sh"

    @Test(arguments: [("", Int32(2), "Usage: "), ("/nowhere", 1, "There is no tf-daemon in /nowhere")])
    func `a missing or wrong directory of programs is told`(
        _ argument: String, _ status: Int32, _ reason: String
    ) async throws {
        let result = try await Processes.shell("sh \(Self.script) \(argument)")
        #expect(result.status == .exited(status))
        #expect(result.error.hasPrefix(reason), "\(result.error)")
    }

    @Test(arguments: [
        ("echo 'There are no tickets, since /w lacks acme/purchase.'", "no tickets, since /w lacks acme/purchase.", ""),
        ("echo 'Everybody has the password x'", "The demo data is filled in.", ""),
        (
            "echo 'tf-web demo: the store has companies or users already; it fills only an empty one' >&2; exit 1", "",
            ""
        ),
        ("echo 'tf-web: cannot open the store' >&2; exit 1", "", "tf-web: cannot open the store"),
    ])
    func `what the demo could not fill in is told`(_ demo: String, _ output: String, _ error: String) async throws {
        // Programs that do no more than this: the script ends, since none of them goes on.
        let programs = TestFolder.path("programs")
        try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
        for (name, text) in [("tf-web", "[ \"$1\" = demo ] || exit 1\n\(demo)"), ("tf-daemon", "exit 1")] {
            let path = "\(programs)/\(name)"
            try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let result = try await Processes.shell("TF_DATA=\(programs)/data sh \(Self.script) \(programs)")
        #expect(result.status == .exited(1))
        #expect(result.error.contains("A program did not start"))
        #expect(
            output.isEmpty ? !result.output.contains("filled in") : result.output.contains(output), "\(result.output)")
        #expect(error.isEmpty ? !result.error.contains("tf-web") : result.error.contains(error), "\(result.error)")
        #expect(output.contains("no tickets") == result.output.contains("The demo's people are filled in."))
    }

    @Test func `an address that another program has is no site that runs`() async throws {
        let data = TestFolder.path("data")
        // A store that has a company is not filled with the demo.
        let settings = ["--data", data, "--definitions", data + "-workflows"]
        let made = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme"] + settings)
        #expect(made.status == .exited(0), "\(made.error)")
        let programs = URL(fileURLWithPath: Processes.path("tf-web")).deletingLastPathComponent().path
        let result = try await onFreePort { port in
            let other = try WebHandoverTests.listen(port)
            defer { try? other.close() }  // it is only a test's
            let variables = "TF_DATA=\(data) TF_DEFINITIONS=\(data)-workflows TF_HTTP_BIND=127.0.0.1:\(port)"
            return try await Processes.shell("\(variables) sh \(Self.script) \(programs)")
        }
        #expect(result.status == .exited(1))
        #expect(result.error.contains("is taken by another program"), "\(result.error)")
        #expect(result.error.contains("A program did not start; see above."))
        #expect(!result.output.contains("TicketFlower runs at"), "\(result.output)")
    }
}
