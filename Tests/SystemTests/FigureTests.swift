import Foundation
import TFExpression
import TestSupport
import Testing

/// The figures that both programs serve, and the alert rules and the dashboard that name them.
@Suite(.serialized) struct FigureTests {
    /// The names that a text of Prometheus' format declares, by their kind.
    private static func families(_ text: String) -> [String: String] {
        text.matches(of: /(?m)^# TYPE ([a-z_]+) ([a-z]+)$/).reduce(into: [:]) {
            $0[String($1.1)] = String($1.2)
        }
    }

    /// The names of figures in a file.
    private static func names(in file: String) throws -> Set<String> {
        let text = try String(contentsOfFile: "\(Processes.root)/etc/\(file)", encoding: .utf8)
        return Set(text.matches(of: /\btf_[a-z_]+/).map { String($0.output) })
    }

    @Test(arguments: ["prometheus/ticketflower.rules.yml", "grafana/ticketflower.json"])
    func `every figure that a rule or the dashboard names is served`(_ file: String) async throws {
        let names = try Self.names(in: file)
        #expect(names.count > 15)
        try await Processes.with { processes in
            let visitor = Visitor(processes.address)
            let daemon = try await eventually("the daemon serves") {
                try await Self.text(processes.metrics)
            }
            let web = try await visitor.get("/metrics").text
            let families = Self.families(daemon + web)
            for name in names {
                let base = name.replacing(/_(bucket|sum|count)$/, with: "")
                #expect(families[name] != nil || families[base] == "histogram", "\(file) names \(name)")
            }
            #expect(web.contains("tf_web_requests_total{method=\"GET\",route=\"/login\",status=\"200\"} "))
            #expect(web.contains("tf_web_request_seconds_count{route=\"/login\"} "))
            #expect(web.contains("tf_web_sessions{purpose=\"web\"} 0\n"))
            #expect(daemon.contains("tf_backup_at_seconds 0\n"))
            #expect(web.contains(/(?m)^tf_store_log_bytes [0-9]/))
            try await Self.expectOwnAddress(processes)
        }
    }

    private static func text(_ url: String) async throws -> String {
        try await Visitor(String(url.dropLast("/metrics".count))).get("/metrics").text
    }

    /// Starts another web process on the same data.
    /// - Parameters:
    ///   - figures: the port of its figures; nil: the one behind that of its pages.
    ///   - isReady: asked until it says so; an error means: not yet.
    /// - Returns: the port of its pages.
    private static func start(
        _ web: ProcessBox, of processes: Processes, log: String, figures: Int? = nil,
        until isReady: @escaping (Int) async throws -> Bool
    ) async throws -> Int {
        try await onFreePort { port in
            try web.start(
                Processes.path("tf-web"),
                [
                    "--data", processes.directory + "/var", "--definitions", processes.directory + "/workflows",
                    "--http-bind", "127.0.0.1:\(port)", "--web-metrics-bind", "127.0.0.1:\(figures ?? port + 1)",
                    "--log-level",
                    "error",
                ], log: processes.directory + "/" + log)
            return try await eventually("\(log): it is ready") {
                guard web.isRunning else { return Int?.none as Int?? }
                return try await isReady(port) ? .some(port) : nil
            }
        }
    }

    /// A second web process serves its figures at an address of their own, and nothing else there; a taken one is told.
    private static func expectOwnAddress(_ processes: Processes) async throws {
        let web = ProcessBox()
        defer { web.stop() }
        let port = try await start(web, of: processes, log: "second-log") { port in
            let text = try await text("http://127.0.0.1:\(port + 1)/metrics")
            return families(text)["tf_web_requests_total"] == "counter"
        }
        #expect(try await Visitor("http://127.0.0.1:\(port + 1)").get("/login").status == 404)
        let taken = try await Processes.result(
            "tf-web",
            [
                "--data", processes.directory + "/var", "--log-level", "critical", "--http-bind", "127.0.0.1:\(port)",
            ])
        #expect(taken.status == .exited(1))
        // One line of its log.
        let told = try JSON(parsing: taken.error)["message"].displayText
        #expect(
            told.hasPrefix("127.0.0.1:\(port) is taken by another program") && told.contains("the setting http.bind"),
            "\(taken.error)")
        try await expectSuccessor(processes, of: web, figures: port + 1)
    }

    /// A third one serves people while the second still has its figures' address, and takes that over afterwards.
    private static func expectSuccessor(_ processes: Processes, of web: ProcessBox, figures: Int) async throws {
        let successor = ProcessBox()
        defer { successor.stop() }
        let port = try await start(successor, of: processes, log: "third-log", figures: figures) { port in
            try await Visitor("http://127.0.0.1:\(port)").get("/login").status == 200
        }
        let told = try await eventually("it tells that the address is taken") {
            let text = try String(contentsOfFile: processes.directory + "/third-log", encoding: .utf8)
            return text.contains("the setting web.metrics.bind") ? text : nil
        }
        #expect(told.contains("127.0.0.1:\(figures) is taken by another program"), "\(told)")
        web.stop()
        _ = try await eventually("its figures are there") {
            let text = try? await text("http://127.0.0.1:\(figures)/metrics")  // refused until then
            return text?.contains("tf_web_requests_total") == true ? true : nil
        }
        #expect(try await Visitor("http://127.0.0.1:\(port)").get("/login").status == 200)
    }

    @Test func `an alert on something that must be there fires when its series is gone, too`() throws {
        let text = try String(
            contentsOfFile: "\(Processes.root)/etc/prometheus/ticketflower.rules.yml", encoding: .utf8)
        let rules = text.matches(of: /- alert: ([A-Za-z]+)\n +expr: (.+)\n/)
        #expect(rules.count == text.split(separator: "- alert: ").count - 1)
        for rule in rules where rule.2.contains(#/ < 1( |$)/#) || rule.2.contains("time() -") {
            let name = try #require(rule.2.firstMatch(of: /tf_[a-z_]+/)).output
            #expect(rule.2.hasSuffix(" or absent(\(name))"), "\(rule.1)")
        }
        for alert in ["NobodyLeads", "RedisAway", "WebAway", "BackupOld"] {
            #expect(rules.contains { $0.1 == alert && $0.2.contains("absent(") }, "\(alert)")
        }
    }
}
