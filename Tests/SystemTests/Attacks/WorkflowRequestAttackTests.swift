import Foundation
import TFExpression
import TestSupport
import Testing

/// Servers that workflows call, and people who choose where a workflow's request goes.
@Suite(.serialized) struct WorkflowRequestAttackTests {
    private static let acme = "/api/v1/companies/acme"
    /// Of letters that every form of escaping writes differently.
    private static let secret = #"Zq/9+"k<&>\y=Z~7xK"#
    /// What no header can carry.
    private static let unsendable = "first-zq7\nX-Other: second-zq8"

    private static func drop(
        _ processes: Processes, _ name: String, in company: String = "acme", uses: String = "", _ steps: String
    ) throws {
        let folder = "\(processes.directory)/workflows/\(company)"
        let workflow = """
            document: { dsl: '1.0.3', namespace: \(company), name: \(name), version: '1.0.0' }
            \(uses)
            do:
            \(steps)

            """
        let ticket = """
            name: \(name)
            description: D
            title: \(name)
            workflow: \(name)
            body: [ { type: input, id: url, attributes: { label: Where to } } ]

            """
        try workflow.write(toFile: "\(folder)/\(name).workflow.yaml", atomically: true, encoding: .utf8)
        try ticket.write(toFile: "\(folder)/\(name).ticket.yaml", atomically: true, encoding: .utf8)
    }

    /// Submits as soon as the type is offered.
    /// - Returns: the ticket's number.
    private static func submit(
        _ person: Attacker, _ type: String, url: String = "", in company: String = "acme"
    ) async throws -> Int {
        let ticket: JSON = ["type": .string(type), "form": ["url": .string(url)]]
        return try await eventually("\(type) is offered") {
            let answer = try await person.send(.POST, "/api/v1/companies/\(company)/tickets", ticket)
            return answer.status == 201 ? answer.json["number"].intValue : nil
        }
    }

    private static func end(
        of number: Int, _ person: Attacker, in company: String = "acme"
    ) async throws -> JSON {
        try await eventually("ticket \(number) of \(company) has ended") {
            let ticket = try await person.get("/api/v1/companies/\(company)/tickets/\(number)").json
            return ["closed", "failed"].contains(ticket["state"].stringValue) ? ticket : nil
        }
    }

    // MARK: Time

    @Test func `a server that drips ends with its step, and stops nobody else's requests`() async throws {
        try await HostileServer.with(host: "127.0.0.1") { server in
            try await Processes.with { processes in
                let drips = (0..<40).map { number in
                    """
                              - b\(number):
                                  try: [ { get: { call: http, with: { method: get, endpoint: '\(server.address)/drip' }, timeout: { after: PT2S } } } ]
                                  catch: { do: [ { late: { set: { end: late } } } ] }
                    """
                }
                try Self.drop(
                    processes, "drips",
                    "  - all:\n      fork:\n        branches:\n" + drips.joined(separator: "\n")
                        + "\n  - done: { set: { status: '${ map(select(.end == \"late\")) | length | tostring }' } }")
                try Self.drop(
                    processes, "asks", in: "globex",
                    "  - get: { call: http, with: { method: get, endpoint: '\(server.address)/healthy' } }\n"
                        + "  - done: { set: { status: answered } }")
                let uma = try await Attacker(processes.address, login: "uma")
                let gus = try await Attacker(processes.address, login: "gus")
                let dripping = try await Self.submit(uma, "drips")
                _ = try await eventually("it drips") { server.drips.all > 0 ? true : nil }
                let asking = try await Self.submit(gus, "asks", in: "globex")
                #expect(try await Self.end(of: asking, gus, in: "globex")["status"] == "answered")
                #expect(try await Self.end(of: dripping, uma)["status"] == "40")
                _ = try await eventually("nobody reads any more") { server.dripping == 0 ? true : nil }
                // The next ones arrive before the server finds out that nobody reads the last ones: these may count twice.
                #expect(server.drips.most <= 2 * 8, "as many as a company may have under way")
            }
        }
    }

    // MARK: Places

    @Test func `no way to write a private address connects to it, and a redirect takes no header along`() async throws {
        try await HostileServer.with(host: "127.0.0.2") { hidden in
            try await HostileServer.with(host: "127.0.0.1") { server in
                try await Processes.with { processes in
                    try Self.drop(
                        processes, "ask",
                        """
                          - try:
                              try:
                                - get:
                                    call: http
                                    with: { method: get, endpoint: '${ $ticket.form.url }', redirect: true }
                                    timeout: { after: PT3S }
                              catch: {}
                          - done: { set: { status: done } }
                        """)
                    try Self.drop(
                        processes, "others", uses: "use: { authentications: \(Self.oauth2(hidden.address)) }",
                        """
                          - document:
                              try: [ { get: { call: openapi, with: { document: { endpoint: '\(hidden.address)/d' }, operationId: o } } } ]
                              catch: {}
                          - token:
                              try: [ { get: { call: http, with: { method: get, endpoint: { uri: '\(server.address)/x', authentication: { use: sign-in } } } } } ]
                              catch: {}
                        """)
                    let uma = try await Attacker(processes.address, login: "uma")
                    // Both listen, and the daemon may call one of them.
                    #expect(try await Attacker(hidden.address).get("/reached").status == 200)
                    var numbers = [try await Self.submit(uma, "ask", url: "\(server.address)/reached")]
                    let port = try #require(hidden.address.split(separator: ":").last)
                    for host in Self.hosts {
                        numbers.append(try await Self.submit(uma, "ask", url: "http://\(host):\(port)/stolen"))
                    }
                    for host in Self.hosts.prefix(4) {
                        let target =
                            "http://\(host):\(port)/stolen"
                            .addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                        numbers.append(
                            try await Self.submit(uma, "ask", url: "\(server.address)/to?url=\(target)"))
                    }
                    numbers.append(try await Self.submit(uma, "others"))
                    for number in numbers { _ = try await Self.end(of: number, uma) }
                    #expect(server.requests.count { $0.hasPrefix("GET /reached") } == 1)
                    #expect(server.requests.count { $0.hasPrefix("GET /to") } == 4)
                    #expect(hidden.requests.count == 1, "the test's own; \(hidden.requests)")
                }
            }
        }
    }

    private static func oauth2(_ address: String) -> String {
        "{ sign-in: { oauth2: { authority: '\(address)', grant: client_credentials, "
            + "client: { id: a, secret: b } } } }"
    }

    /// Ways to write 127.0.0.2.
    private static let hosts = [
        "127.0.0.2", "2130706434", "[::ffff:127.0.0.2]", "１２７.0.0.2", "0x7f000002", "0x7f.0.0.2", "0177.0.0.2",
        "127.2", "127.0.0.2.", "[::ffff:7f00:2]", "[64:ff9b::7f00:2]", "[::127.0.0.2]", "127。0。0。2", "%31%32%37.0.0.2",
        "a@127.0.0.2", "127.0.0.1:80@127.0.0.2", "127.0.0.1%2f@127.0.0.2", "127.0.0.1#@127.0.0.2",
        "127.0.0.1\\@127.0.0.2",
    ]

    @Test func `a redirect to another origin takes no secret along, and none comes back from a server that echoes`()
        async throws
    {
        try await HostileServer.with(host: "127.0.0.1") { elsewhere in
            try await HostileServer.with(host: "127.0.0.1") { server in
                try await Processes.with(logLevel: "trace") { processes in
                    try await Self.prepareSecrets(processes, server, elsewhere)
                    let uma = try await Attacker(processes.address, login: "uma")
                    var numbers = [try await Self.submit(uma, "move")]
                    for form in HostileServer.echoes {
                        numbers.append(
                            try await Self.submit(uma, "echo", url: "\(server.address)/echo?as=\(form)"))
                    }
                    for type in ["input", "address", "value", "unsendable"] {
                        numbers.append(try await Self.submit(uma, type))
                    }
                    for number in numbers { _ = try await Self.end(of: number, uma) }

                    let moved = try #require(elsewhere.requests.first, "it was sent on")
                    #expect(!moved.lowercased().contains("authorization"))
                    #expect(!moved.lowercased().contains("cookie"))
                    #expect(Self.secretForms(in: moved).isEmpty)
                    #expect(server.requests.contains { $0.contains("X-Api-Key: \(Self.secret)") }, "it had gone out")
                    try await Self.expectNothingTold(processes, uma, numbers)
                }
            }
        }
    }

    private static func prepareSecrets(
        _ processes: Processes, _ server: HostileServer, _ elsewhere: HostileServer
    ) async throws {
        for (name, value) in [("token", secret), ("broken", unsendable)] {
            _ = try await processes.run("tf-daemon", ["secret", "set", "acme", name], input: value)
        }
        let uses = "use: { secrets: [ token, broken ] }"
        let key = "X-Api-Key: '${ $secrets.token }'"
        func call(_ url: String, _ headers: String, _ more: String = "") -> String {
            "  - get: { call: http, with: { method: get, endpoint: \(url), headers: { \(headers) }\(more) } }"
        }
        let target = "\(elsewhere.address)/moved".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try drop(
            processes, "move", uses: uses,
            call(
                "'\(server.address)/to?url=\(target)'",
                "\(key), Authorization: '${ \"Token \" + $secrets.token }', Cookie: '${ \"a=\" + $secrets.token }'",
                ", redirect: true"))
        try drop(processes, "echo", uses: uses, call("'${ $ticket.form.url }'", key))
        try drop(
            processes, "input", uses: uses,
            "  - get: { set: { a: 1 }, input: { from: '${ $secrets.token | tonumber }' } }")
        // In the address, where it is escaped in part; and as a value that the daemon itself complains of.
        try drop(
            processes, "address", uses: uses,
            call("'${ \"\(server.address)/echo?as=plain&key=\" + $secrets.token }'", key))
        try drop(
            processes, "value", uses: uses, call("'${ $secrets.token }'", "X-Number: '${ $secrets.token | tonumber }'"))
        try drop(processes, "unsendable", uses: uses, call("'\(server.address)/x'", "X-Key: '${ $secrets.broken }'"))
    }

    /// What the requester is told of it over REST and in pages; and what is told to whoever decides, logged and stored.
    private static func expectNothingTold(_ processes: Processes, _ uma: Attacker, _ numbers: [Int]) async throws {
        let (tom, umasBrowser, tomsBrowser) = (
            try await Attacker(processes.address, login: "tom"), Visitor(processes.address), Visitor(processes.address)
        )
        try await umasBrowser.login("uma")
        try await tomsBrowser.login("tom")
        var toRequester = ""
        var toAdmin = ""
        for path in ["\(acme)/tickets", "\(acme)/tickets?format=csv", "\(acme)/tasks", "/api/v1/notifications"] {
            toRequester += try await uma.get(path).text
            toAdmin += try await tom.get(path).text
        }
        for number in numbers {
            toRequester += try await uma.get("\(acme)/tickets/\(number)").text
            for more in ["", "/instances"] { toAdmin += try await tom.get("\(acme)/tickets/\(number)\(more)").text }
        }
        // A page has a diagram to draw, and a command a store to open: those whose forms are the most different.
        for number in numbers.suffix(5) {
            toRequester += try await umasBrowser.get("/c/acme/tickets/\(number)").text
            toAdmin += try await tomsBrowser.get("/c/acme/tickets/\(number)").text
            toAdmin += try await processes.run("tf-daemon", ["explain", "acme", "\(number)", "--all"])
        }
        let isTold = toRequester.contains("10.9.8.7")
        #expect(!isTold, "what the server says is for those who decide")
        let untold = ["echo of 10.9.8.7", "X-Key cannot be sent"].filter { !toAdmin.contains($0) }
        #expect(untold == [], "it is told to those who decide")
        let log = try String(contentsOfFile: processes.log, encoding: .utf8)
        var stored = ""
        for file in ["store.db", "store.db-wal"] {
            let bytes = FileManager.default.contents(atPath: "\(processes.directory)/var/\(file)") ?? Data()
            stored += String(decoding: bytes, as: UTF8.self)
        }
        let isStored = stored.contains("echo of 10.9.8.7")
        #expect(isStored, "the test looks where it is stored")
        for (name, text) in [("requester", toRequester), ("admin", toAdmin), ("log", log), ("store", stored)] {
            #expect(secretForms(in: text) == [], "told to: \(name)")
        }
    }

    /// In which forms secrets stand in a text, whatever white space and line ends are between their letters.
    private static func secretForms(in text: String) -> [String] {
        var bare = text
        for space in [" ", "\n", "\r\n", "\r", "\t", "\\n", "\\r"] { bare = bare.replacing(space, with: "") }
        var forms = ["first-zq7", "second-zq8"]
        for form in [
            { $0 }, { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" },
            { $0.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? "" },
            { $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") },
            {
                $0.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
                    .replacing("\"", with: "&quot;")
            },
        ] as [(String) -> String] {
            forms.append(form(secret))
        }
        for before in ["", "a", "user:"] {
            let base64 = Data((before + secret).utf8).base64EncodedString()
            forms.append(String(base64.dropFirst(before.isEmpty ? 0 : 8).dropLast(4)))
        }
        return Set(forms).sorted().filter { bare.contains($0) }
    }
}
