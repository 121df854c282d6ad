import Foundation
import TFExpression
import Testing

@testable import TFEngine

/// What is stored and shown of a request.
@Suite struct HidingSecretsTests {
    @Test func `an outcome tells nothing of the secrets that went out, percent-encoded or not`() {
        let response = HTTPOutcome.Response(
            status: 200, headers: [.init(name: "X-Echo", value: "s&cret")], body: Array("s&cret".utf8),
            to: .init(
                method: "GET", url: "https://shop.example/?key=s%26cret&n=1",
                headers: [
                    .init(name: "X-Key", value: "Key s&cret"), .init(name: "Authorization", value: "s&cret"),
                ]))
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

    /// The secret is `pä/s+w"rd&<1>`.
    @Test(arguments: [
        #"you sent pä/s+w"rd&<1>!"#, "key=p%C3%A4%2Fs%2Bw%22rd%26%3C1%3E", "key=p%c3%a4%2fs%2bw%22rd%26%3c1%3e",
        #"{"echo": "pä/s+w\"rd&<1>"}"#, #"{"echo": "p\u00e4\/s+w\"rd&<1>"}"#, #"{"echo": "p\u00e4/s+w\"rd&<1>"}"#,
        "<p>pä/s+w&quot;rd&amp;&lt;1&gt;</p>", "pä/s+\r\n w\"rd&<\n1>", #"{"echo": "pä/s\n+w\"rd&<1>"}"#,
        "p%C3%A4/s+w%22rd&%3C1%3E", "p&#228;/s+w&#34;rd&#x26;&lt;1&gt;", #"pä\/s%2Bw\u0022rd&amp;<1%3e"#,
    ])
    func `a secret that comes back is hidden in each form that servers give it`(_ text: String) {
        let hidden = text.hiding(["pä/s+w\"rd&<1>"])
        #expect(hidden.contains("…"))
        #expect(!hidden.contains("rd"))
    }

    @Test(arguments: 0..<4, [false, true])
    func `a secret is hidden in Base64, whatever stands before it and however it is broken`(
        _ before: Int, _ isBroken: Bool
    ) {
        let secret = "correct horse?>~ battery"
        let pair = String(repeating: "u", count: before) + ":" + secret + " and more"
        var text = Data(pair.utf8).base64EncodedString()
        if isBroken {
            text = stride(from: 0, to: text.utf8.count, by: 7).map { start in
                String(text.dropFirst(start).prefix(7))
            }.joined(separator: "\r\n")
        }
        let forms = [text, text.replacing("+", with: "-").replacing("/", with: "_")]
        for form in forms {
            let hidden = "Basic \(form)".hiding([secret])
            #expect(hidden.contains("…"))
            #expect(hidden.utf8.count < form.utf8.count)
        }
    }

    @Test func `an answer that failed is hidden too, and one that went well is the workflow's data`() {
        func body(_ status: Int) -> String? {
            let response = HTTPOutcome.Response(
                status: status, headers: [], body: Array("no s3cret here".utf8),
                to: .init(method: "GET", url: "https://a.example/", headers: []))
            guard case .response(let hidden) = HTTPOutcome.response(response).hiding(["s3cret"]) else { return nil }
            return hidden.body
        }
        #expect(body(200) == "no s3cret here")
        #expect(body(500) == "no … here")
        #expect(body(302) == "no … here")
    }
}
