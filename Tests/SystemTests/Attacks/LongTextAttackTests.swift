import TFExpression
import TestSupport
import Testing

/// Texts of hundreds of kilobytes wherever something is stored.
@Suite struct LongTextAttackTests {
    @Test func `long texts are refused with their limit, and a stranger's are cut where they are noted`() async throws {
        try await Processes.with { processes in
            // What people see as one character.
            let mark = JSON.string("e" + String(repeating: "\u{301}", count: 300_000))
            let admin = try await Attacker(processes.address, login: "ada")
            let version = try JSON(parsing: try await admin.get("/api/v1/companies/acme").body)["version"]
            for (path, body) in [
                ("/api/v1/companies", ["slug": "new", "name": mark]),
                ("/api/v1/companies", ["slug": mark, "name": "New"]),
                ("/api/v1/users", ["login": "new", "name": mark]),
                ("/api/v1/companies/acme/roles", ["name": mark]),
            ] as [(String, JSON)] {
                let answer = try await admin.send(.POST, path, body)
                #expect(answer.status == 422, "\(path)")
                #expect(answer.body.contains(" characters or fewer"), "\(path): \(answer.body.prefix(500))")
                #expect(answer.body.utf8.count < 2_000, "\(path)")
            }
            let change = try await admin.send(
                .PATCH, "/api/v1/companies/acme", ["name": mark, "version": version])
            #expect(change.status == 422)
            let stranger = Visitor(processes.address)
            let login = String(repeating: "x", count: 680_000)
            _ = try await stranger.submit("/login", to: "/login", ["login": login, "password": "x"])
            let log = try await admin.get("/api/v1/audit")
            #expect(log.status == 200)
            #expect(log.body.contains("xxxxx"))
            #expect(!log.body.contains(String(repeating: "x", count: 1_000)))
        }
    }
}
