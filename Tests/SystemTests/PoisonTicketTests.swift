import Foundation
import TFExpression
import TestSupport
import Testing

/// A mistake in the daemon that one ticket reaches, under a supervisor that starts it again and again.
@Suite(.serialized) struct PoisonTicketTests {
    @Test func `a ticket at which the daemon dies is set aside at its third start, and all others go on`() async throws
    {
        try await Processes.with { processes in
            let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
            _ = try await eventually("purchases are offered") {
                try await uma.get("/api/v1/companies/acme/ticket-types/purchase")["name"] == "purchase" ? true : nil
            }
            processes.daemon.stop()
            for item in ["poison", "chair"] {
                let ticket: JSON = [
                    "type": "purchase", "form": ["item": .string(item), "amount": 10, "why": "to sit"],
                ]
                #expect(try await uma.post("/api/v1/companies/acme/tickets", ticket).status == 201)
            }
            let mistake = ["TF_TEST_CRASH_TICKET": "Purchase: poison"]
            for _ in 1...2 {
                try processes.start("tf-daemon", processes.daemon, environment: mistake)
                _ = try await eventually("it dies") { processes.daemon.isRunning ? nil : true }
            }
            try processes.start("tf-daemon", processes.daemon, environment: mistake)
            let status = try await eventually("the ticket is set aside") {
                let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                return status["set_aside"].arrayValue?.isEmpty == false ? status : nil
            }
            #expect(status["set_aside"].arrayValue?.map { $0["ticket"] } == [1])
            _ = try await eventually("the other ticket goes on") {
                try await uma.get("/api/v1/companies/acme/tickets/2")["status"] == "with your manager" ? true : nil
            }
            #expect(try await uma.get("/api/v1/companies/acme/tickets/1")["state"] == "failed")
            #expect(processes.daemon.isRunning)
        }
    }
}
