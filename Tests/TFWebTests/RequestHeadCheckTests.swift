import Foundation
import NIOHTTP1
import Testing

@testable import tf_web

@Suite struct RequestHeadCheckTests {
    @Test(arguments: [
        "GET /x?y|Host: a.example:8443", "GET /|Host: [::1]:1", "GET http://A.example/x|Host: a.example",
        "OPTIONS *|Host: a", "POST /|Host: a|Transfer-Encoding: Chunked", "POST /|Host: a|Content-Length: 5",
    ])
    func `a head that can be read in one way only is taken`(_ text: String) {
        #expect(RequestHeadCheck.isClear(Self.head(text)))
    }

    @Test(arguments: [
        "GET /", "GET /|Host: a|host: a", "GET /|Host: a, b", "GET /|Host: u@a", "GET /|Host: a/b", "GET /|Host: a?b",
        "GET http://b/|Host: a", "GET http://u@a/|Host: a", "GET http://a:80/|Host: a", "GET ftp://a/|Host: a",
        "GET a|Host: a", "GET *|Host: a", "GET /#x|Host: a", "CONNECT a:443|Host: a:443",
        "POST /|Host: a|Transfer-Encoding: xchunked", "POST /|Host: a|Transfer-Encoding: gzip, chunked",
        "POST /|Host: a|Transfer-Encoding: identity",
        "POST /|Host: a|Transfer-Encoding: chunked|transfer-encoding: chunked",
        "POST /|Host: a|Transfer-Encoding: chunked|Content-Length: 5",
        "POST /|Host: a|Content-Length: 5|Content-Length: 5", "POST /|Host: a|Content-Length: 5, 5",
        "POST /|Host: a|Content-Length: +5", "POST /|Host: a|Content-Length: ",
        "POST /|Host: a|Content-Length: 9999999999999999999",
    ])
    func `a head that two servers may read in two ways is refused`(_ text: String) {
        #expect(!RequestHeadCheck.isClear(Self.head(text)))
    }

    /// The request line without its version, then the header lines.
    private static func head(_ text: String) -> HTTPRequestHead {
        let lines = text.components(separatedBy: "|")
        let words = lines[0].components(separatedBy: " ")
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.components(separatedBy: ": ")
            headers.add(name: parts[0], value: parts[1])
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: words[0]), uri: words[1], headers: headers)
    }
}
