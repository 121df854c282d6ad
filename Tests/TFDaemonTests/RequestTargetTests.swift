import Foundation
import Testing

@testable import tf_daemon

/// One parser decides where a request goes.
@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("http://bücher.example/ä?q=ü", "xn--bcher-kva.example", "http://xn--bcher-kva.example/%C3%A4?q=%C3%BC"),
        ("HTTPS://Example.COM:443", "example.com", "https://example.com/"),
        ("http://ex%61mple.com/", "example.com", "http://example.com/"),
        ("http://loc%61lhost:8080/x#part", "localhost", "http://localhost:8080/x"),
        ("http://user:pass@a.example/", "a.example", "http://a.example/"),
        ("http://a@b.example:80@c.example/", "c.example", "http://c.example/"),
        ("http://１２７.0.0.1/", "127.0.0.1", "http://127.0.0.1/"),
        ("http://[::1]:81/x", "::1", "http://[::1]:81/x"),
    ])
    func `the host that is checked is the one in the text that is sent`(_ text: String, _ host: String, _ sent: String)
        throws
    {
        let target = try #require(RequestTarget(text))
        #expect(target.host == host)
        #expect(target.text == sent)
        #expect(URL(string: target.text)?.host == host)
    }

    @Test(arguments: [
        "ftp://a.example/", "http://", "http:///x", "http://a b.example/", "http://a.example:0/",
        "http://a.example:99999/", "http://a%2fb.example/", "http://a%00b.example/", "http://[fe80::1%25eth0]/",
        "javascript:alert(1)", "", "/path", "http://%/",
    ])
    func `what has no host that names can have is refused`(_ text: String) {
        #expect(RequestTarget(text) == nil)
    }

    @Test func `a relative address leads on from where it stands, and an origin has its port`() throws {
        let base = try #require(RequestTarget("https://a.example/x/y?z=1"))
        #expect(RequestTarget("../b?c=d", relativeTo: base)?.text == "https://a.example/b?c=d")
        #expect(RequestTarget("//b.example/", relativeTo: base)?.text == "https://b.example/")
        #expect(RequestTarget("https://A.example:443/q", relativeTo: base)?.origin == base.origin)
        #expect(RequestTarget("http://a.example/q", relativeTo: base)?.origin != base.origin)
        #expect(RequestTarget("https://a.example:444/q", relativeTo: base)?.origin != base.origin)
    }
}
