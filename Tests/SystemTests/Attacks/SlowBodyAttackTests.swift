import TestSupport
import Testing

/// Connections that send a byte now and then, for as long as they are let, and more than anybody reads.
@Suite struct SlowBodyAttackTests {
    @Test func `a connection ends soon after its answer, whatever it still sends, and the site goes on`() async throws {
        try await Processes.with { processes in
            let host = "Host: localhost:\(processes.port)\r\n"
            func request(_ method: String, _ path: String, _ headers: String, host: String = host) -> String {
                "\(method) \(path) HTTP/1.1\r\n\(host)\(headers)\r\n\r\n"
            }
            let long = "Content-Length: 10000000"
            var slow: [RawConnection] = []
            for (text, status) in [
                (request("POST", "/nothing", long), 404), (request("POST", "/nothing", "Content-Length: 1000"), 404),
                (request("POST", "/nothing", "Transfer-Encoding: chunked"), 404),
                (request("POST", "/nothing", "Transfer-Encoding: chunked") + "1\r\nx\r\n0\r\nTrailer: ", 404),
                (request("POST", "/nothing", "Expect: 100-continue\r\n\(long)"), 404),
                (request("PUT", "/login", long), 405), (request("POST", "/login", long, host: "Host: other\r\n"), 421),
                (request("POST", "/api/v1/companies/acme/tickets", long), 401), (request("POST", "/login", long), 403),
            ] {
                for _ in 0..<20 {
                    let connection = try RawConnection(port: processes.port)
                    #expect(try await connection.answer(to: text).status == status, "\(text)")
                    slow.append(connection)
                }
            }
            // The daemon's own: one whose head does not end, one whose body does not.
            for text in ["GET /healthz HTTP/1.1\r\n", "POST /healthz HTTP/1.1\r\nHost: a\r\n\(long)\r\n\r\n"] {
                let connection = try RawConnection(port: processes.port + 1)
                try await connection.send(text)
                slow.append(connection)
            }
            let uma = Visitor(processes.address)
            try await uma.login("uma")
            #expect(try await uma.get("/account").status == 200)
            _ = try await eventually("all of them are ended") {
                var open: [RawConnection] = []
                for connection in slow {
                    let isTaken = try await connection.sent("x")
                    if isTaken, !connection.isClosed { open.append(connection) }
                }
                slow = open
                return slow.isEmpty ? true : nil
            }
            #expect(try await uma.get("/account").status == 200)
        }
    }

    @Test func `a client that holds its body back is asked for it, and told at once where it is too large`()
        async throws
    {
        try await Processes.with { processes in
            func head(_ length: Int, version: String = "1.1") -> String {
                "POST /api/v1/auth/token HTTP/\(version)\r\nHost: localhost:\(processes.port)\r\n"
                    + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\r\n"
            }
            let connection = try RawConnection(port: processes.port)
            #expect(try await connection.answer(to: head(2)).status == 100)
            let answer = try await connection.answer(to: "{}")
            #expect((400..<500).contains(answer.status) && !answer.isLast, "\(answer.head)")
            for length in [3_000_000, 2_000_000_000] {
                let large = try RawConnection(port: processes.port)
                let refusal = try await large.answer(to: head(length))
                #expect(refusal.status == 413 && refusal.isLast, "\(refusal.head)")
            }
            // A client of that version knows no 100.
            let old = try RawConnection(port: processes.port)
            #expect(try await old.answer(to: head(2, version: "1.0") + "{}").status != 100)
        }
    }

    @Test func `a whole request keeps its connection, and what nobody reads is thrown away up to a limit`()
        async throws
    {
        try await Processes.with { processes in
            let host = "Host: localhost:\(processes.port)\r\n"
            let connection = try RawConnection(port: processes.port)
            for _ in 0..<3 {
                try await connection.send("POST /nothing HTTP/1.1\r\n\(host)Content-Length: 100000\r\n\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == 404)
                #expect(!answer.isLast)
                try await connection.send(String(repeating: "x", count: 100_000))
            }
            #expect(try await connection.answer(to: "GET /healthz HTTP/1.1\r\n\(host)\r\n").status == 200)
            // Sent all at once; the first is the last that is answered.
            let two = try RawConnection(port: processes.port)
            let request = "GET /healthz HTTP/1.1\r\n\(host)Connection: close\r\n\r\n"
            try await two.send(request + request)
            let answer = try await two.answer()
            #expect(answer.status == 200)
            #expect(answer.isLast)
            #expect(try await two.end().isEmpty)

            let flood = try RawConnection(port: processes.port)
            try await flood.send("POST /nothing HTTP/1.1\r\n\(host)Content-Length: 100000000\r\n\r\n")
            let refusal = try await flood.answer()
            #expect(refusal.status == 404)
            #expect(refusal.isLast)
            var sent = 0
            while sent < 90_000_000, try await flood.sent(String(repeating: "x", count: 100_000)) { sent += 100_000 }
            // What the kernel holds on both sides, besides what was read.
            #expect(sent < 50_000_000)
        }
    }
}
