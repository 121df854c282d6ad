import TestSupport
import Testing

@Suite struct ProcessBoxTests {
    @Test func `what a program has said since its start is told from what was said before`() async throws {
        let (box, log) = (ProcessBox(), TestFolder.path("log"))
        #expect(try box.logSinceStart() == "")
        for word in ["one", "two"] {
            try box.start("/bin/sh", ["-c", "echo \(word) >&2"], log: log)
            _ = try await eventually("it ends") { box.isRunning ? nil : true }
            #expect(try box.logSinceStart() == "\(word)\n")
        }
    }
}
