import TFExpression
import Testing

@testable import TFEngine

/// `$secrets` where the company has not set them.
@Suite struct SecretTests {
    private static let answer = "http: [ { respond: { body: { sent: true } } } ]\n"

    private func run(_ step: String, secrets: String = "") throws -> SimulationResult {
        try Workflows.run(
            "use: { secrets: [ tok, other ] }\ndo: [ { a: \(step) } ]",
            script: Self.answer + (secrets.isEmpty ? "" : "secrets: \(secrets)\n"))
    }

    private static func call(_ endpoint: String, _ more: String = "") -> String {
        "{ call: http, with: { method: get, endpoint: { uri: 'https://x.example/'\(endpoint) }\(more) } }"
    }

    @Test(arguments: [
        "{ input: { from: '{y: $secrets.tok}' }, set: { a: 1 } }",
        "{ input: { from: '$secrets[\"tok\"]' }, set: { a: 1 } }",
        "{ input: { from: '$secrets[.name]' }, set: { a: 1 } }",
        SecretTests.call(", authentication: { bearer: { token: '${ $secrets.tok }' } }"),
        SecretTests.call(", authentication: { basic: { username: u, password: '${ $secrets.tok.password }' } }"),
        SecretTests.call(", authentication: { bearer: { use: tok } }"),
        SecretTests.call("", ", headers: { X-Key: '${ $secrets.tok }' }"),
        SecretTests.call("", ", query: { key: '${ \"a\" + $secrets.tok }' }"),
        // What is made with a secret has nothing to take instead, and no error of it is caught.
        SecretTests.call("", ", headers: { X-Key: '${ (\"Bearer \" + $secrets.tok) // \"\" }' }"),
        SecretTests.call("", ", headers: { X-Key: '${ try $secrets.tok catch \"\" }' }"),
        "{ input: { from: '$secrets.other // $secrets.tok' }, set: { a: 1 } }",
        "{ input: { from: 'if true then $secrets.tok else 1 end' }, set: { a: 1 } }",
        "{ input: { from: 'if $secrets.tok then 2 else 1 end' }, set: { a: 1 } }",
    ])
    func `a secret that is not set stops the step before anything is sent, and is named`(_ step: String) throws {
        let result = try run(step)
        #expect(result.status == .faulted)
        let error = try #require(result.error)
        #expect(error.kind == .configuration && error.instance == "/do/0/a", "\(error)")
        #expect(error.title == "The secret \"tok\" is not set")
        #expect(error.detail?.contains("tf-daemon secret set COMPANY tok") == true)
    }

    @Test func `secrets that are set, and those that have something else to take, stop nothing`() throws {
        let set = Self.call("", ", headers: { X-Key: '${ $secrets.tok }' }")
        #expect(try run(set, secrets: "{ tok: abcd }").output == ["sent": true])
        let result = try run("{ input: { from: '{y: ($secrets.tok // \"none\")}' }, set: '${ .y }' }")
        #expect(result.output == "none")
    }

    @Test(arguments: [
        "{token: \"given\"} | .token // $secrets.tok", "$secrets.tok // $secrets.other",
        "$secrets.tok? // $secrets.other", "$secrets.tok.keys[0] // $secrets.other", "$secrets.tok[] // $secrets.other",
        "$secrets[\"tok\"].password // $secrets.other", "if true then $secrets.other else $secrets.tok end",
        "$secrets.other // $secrets.tok", "false and $secrets.tok | if . then 1 else \"given\" end",
    ])
    func `a secret that is not set and not needed stops nothing`(_ expression: String) throws {
        let result = try run("{ input: { from: '{y: (\(expression))}' }, set: '${ .y }' }", secrets: "{ other: given }")
        #expect(result.output == "given", "\(result.error.debugDescription)")
    }

    @Test func `an expression that may take any secret needs all that the workflow names`() throws {
        let step = "{ input: { from: '$secrets | length' }, set: '${ . }' }"
        #expect(try run(step, secrets: "{ tok: abcd }").error?.title == "The secret \"other\" is not set")
        #expect(try run(step, secrets: "{ tok: abcd, other: efgh }").output == 2)
    }
}
