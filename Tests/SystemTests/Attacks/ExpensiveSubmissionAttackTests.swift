import Foundation
import NIOHTTP1
import TFExpression
import TestSupport
import Testing

/// What takes the site long to answer, sent by somebody who may submit tickets, or by a stranger: it is refused in a few
/// words, and everybody else's work goes on.
@Suite(.serialized) struct ExpensiveSubmissionAttackTests {
    private static let acme = "/api/v1/companies/acme"
    private static let purchase: JSON = [
        "type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"],
    ]
    private static let ids = (0..<100).map { "what-is-asked-here-has-a-name-that-nobody-types-by-hand-\($0)" }

    @Test func `costly forms are refused with few words, and others submit meanwhile`() async throws {
        try await Processes.with { processes in
            try Self.drop(
                processes, "long",
                "body:\n" + Self.ids.map { "  - { type: input, id: \($0), attributes: { label: \($0) } }\n" }.joined())
            let costly = String(repeating: "${ [range(40000)] | length } ", count: 200)
            try Self.drop(
                processes, "costly",
                "title: '\(costly)'\nbody: [ { type: input, id: x, attributes: { label: X } } ]\n")
            let uma = try await Attacker(processes.address, login: "uma")
            let tom = try await Attacker(processes.address, login: "tom")
            for type in ["long", "costly", "purchase"] {
                _ = try await eventually("\(type) is offered") {
                    try await uma.get("\(Self.acme)/ticket-types/\(type)").status == 200 ? true : nil
                }
            }

            let many = try await Self.submit("long", Self.unknown(18_000), uma, meanwhile: tom)
            #expect([400, 422].contains(many.status))
            #expect(Self.errors(many).count == 1)
            #expect(many.body.utf8.count < 1_000)

            let most = try await Self.submit("long", Self.unknown(1_000), uma, meanwhile: tom)
            #expect(most.status == 422)
            #expect(Self.errors(most).count == 20)
            #expect(Self.errors(most).count { $0["message"].displayText.contains("did you mean") } == 3)

            let list = JSON.strings((0..<50_000).map { "x\($0)" })
            let listed = try await Self.submit("long", [Self.ids[0]: list], uma, meanwhile: tom)
            #expect(listed.status == 422)

            let title = try await Self.submit("costly", ["x": "y"], uma, meanwhile: tom)
            #expect(title.status == 422)
            #expect(Self.errors(title).map { $0["field"] } == ["title"])
            #expect(Self.errors(title).first?["message"].displayText.contains("together take too long") == true)
        }
    }

    @Test func `a stranger's request for a token is refused in less than it says`() async throws {
        try await Processes.with { processes in
            let stranger = Attacker(processes.address)
            for count in [900, 20_000] {
                var body: JSONObject = ["login": "uma", "password": "x"]
                for index in 0..<count { body["passwort\(index)"] = "x" }
                let answer = try await stranger.send(.POST, "/api/v1/auth/token", .object(body))
                #expect([400, 413, 422].contains(answer.status))
                #expect(Self.errors(answer).count <= 20)
                #expect(answer.body.utf8.count < JSON.object(body).bytes.count)
            }
            #expect(try await stranger.signIn("uma", "try-ticketflower").status == 200)
        }
    }

    // MARK: Steps

    private static func drop(_ processes: Processes, _ name: String, _ keys: String) throws {
        try "name: \(name)\ndescription: D\n\(name == "long" ? "title: T\n" : "")\(keys)".write(
            toFile: "\(processes.directory)/workflows/acme/\(name).ticket.yaml", atomically: true, encoding: .utf8)
    }

    /// Names that the form has, but for a few letters.
    private static func unknown(_ count: Int) -> JSONObject {
        JSONObject(
            (0..<count).map { ("x\($0 / 100)\(ids[$0 % 100].dropFirst("x\($0 / 100)".count))", "x") },
            uniquingKeysWith: { $1 })
    }

    /// Submits for one person and, while that is handled, for another, whose ticket has to come through.
    private static func submit(
        _ type: String, _ form: JSONObject, _ attacker: Attacker, meanwhile other: Attacker
    ) async throws -> Attacker.Answer {
        async let attacked = attacker.send(.POST, "\(acme)/tickets", ["type": .string(type), "form": .object(form)])
        let submitted = try await other.send(.POST, "\(acme)/tickets", purchase)
        #expect(submitted.status == 201, "\(type): \(submitted.body)")
        return try await attacked
    }

    private static func errors(_ answer: Attacker.Answer) -> [JSON] { answer.json["errors"].arrayValue ?? [] }
}
