import TestSupport
import Testing

/// A program that is killed while it changes the schema.
@Suite struct UpgradeCrashTests {
    @Test func `a migration that is killed at its end leaves the schema before it, and the next start goes on`()
        async throws
    {
        let command = ["company", "add", "acme", "--name", "Acme", "--data", TestFolder.path("data")]
        let killed = try await Processes.result("tf-web", command, crashAt: "migration:1")
        #expect(killed.status == .signaled(9))
        let next = try await Processes.result("tf-web", command)
        #expect(next.status == .exited(0), "\(next.error)")
        let doctor = try await Processes.result("tf-daemon", ["status", "--data", command[6]])
        // No daemon runs; the store is read.
        #expect(doctor.status == .exited(3), "\(doctor.error)")
    }
}
