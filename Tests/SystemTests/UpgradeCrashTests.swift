import TestSupport
import Testing

/// A program that is killed while it changes the schema.
@Suite(.onBothEngines) struct UpgradeCrashTests {
    @Test func `a migration that is killed at its end leaves the schema before it, and the next start goes on`()
        async throws
    {
        let data = TestFolder.path("data")
        // One that no other test has left its tables in.
        let url = TestEngine.current == .postgres ? try await TestDatabases.shared.bare() : nil
        let settings = ["--data", data] + (url.map { ["--store-url", $0] } ?? [])
        let command = ["company", "add", "acme", "--name", "Acme"] + settings
        let killed = try await Processes.result("tf-web", command, crashAt: "migration:1")
        #expect(killed.status == .signaled(9))
        let next = try await Processes.result("tf-web", command)
        #expect(next.status == .exited(0), "\(next.error)")
        let doctor = try await Processes.result("tf-daemon", ["status"] + settings)
        // No daemon runs; the store is read.
        #expect(doctor.status == .exited(3), "\(doctor.error)")
    }
}
