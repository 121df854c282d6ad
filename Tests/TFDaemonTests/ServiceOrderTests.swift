import Logging
import TFConfiguration
import TestSupport
import Testing

@testable import tf_daemon

@Suite struct ServiceOrderTests {
    @Test func `nothing that stops waits for the look at the schema`() async throws {
        let options = try SettingOptions.parse(["--data", TestFolder.path("data")])
        let daemon = try await Daemon(
            settings: try Settings.read(options, environment: [:]), logger: Logger(label: "test"))
        // They stop in the reverse order.
        #expect(RunCommand.services(daemon).map(\.serviceName) == ["UpgradeWatch", "Daemon"])
        try await daemon.close()
    }
}
