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
