import Logging
import TFConfiguration
import TFExpression
import TFQueue
import TFStore
import TFWatch
import TestSupport
import Testing

@testable import tf_daemon

/// What operators are told of workflows that failed where no ticket admin sees it.
@Suite struct FailedWorkflowTests {
    private static let nightly = """
        document: { dsl: '1.0.3', namespace: acme, name: nightly, version: '1.0.0' }
        schedule: { every: { minutes: 1 } }
        do:
          - fail: { raise: { error: { type: about:blank, status: 500, title: of a person, instance: /people/ada } } }
        """

    @Test func `the log, status, doctor and the figures tell of a failed workflow without a ticket`() async throws {
        let directory = TestFolder.path("store")
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "A", timezone: "UTC", now: 1) }
        try await store.publish(["nightly.workflow.yaml": Self.nightly], for: company, now: 1)
        let leader = try #require(try await store.write { try $0.lead(as: "test", now: 1) })
        // Planned for a time long ago, so that it is due at once.
        try await store.refreshSchedules(leader: leader, now: 1)
        let log = LogRecorder()
        let worker = EngineWorker(
            store: store, wake: Wake(), opener: { _, _, _ in nil }, shares: FairShares(), logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run(LeaderTerm(leader, since: .now)) }
            _ = try await eventually("the log tells of it") { log.lines.isEmpty ? nil : true }
            group.cancelAll()
        }
        #expect(
            log.lines == [
                "warning: a workflow without a ticket has failed company=acme error=its own instance=1 status=500 "
                    + "step=/do/0/fail workflow=nightly"
            ], "without what may quote somebody's data")

        let settings = try Settings.read(try SettingOptions.parse(["--data", directory]), environment: [:])
        let now = WallClock.now()
        let condition = try await SiteCondition.read(store, settings, now: now)
        #expect(condition.lines.contains("failed   acme 1 (1 without a ticket)"))
        #expect(condition.json["failed_tickets"] == JSON.object([:]))
        #expect(condition.json["failed_workflows"] == JSON.object(["acme": 1]))
        let findings = try await StoreExam(store: store, settings: settings, now: now).findings()
        let finding = try #require(findings.first { $0.subject == "failures" })
        #expect(finding.verdict == .note && finding.text == "workflows have failed in acme: 1 (1 without a ticket)")
        let servers = QueueServers([.unix(path: directory + "/redis.sock")], logger: Logger(label: "test"))
        let gauges = try await DaemonGauges(store: store, settings: settings, servers: servers) { true }.read()
        #expect(gauges.filter { $0.family.name == "tf_workflows_failed" }.map { $0.value } == [1])
        await servers.close()
        try store.close()
    }
}
