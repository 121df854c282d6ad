import Foundation
import TFExpression
import TestSupport
import Testing

/// What operators ask and do in a shell, on a running site.
@Suite(.serialized) struct OperatorTests {
    @Test func `a company is paused, explained, resumed and rebuilt, and its figures are served`() async throws {
        try await Processes.with { processes in
            let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
            _ = try await eventually("purchases are offered") {
                try await uma.get("/api/v1/companies/acme/ticket-types/purchase")["name"] == "purchase" ? true : nil
            }
            #expect(try await processes.run("tf-daemon", ["pause", "acme"]) == "acme: assignment is paused\n")
            let ticket: JSON = ["type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"]]
            #expect(try await uma.post("/api/v1/companies/acme/tickets", ticket).status == 201)
            _ = try await eventually("the task waits, and it is told why") {
                try await processes.run("tf-daemon", ["explain", "acme", "1"])
                    .contains("nobody has it: assignment is paused for the company") ? true : nil
            }
            #expect(
                try await processes.run("tf-daemon", ["explain", "acme", "1"])
                    .contains("is paused for the company: tf-daemon resume acme\n"))
            #expect(try await processes.run("tf-daemon", ["status"]).contains("acme._unassigned.manager"))
            #expect(try await processes.run("tf-daemon", ["resume", "acme"]) == "acme: assignment goes on\n")
            _ = try await eventually("it is assigned, and it is told why") {
                let text = try await processes.run("tf-daemon", ["explain", "acme", "1"])
                return text.contains("was chosen: the shortest list of 2 available: 0 open tasks") ? true : nil
            }
            let epoch = try await processes.redis("GET", "tf:{acme}:epoch")
            #expect(
                try await processes.run("tf-daemon", ["rebuild", "acme"]) == "acme: 1 open tasks of 9 members\n")
            #expect(try await processes.redis("GET", "tf:{acme}:epoch") != epoch)
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            #expect(status["drift"] == 0)
            let address = "127.0.0.1:\(processes.port)"
            #expect(status["web"] == ["address": .string(address), "serves": true, "problem": .null])
            let figures = try await eventually("figures are served") { try await uma.text(processes.metrics) }
            #expect(figures.contains("tf_tasks_assigned_total{company=\"acme\"} 1\n"))
            #expect(figures.contains("# TYPE tf_assignment_seconds histogram\n"))
            #expect(figures.contains("tf_leader 1\n"))
            #expect(figures.contains("tf_redis_up{server=\"\(processes.socket)\"} 1\n"))
            processes.web.stop()
            #expect(
                try await processes.run("tf-daemon", ["status"])
                    .contains("web      does not serve at \(address): nothing listens there"))
        }
    }
}
