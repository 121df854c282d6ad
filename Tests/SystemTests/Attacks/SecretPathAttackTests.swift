import Foundation
import TFExpression
import TestSupport
import Testing

/// Live links and other secrets in requests that are refused, repeated or served, and then in all that stays on disk.
@Suite struct SecretPathAttackTests {
    @Test func `no secret of a request or an answer stands in a log or in the store`() async throws {
        try await Processes.with(logLevel: "trace") { processes in
            let ada = try await Attacker(processes.address).signIn("ada", "try-ticketflower").json
            let token = ada["access_token"].displayText
            var secrets = [token, ada["refresh_token"].displayText, "try-ticketflower"]
            _ = try await processes.run(
                "tf-web", ["user", "add", "etl", "--name", "Converter", "--service", "--role", "task_worker"])
            let key = try await processes.run("tf-web", ["key", "add", "etl"]).split { $0.isWhitespace }
            let secret = try #require(key.last { $0.count > 30 })
            secrets.append(String(secret))
            #expect(try await Attacker(processes.address, token: String(secret)).get("/api/v1/me").status == 200)

            let user: JSON = ["login": "mark", "name": "Mark"]
            let admin = Attacker(
                processes.address, headers: [("Authorization", "Bearer \(token)"), ("Idempotency-Key", "k1")])
            let added = try await admin.send(.POST, "/api/v1/users", user)
            #expect(added.status == 201)
            // It is not done again, and the link that was shown once is not shown again.
            #expect(try await admin.send(.POST, "/api/v1/users", user).status == 409)
            let resetting = Attacker(
                processes.address, headers: [("Authorization", "Bearer \(token)"), ("Idempotency-Key", "k2")])
            let first = try await resetting.send(.POST, "/api/v1/users/uma/password-link", [:]).json["link"].displayText
            let second = try await resetting.send(.POST, "/api/v1/users/uma/password-link", [:]).json["link"]
                .displayText
            #expect(first != second)
            for (link, kind) in [(added.json["invite"].displayText, "invite"), (first, "reset"), (second, "reset")] {
                let secret = String(try #require(link.split(separator: "/").last))
                #expect(secret.count > 30)
                secrets.append(secret)
                try await Self.refuse(secret, kind, processes.port)
            }
            #expect(try await Attacker(processes.address).get("/reset/\(secrets[secrets.count - 2])").status == 404)

            // Somebody who is signed in sends a link's form, as one that might be repeated.
            let otto = Visitor(processes.address)
            try await otto.login("otto")
            let page = "/invite/\(secrets[secrets.count - 3])"
            let password = "seven red herons over Lund"
            let chosen = try await otto.submit(page, to: page, ["password": password, "_submission": "s1"])
            #expect(chosen.status == 303)
            secrets.append(password)

            try await Self.expectNone(of: secrets, processes)
        }
    }

    /// All ways that end a request before its route is known, or that have none.
    private static func refuse(_ secret: String, _ kind: String, _ port: Int) async throws {
        let host = "Host: localhost:\(port)\r\n"
        let path = "/\(kind)/\(secret)"
        let form = "Content-Type: application/x-www-form-urlencoded\r\n"
        for (text, status) in [
            ("GET \(path) HTTP/1.1\r\nHost: other\r\n\r\n", 421), ("PUT \(path) HTTP/1.1\r\n\(host)\r\n", 405),
            ("GET \(path) HTTP/1.1\r\n\(host)\(host)\r\n", 400),
            ("GET http://other\(path) HTTP/1.1\r\n\(host)\r\n", 400),
            ("POST \(path) HTTP/1.1\r\n\(host)Content-Length: 9\r\n\r\nnew=short", 403),
            ("POST \(path) HTTP/1.1\r\n\(host)Sec-Fetch-Site: same-origin\r\nContent-Length: 2\r\n\r\n{}", 415),
            ("POST \(path) HTTP/1.1\r\n\(host)Sec-Fetch-Site: same-origin\r\n\(form)Content-Length: 2\r\n\r\na=", 403),
            ("POST \(path) HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n", 400),
            ("GET \(path)/more HTTP/1.1\r\n\(host)\r\n", 404),
            ("GET /\(kind.uppercased())/\(secret) HTTP/1.1\r\n\(host)\r\n", 404),
            ("GET /\(kind)%2F\(secret) HTTP/1.1\r\n\(host)\r\n", 404),
            ("GET /c/acme\(path) HTTP/1.1\r\n\(host)\r\n", 404), ("GET /api/v1\(path) HTTP/1.1\r\n\(host)\r\n", 404),
            ("GET /login?next=\(path) HTTP/1.1\r\n\(host)Referer: http://localhost:\(port)\(path)\r\n\r\n", 200),
        ] {
            #expect(try await RawConnection(port: port).answer(to: text).status == status, "\(text)")
        }
        // A strange parameter is told on the page that there is without it.
        let pages = ["GET \(path) HTTP/1.1\r\n\(host)\r\n", "GET \(path)?a=%00 HTTP/1.1\r\n\(host)\r\n"]
        var statuses: [Int] = []
        for text in pages { statuses.append(try await RawConnection(port: port).answer(to: text).status) }
        #expect(statuses[0] == statuses[1])
        let cutOff = try RawConnection(port: port)
        try await cutOff.send(
            "POST \(path) HTTP/1.1\r\n\(host)Sec-Fetch-Site: same-origin\r\n\(form)Content-Length: 9\r\n\r\na")
        cutOff.endSending()
        #expect(try await cutOff.answer().status == 400)
    }

    /// Looks through the log of both programs, and all files of the data directory but those of the keys.
    private static func expectNone(of secrets: [String], _ processes: Processes) async throws {
        let log = try #require(FileManager.default.contents(atPath: processes.log))
        #expect(String(decoding: log, as: UTF8.self).contains("/invite/{token}"))
        var files = ["log": log]
        let data = processes.directory + "/var"
        for name in try FileManager.default.subpathsOfDirectory(atPath: data) where !name.hasPrefix("keys") {
            files[name] = FileManager.default.contents(atPath: data + "/" + name)
        }
        #expect(files["store.db"] != nil)
        #expect(files["store.db-wal"] != nil)
        for (name, bytes) in files {
            for secret in secrets {
                #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(secret) stands in \(name)")
            }
        }
    }
}
