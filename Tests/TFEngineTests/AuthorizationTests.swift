import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// `$authorization`, as the language's table of arguments has it.
@Suite struct AuthorizationTests {
    private func output(_ authentication: String, secrets: String = "") throws -> String {
        let text = """
            document: { dsl: '1.0.3', namespace: default, name: w, version: '1.0.0' }
            use: { secrets: [ key ] }
            do:
              - a:
                  call: http
                  with: { method: get, endpoint: { uri: 'https://x.example/'\(authentication) } }
                  output: { as: '${ $authorization }' }
            """
        let script = "http: [ { respond: { body: {} } } ]\n\(secrets)"
        return try Workflows.run(text, script: script).output.text
    }

    @Test func `it describes how a call has signed in`() throws {
        #expect(
            try output(", authentication: { bearer: { token: abc } }") == #"{"scheme":"Bearer","parameter":"abc"}"#)
        #expect(
            try output(", authentication: { basic: { username: a, password: b } }")
                == #"{"scheme":"Basic","parameter":"YTpi"}"#)
        #expect(try output("") == "null")
    }

    /// What an output holds is stored and shown.
    @Test func `a parameter that a secret is part of stays out of outputs`() throws {
        #expect(
            try output(
                ", authentication: { bearer: { token: '${ $secrets.key }' } }", secrets: "secrets: { key: abcdef }")
                == #"{"scheme":"Bearer","parameter":null}"#)
        #expect(
            try output(
                ", authentication: { basic: { use: key } }",
                secrets: "secrets: { key: { username: u, password: pppp } }")
                == #"{"scheme":"Basic","parameter":null}"#)
    }

    @Test func `a request may say it in another header`() throws {
        let text = """
            do:
              - a:
                  call: http
                  with:
                    method: get
                    endpoint: { uri: 'https://x.example/', authentication: { bearer: { token: abc } } }
                    query: { key: '${ $authorization.parameter }' }
            """
        let script =
            "http: [ { match: { url: 'https://x.example/?key=abc' }, respond: { body: { found: true } } } ]\n"
        #expect(try Workflows.run(text, script: script).output == ["found": true])
    }
}
