import Foundation
import Subprocess
import Testing

@Suite struct ExitStatusTests {
    @Test(arguments: [
        ("tf-daemon", ["--help"], 0), ("tf-web", ["user", "add", "--help"], 0), ("tf-daemon", ["check", "--bad"], 2),
        ("tf-daemon", ["check", "/nowhere"], 2), ("tf-daemon", ["check", "--format", "xml"], 2),
        ("tf-web", ["company", "add"], 2), ("tf-web", ["company", "add", "No Slug", "--name", "N"], 2),
    ])
    func `help is 0 and wrong usage 2`(_ program: String, _ arguments: [String], _ status: Int32) async throws {
        #expect(try await Processes.status(program, arguments) == .exited(status))
    }

    @Test func `check is 0 for files in order and 1 for errors`() async throws {
        let file = NSTemporaryDirectory() + "\(UUID().uuidString).task.yaml"
        try "task: look\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await Processes.status("tf-daemon", ["check", file]) == .exited(0))
        try "task: look\nassing: {}\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await Processes.status("tf-daemon", ["check", file]) == .exited(1))
    }
}
