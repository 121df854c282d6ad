import Foundation
import TFExpression
import TestSupport
import Testing

@Suite struct DemoStoreTests {
    @Test func `a daemon takes the demo's store as its own`() async throws {
        try await Processes.with(logLevel: "info", tickets: true) { processes in
            let status = try await eventually("the queues are filled") { () -> JSON? in
                let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                return status["running"] == true && status["drift"] == 0 ? status : nil
            }
            #expect(status["outbox"]["waiting"] == 0 && status["problems"] == [] && status["set_aside"] == [])
            let open = status["queues"].arrayValue?.compactMap { $0["open"].intValue }.reduce(0, +) ?? 0
            #expect(open > 20)
            // Nothing was published again, no timer was due, no request was sent, and nothing was mended.
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            for word in ["published", "retired", "warning", "error", "mended", "cancelled"] {
                #expect(!log.contains(word), "\(log)")
            }
        }
    }
}
