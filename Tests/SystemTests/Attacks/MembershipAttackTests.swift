import TFExpression
import TestSupport
import Testing

/// Somebody whose rights in a company were narrowed, and all the ways in which others change that membership later.
@Suite(.serialized) struct MembershipAttackTests {
    private static let acme = "/api/v1/companies/acme"
    private static let purchase: JSON = [
        "type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"],
    ]

    @Test func `no later change of a membership or an account gives back what was narrowed`() async throws {
        try await Processes.with { processes in
            let ada = try await Attacker(processes.address, login: "ada")
            let bob = try await Attacker(processes.address, login: "bob")
            _ = try await eventually("purchases are offered") {
                try await bob.get("\(Self.acme)/ticket-types/purchase").status == 200 ? true : nil
            }
            func change(_ path: String, _ body: JSON) async throws {
                #expect(try await ada.send(.PATCH, path, body).status == 200, "\(path) \(body)")
            }
            func expectNarrowed(_ after: String) async throws {
                let member = try await ada.get("\(Self.acme)/members?limit=200").json["items"].arrayValue?.first {
                    $0["login"] == "bob"
                }
                #expect(member?["roles"] == [], "\(after)")
                let submitted = try await bob.send(.POST, "\(Self.acme)/tickets", Self.purchase)
                #expect(submitted.status == 403, "\(after)")
                #expect(try await bob.get("\(Self.acme)/workers").status == 403, "\(after)")
                let absence = try await bob.send(
                    .PUT, "\(Self.acme)/workers/me/availability", ["available": false])
                #expect(absence.status == 403, "\(after)")
            }
            // A role that bob does not have: nothing of what he has counts in acme.
            try await change("\(Self.acme)/members/bob", ["only": ["workflow_creator"]])
            try await expectNarrowed("narrowing")
            try await change("\(Self.acme)/members/bob", ["company_roles": ["manager", "employee"]])
            try await expectNarrowed("other company roles")
            try await change("\(Self.acme)/members/bob", [:])
            try await expectNarrowed("a change of nothing")
            try await change("\(Self.acme)/roles/it-staff", ["members": ["bob", "dave"]])
            try await expectNarrowed("a role's members")
            try await change("/api/v1/users/bob", ["name": "Bobby"])
            try await expectNarrowed("another name")
            try await change("/api/v1/users/bob", ["roles": ["task_worker", "ticket_admin", "user"]])
            try await expectNarrowed("another system role")
            let command = ["user", "member", "bob", "acme", "--company-role", "manager"]
            #expect(try await processes.run("tf-web", command).contains("bob is a member of acme"))
            try await expectNarrowed("the command")
            // The test can tell: what an admin gives back by name counts at once.
            try await change("\(Self.acme)/members/bob", ["only": []])
            #expect(try await bob.get("\(Self.acme)/workers").status == 200)
            #expect(try await bob.send(.POST, "\(Self.acme)/tickets", Self.purchase).status == 201)
        }
    }
}
