import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Programs on a store that a newer version has brought up to date.
@Suite struct NewerVersionTests {
    private static let next = MigrationStep(
        number: Migration.newest + 1, sql: "ALTER TABLE task ADD COLUMN mood TEXT NOT NULL DEFAULT '';")

    @Test func `those that run end in order and say why, and none starts or looks at the store again`() async throws {
        try await Processes.with { processes in
            let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
            let ticket: JSON = ["type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"]]
            _ = try await eventually("a ticket is taken") {
                try await uma.post("/api/v1/companies/acme/tickets", ticket).status == 201 ? true : nil
            }
            let data = processes.directory + "/var"
            // As a newer version does when it starts.
            let file = try SQLite(path: data + "/store.db")
            try file.migrate(MigrationStep.all(.sqlite) + [Self.next])
            _ = try await eventually("both end") {
                processes.web.isRunning || processes.daemon.isRunning ? nil : true
            }
            #expect(processes.web.exitStatus == 1 && processes.daemon.exitStatus == 1)
            let log = try String(contentsOfFile: processes.log, encoding: .utf8).split(separator: "\n")
            let ends = try log.map { try JSON(parsing: String($0)) }.filter { $0["level"] == "critical" }
            #expect(Set(ends.map { $0["source"].displayText }) == ["tf-daemon", "tf-web"])
            let reason = "the store was brought up to date by a newer version while this program ran"
            #expect(ends.count == 2 && ends.allSatisfy { $0["message"].displayText.hasPrefix(reason) }, "\(ends)")

            let settings = ["--data", data, "--http-bind", "127.0.0.1:1"]
            for (program, command, status) in [
                ("tf-daemon", ["run"], Int32(1)), ("tf-web", ["serve"], 1), ("tf-web", ["user", "list"], 1),
                ("tf-daemon", ["status"], 4), ("tf-daemon", ["doctor"], 1), ("tf-daemon", ["pause", "acme"], 1),
            ] {
                let refused = try await Processes.result(program, command + settings)
                #expect(refused.status == .exited(status), "\(program) \(command)")
                #expect(
                    (refused.output + refused.error)
                        .contains("was made by a newer version (schema \(Self.next.number)); run that one"),
                    "\(program) \(command): \(refused.error)")
            }
            let tickets: Int = try await file.read {
                try $0.rows("SELECT COUNT(*) FROM ticket", [], limit: 1).first?[0] ?? 0
            }
            #expect(tickets == 1)
            try file.close()
        }
    }
}
