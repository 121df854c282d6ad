import Foundation
import TestSupport
import Testing

@testable import TFConfiguration

@Suite struct SettingsTests {
    private func read(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Settings {
        try Settings.read(try SettingOptions.parse(arguments), environment: environment)
    }

    @Test func `arguments win over the environment, that over the file, that over the defaults`() throws {
        let file = TestFolder.path("settings", suffix: ".json")
        try #"{"data":"/file","http":{"bind":"127.0.0.1:1"},"log.level":"debug"}"#
            .write(toFile: file, atomically: true, encoding: .utf8)
        let settings = try read(
            ["--config", file, "--data", "/argument"], ["TF_DATA": "/environment", "TF_HTTP_BIND": "127.0.0.1:2"])
        #expect(settings.data == "/argument")
        #expect(settings.port == 2)
        #expect(settings.logLevel == .debug)
        #expect(settings.definitions == "workflows")
        #expect(settings.baseURL == "http://localhost:2")
        #expect(settings.redis.map(\.description) == ["redis+unix:///argument/redis.sock"])
    }

    @Test(arguments: [
        (["--http-bind", "8080"], "http.bind"), (["--http-bind", "host:99999"], "http.bind"),
        (["--base-url", "example.com"], "base.url"),
        (["--base-url", "http://example.com"], "base.url"), (["--base-url", "https://a/b"], "base.url"),
        (["--log-level", "loud"], "log.level"), (["--log-format", "xml"], "log.format"), (["--data", ""], "data"),
        (["--data", "/" + String(repeating: "x", count: 120)], "data"),
        (["--retention-tickets", "29"], "retention.tickets"), (["--retention-audit", "soon"], "retention.audit"),
        (["--retention-sessions", "30"], "retention.sessions"), (["--upgrade-backups", "many"], "upgrade.backups"),
        (["--audiences", "a b,,"], "audiences"), (["--audiences", "a,"], "audiences"),
        (["--audiences", ","], "audiences"),
        (["--http-allow", "10.1.2.3,,::1"], "http.allow"), (["--proxy-trusted", "10.1. 2.3"], "proxy.trusted"),
        (["--mail-sendmail", "sendmail"], "mail.sendmail"),
        (["--web-metrics-bind", "localhost:8080"], "web.metrics.bind"),
        (["--metrics-bind", "0.0.0.0:8080"], "metrics.bind"),
        (["--metrics-bind", "127.0.0.1:9464", "--web-metrics-bind", "127.0.0.1:9464"], "web.metrics.bind"),
    ])
    func `a bad value is refused with its key and what it may be`(_ arguments: [String], _ key: String) {
        let error = #expect(throws: SettingsError.self) { try read(arguments) }
        #expect(error?.description.hasPrefix("the setting \(key) ") == true)
        #expect(error?.description.contains("\(key): ") == true)
    }

    @Test(
        arguments: [
            (["--log-level", "loud"], ["TF_LOG_LEVEL": "info"], "--log-level"),
            ([], ["TF_LOG_LEVEL": "loud"], "TF_LOG_LEVEL"), ([], [:], "in FILE"),
            (["--tls-cert", "/cert.pem"], [:], "TF_TLS_KEY"),
            (["--store-url", "postgresql://u:secret@h/d"], [:], "--store-url"),
        ] as [([String], [String: String], String)])
    func `a bad value is told with the option, the variable or the file that gave it`(
        _ arguments: [String], _ environment: [String: String], _ origin: String
    ) throws {
        let file = TestFolder.path("settings", suffix: ".json")
        let text = origin == "in FILE" ? #"{"log":{"level":"loud"}}"# : "{}"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: SettingsError.self) { try read(["--config", file] + arguments, environment) }
        let words = error?.description ?? ""
        #expect(words.contains(" (\(origin.replacing("FILE", with: file))) "), "\(words)")
    }

    @Test func `the path of the data directory is as long as the queues can work with`() throws {
        let longest = "/" + String(repeating: "d", count: 103 - "//redis.sock".utf8.count)
        #expect(try read(["--data", longest]).redisSocket.utf8.count == 103)
        for more in 1...5 {
            let error = #expect(throws: SettingsError.self) {
                try read(["--data", longest + String(repeating: "d", count: more)])
            }
            #expect(error?.description.contains("it has at most 103 bytes; choose a shorter one") == true)
        }
        // Another Redis needs no socket there.
        #expect(throws: Never.self) { try read(["--data", longest + "dd", "--redis-url", "redis://localhost:1"]) }
    }

    @Test func `what is old is kept as long as is said, or for ever`() throws {
        let byDefault = try read([]).retention
        #expect(byDefault.tickets == nil)
        #expect(byDefault.audit == 1_095)
        let settings = try read(
            ["--retention-tickets", "730", "--retention-audit", "off"], ["TF_UPGRADE_BACKUPS": "0"])
        #expect(settings.retention.tickets == 730)
        #expect(settings.retention.audit == nil)
        #expect(settings.upgradeBackups == 0)
    }

    @Test func `a list may have blanks around its commas`() throws {
        let settings = try read(["--audiences", "a, b", "--http-allow", "10.1.2.3 ,::1"])
        #expect(settings.audiences == ["a", "b"])
        #expect(settings.httpAllow.map(\.text) == ["10.1.2.3", "::1"])
    }

    @Test(arguments: [("/bin/sh", true), ("/no/such/program", false), ("/tmp", false), ("/etc/passwd", false)])
    func `what cannot be run sends no mail`(_ path: String, _ canRun: Bool) throws {
        let settings = try read(["--mail-sendmail", path])
        #expect(settings.canSendMail == canRun)
        guard !canRun else { return try settings.demandSendmail() }
        let error = #expect(throws: SettingsError.self) { try settings.demandSendmail() }
        #expect(error?.description.contains("names no program: \(path) cannot be run") == true)
    }

    @Test func `a settings file that is not there says why`() throws {
        let error = #expect(throws: SettingsError.self) { try read(["--config", "/nowhere/x.json"]) }
        let words = error?.description ?? ""
        #expect(words.hasSuffix("cannot read /nowhere/x.json: No such file or directory"), "\(words)")
    }

    @Test(
        arguments: [
            ([], [:], "{}", .usual), (["--log-format", "xml"], ["TF_LOG_FORMAT": "json"], "{}", .usual),
            (["--log-format", "json", "--log-format=text"], ["TF_LOG_FORMAT": "json"], "{}", .text),
            (["run", "--log-format=json", "--nope"], ["TF_LOG_FORMAT": "text"], "{}", .json),
            (["--log-format"], [:], "{}", .usual), ([], ["TF_LOG_FORMAT": "text"], #"{"log.format":"json"}"#, .text),
            ([], [:], #"{"log":{"format":"text","levl":"x"},"dta":1}"#, .text),
            ([], [:], #"{"log.format":"text""#, .usual),
            ([], [:], #"{"log":"text"}"#, .usual),
        ] as [([String], [String: String], String, Settings.LogFormat)])
    func `the log's format is known also where other settings are wrong`(
        _ arguments: [String], _ environment: [String: String], _ text: String, _ format: Settings.LogFormat
    ) throws {
        let file = TestFolder.path("settings", suffix: ".json")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let given = ["--config", file] + arguments
        #expect(Settings.LogFormat(named: given, environment: environment) == format)
        #expect(Settings.LogFormat(named: ["--config=\(file)"] + arguments, environment: environment) == format)
    }

    @Test func `plain http beyond loopback is a deliberate choice`() throws {
        #expect(try read(["--base-url", "http://tickets.lan", "--insecure-http"]).baseURL == "http://tickets.lan")
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.0.0.2", true), ("::1", true), ("0:0::1", true), ("::ffff:127.0.0.1", true),
        ("126.0.0.1", false), ("::2", false), ("localhost", false), ("", false),
    ])
    func `an address is known as this machine's own`(_ text: String, _ isOwn: Bool) {
        #expect(AddressRange.isLoopback(text) == isOwn)
    }

    @Test func `an unknown variable is refused, another program's is left alone`() throws {
        let error = #expect(throws: SettingsError.self) { try read([], ["TF_DTAA": "x"]) }
        #expect(error?.description == "unknown setting TF_DTAA in the environment; did you mean \"TF_DATA\"?")
        let strange = #expect(throws: SettingsError.self) { try read([], ["TF_NOPE": "1"]) }
        #expect(strange?.description.hasPrefix("unknown setting TF_NOPE in the environment; take it out") == true)
        #expect(throws: Never.self) { try read([], ["TF_CLI_CONFIG_FILE": "x", "TF_VAR_region": "y"]) }
    }

    @Test(arguments: [
        (#"{"dta":"x"}"#, "unknown setting \"dta\""), (#"{"data":5}"#, "\"data\" in"), ("[]", "one JSON object"),
        (#"{"totp":{"required":true}}"#, "cannot be true; write a text in quotes"), ("{", "not valid JSON"),
        (#"{"log":{"levl":"info"}}"#, "did you mean \"log.level\"?"),
        (#"{"retention":"off"}"#, "is a group of settings, not one; write an object with tickets, workflows, "),
        (#"{"master.key":"x"}"#, "write an object with file in its place"),
    ])
    func `a file with an unknown key or a mistake is refused`(_ text: String, _ reason: String) throws {
        let file = TestFolder.path("settings", suffix: ".json")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: SettingsError.self) { try read(["--config", file]) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
}
