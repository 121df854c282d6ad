import Foundation
import Subprocess
import TestSupport
import Testing

/// Accounts from a table, by the real program.
@Suite struct AccountImportTests {
    private let data = TestFolder.path("data")

    private func run(_ arguments: String..., input: String = "") async throws -> (TerminationStatus, String, String) {
        let result = try await Processes.result("tf-web", arguments + ["--data", data], input: input)
        return (result.status, result.output, result.error)
    }

    private func makeCompanies() async throws {
        for slug in ["acme", "globex"] {
            #expect(try await run("company", "add", slug, "--name", slug).0 == .exited(0))
        }
        for role in ["manager", "staff"] { #expect(try await run("role", "add", "acme", role).0 == .exited(0)) }
    }

    private static let table = """
        login,name,email,roles,memberships\r
        bob,"Berger, Bob",bob@example.org,task_worker user,acme:manager:staff globex\r
        \r
        etl,"ETL ""nightly\"""\r
        uma,Uma Ücker,,user,acme\r

        """

    @Test func `a try in a mistyped directory says so, and makes nothing there`() async throws {
        for tried in [
            try await run("user", "import", "-", "--dry-run", input: Self.table),
            try await run("user", "erase", "bob", "--preview"),
            // Companies are there only where there is a site.
            try await run("user", "import", "-", input: Self.table),
            try await run("user", "add", "bob", "--name", "Bob", "--member", "acme", "--invite"),
        ] {
            #expect(tried.0 == .exited(1))
            #expect(tried.2.contains("there is no store in \(data)"), "\(tried.2)")
            #expect(!FileManager.default.fileExists(atPath: data))
        }
        #expect(try await run("user", "import", data + ".csv").0 == .exited(2), "the table is not there")
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test func `a table is tried without a trace, made as a whole, and may be imported again`() async throws {
        try await makeCompanies()
        let tried = try await run("user", "import", "-", "--dry-run", input: Self.table)
        #expect(tried.0 == .exited(0))
        #expect(tried.1.contains("would make bob (Berger, Bob): task_worker,user; acme:manager:staff globex\n"))
        #expect(tried.2 == "3 accounts would be made\n")
        #expect(try await run("user", "list").1.isEmpty)

        let made = try await run("user", "import", "-", "--invite", input: Self.table)
        #expect(made.0 == .exited(0))
        #expect(made.1.contains(/bob\thttp:\/\/localhost:8080\//))
        let list = try await run("user", "list").1
        #expect(list.contains("bob\tBerger, Bob\tperson\tactive\ttask_worker,user\tacme:manager:staff globex\n"))
        #expect(list.contains("etl\tETL \"nightly\"\tperson"))
        #expect(list.contains("uma\tUma Ücker\tperson\tactive\tuser\tacme\n"))

        let plain = try await run("user", "import", "-", input: "login,name\nyan,Yan Ö\nbob,Bob\n")
        #expect(plain.1 == "made yan (Yan Ö)\n")
        #expect(plain.2 == "1 account made, 1 was there already\n")

        let again = try await run("user", "import", "-", input: Self.table)
        #expect(again.0 == .exited(0))
        #expect(again.2 == "0 accounts made, 3 were there already\n")
    }

    @Test func `a file that is no table says why, and where`() async throws {
        try await makeCompanies()
        let file = TestFolder.path("table", suffix: ".csv")
        let missing = try await run("user", "import", file)
        #expect(missing.0 == .exited(2))
        #expect(missing.2.contains("cannot read \(file): No such file or directory"), "\(missing.2)")
        let latin = Array("login,name\nbob,Bob\numa,".utf8) + [0xDC] + Array("cker\n".utf8)
        try Data(latin).write(to: URL(fileURLWithPath: file))
        let foreign = try await run("user", "import", file)
        #expect(foreign.0 == .exited(1))
        #expect(foreign.2 == "line 3: a character is not in UTF-8; save the table as \"CSV UTF-8\"\n")
        try Data(repeating: UInt8(ascii: "x"), count: (8 << 20) + 1).write(to: URL(fileURLWithPath: file))
        let large = try await run("user", "import", file)
        #expect(large.0 == .exited(1))
        #expect(large.2.hasPrefix("the table is above 8 MiB; import it in parts"), "\(large.2)")
    }

    @Test func `an account that cannot be made as a whole is not made`() async throws {
        try await makeCompanies()
        for (more, status, reason) in [
            (["--name", "Eve", "--member", "acme:manager", "--member", "globex:nope", "--invite"], Int32(2), "nope"),
            (["--name", "Eve", "--service", "--invite"], 2, "exclude each other"),
            (["--name", "Eve", "--password-stdin", "--invite"], 2, "exclude each other"),
            (["--name", " ", "--invite"], 2, "eve needs a name"),
        ] {
            let result = try await Processes.result(
                "tf-web", ["user", "add", "eve", "--role", "task_worker", "--data", data] + more)
            #expect(result.status == .exited(status), "\(more)")
            #expect(result.error.contains(reason), "\(result.error)")
        }
        let company = try await run("company", "add", "initech", "--name", "")
        #expect(company.0 == .exited(2) && company.2.contains("initech needs a name"), "\(company.2)")
        #expect(try await run("user", "list").1.isEmpty)
        let whole = try await run("user", "add", "eve", "--name", "Eve", "--member", "acme:manager", "--invite")
        #expect(whole.0 == .exited(0) && whole.1.contains("/invite/"), "\(whole.2)")
        let line = "eve\tEve\tperson\tactive\t\tacme:manager\n"
        #expect(try await run("user", "list").1.contains(line))
        #expect(try await run("user", "disable", "eve").1 == "user eve is disabled\n")
        #expect(try await run("user", "list").1.contains("eve\tEve\tperson\tdisabled"))
        #expect(try await run("user", "enable", "eve").1 == "user eve is enabled\n")
        #expect(try await run("user", "list").1.contains(line))
    }

    @Test(arguments: [
        ("login,name\nbob,Bob\nno login,X\nbob,Bob\n", ["line 3: ", "line 4: bob is in line 2 already"]),
        ("login,name,memberships\nbob,Bob,initech\neve,Eve,acme:king\n", ["line 2: there is no company", "line 3: "]),
        // What the text says and what the store says of it, together and in order.
        (
            "login,name,memberships\nbob,Bob,initech\nno login,X,\neve,Eve,acme:king\n",
            ["line 2: there is no company \"initech\"\nline 3: ", "\nline 4: "]
        ),
        // All that is wrong with a line, not the first of it.
        (
            "login,name,email,roles\nno login,,nowhere,god\n",
            ["line 2: \"no login\"", "line 2: no login has no name", "line 2: \"nowhere\"", "line 2: \"god\""]
        ),
        // Also what only the store knows of a line that cannot be an account.
        (
            "login,name,email,memberships\nbob,Bob,nowhere,initech acme:king\n",
            ["line 2: \"nowhere\"", "line 2: there is no company \"initech\"", "line 2: acme has no role \"king\""]
        ),
        ("login,name,memberships\nbob,Bob,initech umbrella\n", ["\"initech\"", "\"umbrella\""]),
        ("login,name,roles\nbob,Bob,god\n", ["line 2: \"god\" is no system role; "]),
        ("login,name,email\nbob,Bob,nowhere\n", ["line 2: \"nowhere\" is no e-mail address"]),
        ("login,name\nbob,\"Bob\n", ["line 2: a quote without its end"]),
        ("login;nme\nbob;Bob\n", ["line 1: \"nme\" is no column"]), ("", ["no rows"]),
        ("login,name\nbob,Bob,more\n", ["line 2: more fields than columns"]),
    ])
    func `every problem is told with its line, and nothing is made`(_ table: String, _ problems: [String])
        async throws
    {
        try await makeCompanies()
        let result = try await run("user", "import", "-", input: table)
        #expect(result.0 == .exited(1))
        for problem in problems { #expect(result.2.contains(problem), "\(result.2)") }
        #expect(try await run("user", "list").1.isEmpty)
    }
}
