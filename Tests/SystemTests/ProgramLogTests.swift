import Foundation
import Subprocess
import TFExpression
import TestSupport
import Testing

/// What the programs say on standard error: where their log is JSON, each line of it is.
@Suite(.serialized) struct ProgramLogTests {
    private static func lines(_ text: String) throws -> [JSON] {
        try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    /// However the format was chosen, and whatever is wrong.
    @Test(arguments: ["tf-daemon", "tf-web"])
    func `a start that is refused is one line of the log, with the sentence that a person reads`(
        _ program: String
    ) async throws {
        let (data, file) = (TestFolder.path("data"), TestFolder.path("settings", suffix: ".json"))
        try #"{"log":{"format":"json"},"dta":"x"}"#.write(toFile: file, atomically: true, encoding: .utf8)
        try "no directory".write(toFile: data, atomically: true, encoding: .utf8)
        let path = Processes.path(program)
        let cases: [(command: String, reason: String, status: Int32)] = [
            ("\(path) --log-format json --http-bind 8080", "cannot be \"8080\"; write host:port", 2),
            ("TF_LOG_FORMAT=json \(path) --nope", "Unknown option '--nope'", 2),
            ("TF_NOPE=1 TF_LOG_FORMAT=json \(path)", "unknown setting TF_NOPE in the environment", 2),
            ("\(path) --config \(file)", "unknown setting \"dta\" in \(file); did you mean \"data\"?", 2),
            ("\(path) --log-format=json --data \(data)", data, 1),
        ]
        for (command, reason, status) in cases {
            let refused = try await Processes.shell(command)
            #expect(refused.status == .exited(status), "\(refused.error)")
            let lines = try Self.lines(refused.error)
            #expect(lines.count == 1, "\(refused.error)")
            let message = lines.first?["message"].displayText ?? ""
            #expect(message.contains(reason), "\(refused.error)")
            #expect(lines.first?["level"] == "critical" && lines.first?["source"] == .string(program))
            #expect(lines.first?["time"].stringValue != nil)
            let told = try await Processes.shell("\(command) --log-format text")
            #expect(told.error == message + "\n")
        }
    }

    @Test(arguments: [("tf-web", ["user", "list"]), ("tf-daemon", ["pause", "acme"])])
    func `a command talks to a person, whatever the log is`(_ program: String, _ command: [String]) async throws {
        let data = TestFolder.path("data")
        let refused = try await Processes.result(program, command + ["--log-format", "json", "--data", data])
        #expect(refused.error.hasPrefix("there is no store in \(data);"), "\(refused.error)")
    }

    @Test func `every line that the programs write is JSON, and nothing secret is in one, however much is logged`()
        async throws
    {
        let environment = ["TF_LOG_FORMAT": "json"]
        try await Processes.with(environment: environment, logLevel: "trace") { processes in
            let token = "0123456789abcdef0123456789abcdef"
            _ = try await processes.run("tf-daemon", ["metrics-token", "set"], input: token)
            _ = try await processes.run("tf-daemon", ["secret", "set", "acme", "erp"], input: "what the ERP asks for")
            processes.web.stop()
            processes.daemon.stop()
            try processes.start("tf-daemon", processes.daemon, environment: environment)
            try processes.start("tf-web", processes.web, environment: environment)
            let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
            let ticket: JSON = ["type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit well"]]
            _ = try await eventually("a ticket is taken") {
                try await uma.post("/api/v1/companies/acme/tickets", ticket).status == 201 ? true : nil
            }
            processes.web.stop()
            processes.daemon.stop()
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            let lines = try Self.lines(log)
            #expect(Set(lines.map { $0["source"].displayText }) == ["tf-daemon", "tf-web"])
            let keys = processes.directory + "/var/keys/"
            let secrets = try ["secret", "secrets.key"].map { name in
                "\(Array(try Data(contentsOf: URL(fileURLWithPath: keys + name))))"
            }
            for secret in secrets + [token, "try-ticketflower", "what the ERP asks for", "to sit well"] {
                #expect(!log.contains(secret), "\(secret)")
            }
        }
    }
}
