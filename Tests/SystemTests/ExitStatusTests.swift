import Foundation
import Subprocess
import TFExpression
import TestSupport
import Testing

@Suite struct ExitStatusTests {
    @Test(arguments: [
        ("tf-daemon", ["--help"], 0), ("tf-web", ["user", "add", "--help"], 0), ("tf-daemon", ["check", "--bad"], 2),
        ("tf-daemon", ["check", "/nowhere"], 2), ("tf-daemon", ["check", "--format", "xml"], 2),
        ("tf-daemon", ["--http-bind", "8080"], 2), ("tf-web", ["--web-metrics-bind", "127.0.0.1:8080"], 2),
        ("tf-daemon", ["backup", "/tmp/no-site.zip"], 2), ("tf-web", ["company", "add"], 2),
        ("tf-web", ["company", "add", "No Slug", "--name", "N"], 2), ("tf-daemon", ["help", "nosuch"], 2),
        ("tf-daemon", ["help", "status"], 0), ("tf-web", ["user", "ad"], 2), ("tf-web", ["help", "user", "add"], 0),
    ])
    func `help is 0 and wrong usage 2`(_ program: String, _ arguments: [String], _ status: Int32) async throws {
        #expect(try await Processes.status(program, arguments) == .exited(status))
    }

    @Test func `a command that is mistyped is told with the one that was meant`() async throws {
        let result = try await Processes.result("tf-daemon", ["statsu", "--json"])
        #expect(result.status == .exited(2))
        #expect(result.error.contains("there is no command \"statsu\"; did you mean \"status\"?"), "\(result.error)")
    }

    /// Libraries have the signal ignored, and the program's own status would say something else.
    @Test func `output that nobody reads ends a program as it ends others`() async throws {
        let data = TestFolder.path("data")
        let definitions = ["--definitions", data + "-workflows", "--redis-url", "redis://127.0.0.1:1"]
        _ = try await Processes.result(
            "tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data] + definitions)
        let script = """
            import os, subprocess, sys
            reader, writer = os.pipe()
            os.close(reader)
            print(subprocess.run(sys.argv[1:], stdout=writer).returncode)
            """
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: .init(["-c", script, Processes.path("tf-daemon"), "top", "--data", data] + definitions),
            output: .string(limit: 4_096), error: .discarded)
        #expect(result.standardOutput == "-\(SIGPIPE)\n")
    }

    @Test(arguments: [["pause"], ["resume"], ["rebuild"], ["explain"], ["redis-cli", "--company"]])
    func `a company that is not there is wrong usage of every command`(_ command: [String]) async throws {
        let data = ["--data", TestFolder.path("data")]
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme"] + data)
        let arguments = command + ["initech"] + (command == ["explain"] ? ["1"] : []) + data
        let result = try await Processes.result("tf-daemon", arguments)
        #expect(result.status == .exited(2), "\(result.error)")
        #expect(result.error.contains("there is no company \"initech\"; there is acme\n"))
        #expect(!result.error.contains("Usage"), "it is no mistake in the command itself")
    }

    @Test func `a list without any secret is empty, and says so beside its output`() async throws {
        let data = ["--data", TestFolder.path("data")]
        _ = try await Processes.result("tf-web", ["company", "add", "acme", "--name", "Acme"] + data)
        let list = try await Processes.result("tf-daemon", ["secret", "list", "acme"] + data)
        #expect(list.status == .exited(0))
        #expect(list.output.isEmpty)
        #expect(list.error == "acme has no secrets; tf-daemon secret set acme NAME\n")
        for (command, reason) in [
            (["secret", "remove", "acme", "token"], "acme has no secret token\n"),
            (["secret", "list", "initech"], "there is no company \"initech\"; there is acme\n"),
        ] {
            let result = try await Processes.result("tf-daemon", command + data)
            #expect(result.status == .exited(2))
            #expect(result.error == reason)
        }
    }

    @Test func `a name that is not there ends a command like wrong usage, and is told alone`() async throws {
        let data = ["--data", TestFolder.path("data"), "--definitions", TestFolder.path("workflows")]
        for made in [
            ["company", "add", "acme", "--name", "Acme"], ["role", "add", "acme", "manager"],
            ["user", "add", "etl", "--name", "ETL", "--service"],
        ] { _ = try await Processes.result("tf-web", made + data) }
        let noRole = "Acme has no role \"mannager\"; did you mean \"manager\"?\n"
        let noCompany = "there is no company \"initech\"; make it with: tf-web company add initech --name NAME\n"
        let noUser = "there is no user \"nobody\"; tf-web user list shows all\n"
        for (command, reason) in [
            (["user", "add", "bob", "--name", "Bob", "--service", "--member", "acme:mannager"], noRole),
            (["user", "member", "etl", "acme", "--company-role", "mannager"], noRole),
            (["user", "add", "bob", "--name", "Bob", "--service", "--member", "initech"], noCompany),
            (["role", "add", "initech", "manager"], noCompany), (["user", "disable", "nobody"], noUser),
            (["key", "list", "nobody"], noUser),
            (["user", "member", "etl", "acme", "--remove"], "etl is no member of acme\n"),
            (
                ["key", "revoke", "etl", "nope"],
                "etl has no key \"nope\" in force; tf-web key list etl shows all\n"
            ),
        ] {
            let result = try await Processes.result("tf-web", command + data)
            #expect(result.status == .exited(2), "\(command)")
            #expect(result.error == reason, "\(command)")
        }
        let users = try await Processes.result("tf-web", ["user", "list"] + data)
        #expect(users.output.hasPrefix("etl\t") && !users.output.contains("bob"))
    }

    @Test func `a key and a member that are not there are wrong usage`() async throws {
        let data = ["--data", TestFolder.path("data"), "--definitions", TestFolder.path("workflows")]
        for made in [
            ["company", "add", "acme", "--name", "Acme"],
            ["user", "add", "etl", "--name", "ETL", "--service"],
        ] { _ = try await Processes.result("tf-web", made + data) }
        let file = TestFolder.path("keys", suffix: ".json")
        try "{}".write(toFile: file, atomically: true, encoding: .utf8)
        let hyphen = "-CWWhxs9rxuKdhBbwpAe7yG4BNyN3OzzxeCyJbM5FQY"
        for (command, reason) in [
            (["keys", "revoke", "nope"], "there is no key \"nope\""), (["keys", "revoke", hyphen], "there is no key"),
            (["user", "member", "etl", "acme", "--remove"], "etl is no member of acme"),
            (["token", "verify", "--jwks", file], "\(file) is no set of keys"),
            (["token", "verify", "--jwks", "/nowhere/x"], "cannot read /nowhere/x: No such file or directory"),
        ] {
            let result = try await Processes.result("tf-web", command + data)
            #expect(result.status == .exited(2), "\(command)")
            #expect(result.error.contains(reason), "\(result.error)")
        }
        let soon = try await Processes.result("tf-web", ["keys", "rotate"] + data)
        #expect(soon.status == .exited(0) && soon.output.contains("signs now"))
        #expect(soon.error.contains("servers that keep the keys for 5 minutes may refuse its tokens"), "\(soon.error)")
        let written = try await Processes.result("tf-web", ["keys", "revoke"] + data + ["--", hyphen])
        #expect(written.error.contains("there is no key \"\(hyphen)\""), "\(written.error)")
    }

    @Test(arguments: [
        ("tf-daemon", ["status"]), ("tf-daemon", ["secret", "set"]), ("tf-web", ["user", "list"]), ("tf-web", ["demo"]),
    ])
    func `help says what each exit status means, once`(_ program: String, _ command: [String]) async throws {
        let help = try await Processes.result(program, command + ["--help"])
        #expect(help.output.components(separatedBy: "Exit status").count == 2, "\(help.output)")
    }

    @Test func `the version is told, and output that cannot be written fails`() async throws {
        for program in ["tf-daemon", "tf-web"] {
            let version = try await Processes.result(program, ["--version"])
            #expect(version.status == .exited(0))
            #expect(version.output.contains(/^tf-[a-z]+ 0\.[0-9]+, schema [0-9]+\n$/))
        }
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", "\(Processes.path("tf-daemon")) schema ticket >/dev/full"],
            output: .discarded, error: .string(limit: 4_096))
        #expect(result.terminationStatus == .exited(1))
        #expect(result.standardError == "The output was not written to its end: No space left on device\n")
    }

    @Test(arguments: [
        ([".a + 1", "IN"], 0, "2\n", ""), (["${ [.a, $who] }", "IN", "--arg", "who", "ann"], 0, "[1,\"ann\"]\n", ""),
        (["1, error(\"no\")"], 5, "1\n", "no"), ([".a |"], 3, "", "character"), (["now"], 3, "", "\"now\""),
        (["$who | now"], 3, "", "\"now\""),
        ([".a", "/nowhere"], 2, "", "/nowhere"), ([], 64, "", ""),
        // A minus in front is no option.
        (["-5|length"], 0, "5\n", ""), (["-.a", "IN"], 0, "-1\n", ""), (["-.h |"], 3, "", "character"),
    ])
    func `eval prints each output, and says why and where it failed`(
        _ arguments: [String], _ status: Int32, _ output: String, _ error: String
    ) async throws {
        let file = TestFolder.path("input", suffix: ".json")
        try #"{"a":1}"#.write(toFile: file, atomically: true, encoding: .utf8)
        let result = try await Processes.result("tf-daemon", ["eval"] + arguments.map { $0 == "IN" ? file : $0 })
        #expect(result.status == .exited(status == 64 ? 2 : status))
        #expect(result.output == output)
        #expect(error.isEmpty || result.error.contains(error))
    }

    @Test(arguments: [
        ("do: [ { a: { set: { n: '${ .x + 1 }' } } } ]", "{ }", 0),
        ("do: [ { a: { set: '${ error(1) }' } } ]", "{ }", 3),
        ("do: [ { a: { listen: { to: { one: { with: { type: t } } } } } } ]", "{ }", 4),
        ("do: [ { a: { sett: 1 } } ]", "{ }", 1), ("do: [ { a: { set: '${ 1 }' } } ]", "htp: []", 1),
    ])
    func `simulate ends with what became of the workflow`(_ text: String, _ script: String, _ status: Int32)
        async throws
    {
        let directory = TestFolder.path("simulation")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let workflow = directory + "/w.workflow.yaml"
        try "document: { dsl: '1.0.3', namespace: n, name: w, version: '1.0.0' }\n\(text)\n"
            .write(toFile: workflow, atomically: true, encoding: .utf8)
        for (name, text) in [("in.json", #"{"x":1}"#), ("script.yaml", script)] {
            try text.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        }
        let command = [
            "simulate", workflow, "--input", directory + "/in.json", "--script", directory + "/script.yaml", "--format",
            "json",
        ]
        let result = try await Processes.result("tf-daemon", command)
        #expect(result.status == .exited(status), "\(result.error)")
        if status == 0 { #expect(try JSON(parsing: result.output)["output"] == ["n": 2]) }
        guard status == 1 else { return }
        let told = try JSON(parsing: result.output)
        let problems = told["problems"].arrayValue ?? []
        #expect(told["status"] == "invalid" && problems.contains { $0["suggestion"].stringValue != nil })
    }

    @Test func `a secret is set from standard input, listed by name only, and removed`() async throws {
        let data = TestFolder.path("data")
        func run(_ program: String, _ arguments: String..., input: String = "") async throws -> (Int32, String) {
            let result = try await Processes.result(program, arguments + ["--data", data], input: input)
            guard case .exited(let status) = result.status else { return (-1, "") }
            return (status, result.output)
        }
        #expect(try await run("tf-web", "company", "add", "acme", "--name", "Acme").0 == 0)
        #expect(try await run("tf-daemon", "secret", "set", "acme", "token", input: "s3cret\n").0 == 0)
        let list = try await run("tf-daemon", "secret", "list", "acme")
        #expect(list.0 == 0)
        #expect(list.1.contains("token"))
        #expect(!list.1.contains("s3cret"))
        #expect(try await run("tf-daemon", "secret", "set", "nobody", "token", input: "x").0 != 0)
        #expect(try await run("tf-daemon", "secret", "remove", "acme", "token").0 == 0)
        #expect(try await run("tf-daemon", "secret", "remove", "acme", "token").0 != 0)
        let store = try #require(FileManager.default.contents(atPath: data + "/store.db"))
        #expect(store.range(of: Data("s3cret".utf8)) == nil)
    }

    @Test(arguments: [
        ("tf-web", ["user", "list"], 1), ("tf-web", ["user", "export", "bob"], 1), ("tf-web", ["keys", "list"], 1),
        ("tf-web", ["key", "list", "etl"], 1), ("tf-web", ["token", "verify"], 2),
        ("tf-daemon", ["secret", "list", "acme"], 1),
        ("tf-daemon", ["metrics-token", "remove"], 1), ("tf-daemon", ["pause", "acme"], 1),
    ])
    func `a command for a site that is there makes none in a mistyped directory`(
        _ program: String, _ command: [String], _ status: Int32
    ) async throws {
        let data = TestFolder.path("data")
        let result = try await Processes.result(program, command + ["--data", data], input: "x")
        #expect(result.status == .exited(status), "\(result.error)")
        #expect(result.error.contains(data), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test func `programs do without keys that are lost only when somebody says so`() async throws {
        let data = TestFolder.path("data")
        let settings = ["--data", data, "--http-bind", "127.0.0.1:1"]
        let company = try await Processes.result(
            "tf-web", ["company", "add", "acme", "--name", "Acme", "--data", data])
        #expect(company.status == .exited(0), "\(company.error)")
        let set = try await Processes.result(
            "tf-daemon", ["secret", "set", "acme", "token", "--data", data], input: "s3cret")
        #expect(set.status == .exited(0), "\(set.error)")
        try FileManager.default.removeItem(atPath: data + "/keys")
        for command in [["run"], ["secret", "set", "acme", "other"]] {
            let refused = try await Processes.result("tf-daemon", command + settings, input: "x")
            #expect(refused.status == .exited(1))
            #expect(refused.error.contains("\(data)/keys/secrets.key is missing"), "\(refused.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: data + "/keys/secrets.key"))
        let remove = try await Processes.result("tf-daemon", ["secret", "remove", "acme", "token", "--data", data])
        #expect(remove.status == .exited(0), "\(remove.error)")
        let again = try await Processes.result(
            "tf-daemon", ["secret", "set", "acme", "token", "--data", data], input: "s3cret")
        #expect(again.status == .exited(0), "\(again.error)")
        // No key of the pages is lost here: nobody has used one.
        let asked = try await Processes.result("tf-web", ["keys", "renew", "--data", data])
        #expect(asked.status == .exited(2) && asked.error.contains("--yes"), "\(asked.error)")
        #expect(try await Processes.status("tf-web", ["keys", "renew", "--yes", "--data", data]) == .exited(0))
        #expect(try await Processes.status("tf-web", ["keys", "renew", "--yes", "--data", data]) == .exited(2))
    }

    @Test func `check is 0 for files in order and 1 for errors`() async throws {
        let file = TestFolder.path("look", suffix: ".task.yaml")
        try "task: look\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await Processes.status("tf-daemon", ["check", file]) == .exited(0))
        try "task: look\nassing: {}\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await Processes.status("tf-daemon", ["check", file]) == .exited(1))
    }
}
