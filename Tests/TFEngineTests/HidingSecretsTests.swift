import TFExpression
import Testing

@testable import TFEngine

/// What is stored and shown of a request.
@Suite struct HidingSecretsTests {
    @Test func `an outcome tells nothing of the secrets that went out, percent-encoded or not`() {
        let response = HTTPOutcome.Response(
            status: 200, headers: [.init(name: "X-Echo", value: "s&cret")], body: Array("s&cret".utf8), method: "GET",
            url: "https://shop.example/?key=s%26cret&n=1",
            requestHeaders: [.init(name: "X-Key", value: "Key s&cret"), .init(name: "Authorization", value: "s&cret")])
        let secrets = (["key": "s&cret", "short": "abc", "more": [["n": 1], "deeper"]] as JSON).secretTexts
        #expect(secrets == ["s&cret", "deeper"])
        guard case .response(let hidden) = HTTPOutcome.response(response).hiding(secrets) else {
            Issue.record("a response stays one")
            return
        }
        #expect(hidden.url == "https://shop.example/?key=…&n=1")
        #expect(hidden.requestHeaders.map(\.value) == ["Key …"])
        // What the server says is the server's.
        #expect(hidden.body == "s&cret")
        #expect(HTTPOutcome.unclear("s&cret did not answer").hiding(secrets) == .unclear("… did not answer"))
    }
}
