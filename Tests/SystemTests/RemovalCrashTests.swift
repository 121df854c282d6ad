import Foundation
import TestSupport
import Testing

/// A command that is killed directly before or after a file goes.
@Suite struct RemovalCrashTests {
    private let settings = ["--data", TestFolder.path("data")]

    /// The keys that sign, by their state.
    private func keys() async throws -> [String: String] {
        let list = try await Processes.result("tf-web", ["keys", "list"] + settings)
        #expect(list.status == .exited(0), "\(list.error)")
        return list.output.split(separator: "\n").reduce(into: [:]) { keys, line in
            let fields = line.split(separator: "\t").map(String.init)
            keys[fields[1]] = fields[0]
        }
    }

    @Test(arguments: ["remove:1", "removed:1"])
    func `a key whose file is about to go, or has gone, is revoked when the command dies`(_ place: String) async throws
    {
        for command in [["company", "add", "acme", "--name", "Acme"], ["keys", "rotate"]] {
            let made = try await Processes.result("tf-web", command + settings)
            #expect(made.status == .exited(0), "\(made.error)")
        }
        let before = try await keys()
        let (active, next) = (try #require(before["active"]), try #require(before["next"]))
        let revoke = ["keys", "revoke", active] + settings
        let killed = try await Processes.result("tf-web", revoke, crashAt: place)
        #expect(killed.status == .signaled(9))
        let after = try await keys()
        #expect(after["active"] == next && !after.values.contains(active), "\(after)")
        let again = try await Processes.result("tf-web", revoke)
        #expect(again.status == .exited(2) && again.error.contains("there is no key \"\(active)\""), "\(again.error)")
        let doctor = try await Processes.result("tf-daemon", ["doctor"] + settings)
        #expect(!doctor.output.contains("FAULT  keys"), "\(doctor.output)")
    }
}
