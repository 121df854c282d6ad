import Foundation
import TFExpression
import TestSupport
import Testing

/// A definition that ends the daemon when it is read: the next start sets it aside, and all else goes on.
@Suite struct SetAsideTests {
    private static let trap = "this text is a trap"

    @Test func `a file that ends the daemon is set aside at the next start, until it changes`() async throws {
        let directory = TestFolder.path("site")
        let arguments = [
            "--data", directory + "/var", "--definitions", directory + "/workflows", "--log-level", "error",
        ]
        func run(_ program: String, _ command: [String]) async throws -> String {
            try await Processes.result(program, command + arguments).output
        }
        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: directory + "/workflows/acme/" + name, atomically: false, encoding: .utf8)
        }
        let daemon = ProcessBox()
        func start() throws {
            try daemon.start(
                Processes.path("tf-daemon"), arguments,
                environment: ["TICKETFLOWER_TRAP_ON": Self.trap, "SWIFT_BACKTRACE": "enable=no"])
        }
        /// The problems that `status` tells.
        func problems() async throws -> [String] {
            let status = try JSON(parsing: try await run("tf-daemon", ["status", "--json"]))
            return status["problems"].arrayValue?.map { $0["file"].displayText + ": " + $0["message"].displayText }
                ?? []
        }
        _ = try await run("tf-web", ["company", "add", "acme", "--name", "Acme"])
        try write("a.task.yaml", "task: a\ndescription: one\n")
        try start()
        defer { daemon.stop() }
        // A broken file: it is told once the daemon has looked.
        try write("x.task.yaml", "task: x\nnonsense: 1\n")
        _ = try await eventually("the first look") { try await problems().isEmpty ? nil : true }
        try write("a.task.yaml", "task: a\ndescription: \(Self.trap)\n")
        _ = try await eventually("the daemon's end") { daemon.isRunning ? nil : true }
        try start()
        let told = try await eventually("the diagnostic") {
            let told = try await problems().filter { $0.contains("set aside") }
            return told.isEmpty ? nil : told
        }
        #expect(told.count == 1)
        #expect(told.first?.contains("acme/a.task.yaml") == true)
        #expect(daemon.isRunning)
        // All else goes on, and `check` tells it too instead of ending.
        try write("b.task.yaml", "task: b\nmore nonsense: 1\n")
        _ = try await eventually("the other file") {
            try await problems().contains { $0.contains("b.task.yaml") } ? true : nil
        }
        #expect(try await run("tf-daemon", ["check"]).contains("a.task.yaml:1:1: error: set aside"))
        // Killed at any moment, it starts again with the file still aside.
        daemon.kill()
        try start()
        try write("a.task.yaml", "task: a\ndescription: two\n")
        _ = try await eventually("the changed file") {
            try await problems().contains { $0.contains("set aside") } ? nil : true
        }
        #expect(daemon.isRunning)
        daemon.stop()
        #expect(Processes.endServers(in: directory) == 0)
    }

    @Test(arguments: [("acme", 0), ("acme 1", 0), ("acme 2", 1)])
    func `looks that somebody cut off set nothing aside before the third in a row`(mark: String, count: Int)
        async throws
    {
        let directory = TestFolder.path("site")
        let arguments = ["--data", directory + "/var", "--definitions", directory + "/workflows"]
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme"] + arguments)
        try "task: a\n".write(
            toFile: directory + "/workflows/acme/a.task.yaml", atomically: false, encoding: .utf8)
        // What a kill -9 in the middle of a look leaves.
        try mark.write(toFile: directory + "/var/definitions.look", atomically: false, encoding: .utf8)
        let daemon = ProcessBox()
        try daemon.start(Processes.path("tf-daemon"), arguments + ["--log-level", "error"])
        defer { daemon.stop() }
        _ = try await eventually("the mark's end") {
            FileManager.default.fileExists(atPath: directory + "/var/definitions.look") ? nil : true
        }
        let aside = try JSON(
            parsing: try String(contentsOfFile: directory + "/var/definitions.aside", encoding: .utf8))
        #expect(aside["texts"].objectValue?.count == count)
        daemon.stop()
        #expect(Processes.endServers(in: directory) == 0)
    }
}
