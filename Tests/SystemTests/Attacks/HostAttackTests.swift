import Foundation
import TestSupport
import Testing

/// Requests that two servers would read in two ways, and bodies that never come whole.
@Suite struct HostAttackTests {
    @Test func `a request whose host or length is not clear gets one 400, and its connection ends`() async throws {
        try await Processes.with { processes in
            let host = "Host: localhost:\(processes.port)\r\n"
            let hidden = "GET /healthz HTTP/1.1\r\n\(host)\r\n"
            let chunks = "1\r\na\r\n0\r\n\r\n"
            func post(_ headers: String, _ body: String) -> String {
                "POST /login HTTP/1.1\r\n\(host)\(headers)\r\n\r\n\(body)"
            }
            for text in [
                "GET /login HTTP/1.1\r\n\r\n", "GET /login HTTP/1.1\r\n\(host)Host: other\r\n\r\n",
                "GET /login HTTP/1.1\r\n\(host)\(host)\r\n", "GET http://other/login HTTP/1.1\r\n\(host)\r\n",
                "GET http://uma@localhost:\(processes.port)/login HTTP/1.1\r\n\(host)\r\n",
                "GET /login HTTP/1.1\r\nHost: uma@localhost:\(processes.port)\r\n\r\n",
                "GET /login HTTP/1.1\r\nHost: localhost:\(processes.port)/login\r\n\r\n",
                "GET /login HTTP/1.1\nHost: localhost:\(processes.port)\n\n",
                "GET /login HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n", "GET /login HTTP/1.1\r\n\(host)X : a\r\n\r\n",
                "GET /login HTTP/1.1\r\n\(host)X: a\rb\r\n\r\n", "CONNECT localhost:1 HTTP/1.1\r\n\(host)\r\n",
                post("Transfer-Encoding: xchunked", chunks), post("Transfer-Encoding: chunked, identity", chunks),
                post("Transfer-Encoding: gzip, chunked", chunks), post("Transfer-Encoding: identity", chunks),
                post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", chunks),
                post("Transfer-Encoding: chunked\r\nContent-Length: 1", chunks),
                post("Transfer-Encoding: xchunked\r\nContent-Length: 1", chunks),
                post("Content-Length: 1\r\nContent-Length: 2", "ab"), post("Content-Length: 1, 1", "a"),
                post("Content-Length: +1", "a"), post("Content-Length : 1", "a"),
            ] {
                let connection = try RawConnection(port: processes.port)
                // What is hidden behind it must not be answered.
                let answer = try await connection.answer(to: text + hidden)
                #expect(answer.status == 400, "\(text)")
                #expect(answer.isLast, "\(text)")
                #expect(try await connection.end().isEmpty, "\(text)")
            }
            let other = try RawConnection(port: processes.port)
            #expect(try await other.answer(to: "GET /login HTTP/1.1\r\nHost: other\r\n\r\n").status == 421)
            let same = "GET http://LOCALHOST:\(processes.port)/login HTTP/1.1\r\n\(host)\r\n"
            #expect(try await other.answer(to: same).status == 200)
        }
    }

    @Test func `a body that its client cuts off is no error of the server`() async throws {
        try await Processes.with { processes in
            let host = "Host: localhost:\(processes.port)\r\n"
            let form = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            let heads = [
                "POST /login HTTP/1.1\r\n\(host)\(form)", "POST /logout HTTP/1.1\r\n\(host)\(form)",
                "POST /api/v1/auth/token HTTP/1.1\r\n\(host)Content-Type: application/json\r\n",
            ]
            let lengths = ["Content-Length: 1000\r\n\r\nlogin=", "Transfer-Encoding: chunked\r\n\r\n6\r\nlogin="]
            let requests = heads.flatMap { head in lengths.map { head + $0 } }
            for request in requests {
                let ended = try RawConnection(port: processes.port)
                try await ended.send(request)
                ended.endSending()
                #expect(try await ended.answer().status == 400)
            }
            let visitor = Visitor(processes.address)
            var open: [RawConnection] = []
            _ = try await eventually("those that are reset are counted as the client's fault too") {
                // A try later, so that the request is being read.
                for connection in open { connection.reset() }
                open = try requests.map { _ in try RawConnection(port: processes.port) }
                for (connection, request) in zip(open, requests) { try await connection.send(request) }
                let figures = try await visitor.get("/metrics").text
                let lines = figures.matches(of: /requests_total\{[^}]*status="400"\} ([0-9]+)/)
                return lines.reduce(0) { $0 + (Int($1.1) ?? 0) } >= 2 * requests.count ? true : nil
            }
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            #expect(!log.contains(#""level":"error""#), "\(log)")
        }
    }
}
