import Foundation
import TFExpression
import TestSupport
import Testing

/// Texts that steer what shows them: the terminal of an operator, and the spreadsheet of whoever opens a list.
@Suite(.serialized) struct TerminalAttackTests {
    /// Clears the screen, names the window, turns the direction of writing, begins a line of its own; in C0 and in C1.
    private static let steering = "\u{1B}[2J\u{1B}]0;pwned\u{7}\u{9B}31m\u{202E}\u{85}\rroot logged in"
    /// The same as a jq string in a definition, which itself holds none of these.
    private static let written = #"\u001b[2J\u001b]0;pwned\u0007\u009b31m\u202e\u0085\rroot logged in"#

    /// What anybody with an account for it may have written, and a name of a file which nobody has to have written.
    private static func drop(_ processes: Processes) throws {
        let acme = "\(processes.directory)/workflows/acme"
        let files = [
            "steer.ticket.yaml": "name: Steer\ndescription: D\nworkflow: steer\nbody: [ \(field) ]\n",
            "steer.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: steer, version: '1.0.0' }
            do:
              - work: { call: steer, with: { assign: { person: '${ "\(written)" }' } } }
            """,
            "steer.task.yaml": "title: '${ \"\(written)\" }'\nassign: { strategy: person, person: nobody }\n",
            "fails.ticket.yaml": "name: Fails\ndescription: D\nworkflow: fails\nbody: [ \(field) ]\n",
            "fails.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: fails, version: '1.0.0' }
            do:
              - say: { call: ticket-update, with: { status: '${ "\(written)" }' } }
              - fail: { raise: { error: { type: 'https://x.example/e', status: 500, title: '${ "\(written)" }' } } }
            """,
            "broken\(steering.replacing("\r", with: "")).task.yaml": "task: look\n\"\\e[31m\(written)\": 1\n",
        ]
        for (name, text) in files {
            try text.write(toFile: "\(acme)/\(name)", atomically: false, encoding: .utf8)
        }
        let folder = "\(processes.directory)/workflows/\u{1B}[31m\u{9B}2J"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try files["steer.task.yaml"]?.write(toFile: "\(folder)/x.task.yaml", atomically: true, encoding: .utf8)
    }

    private static let field = "{ type: input, id: a, attributes: { label: A } }"

    /// No control character but the line's end and the tab, no mark that turns the text: what a terminal just shows.
    private static func steers(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            if scalar == "\n" || scalar == "\t" { return false }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: return true
            default: return false
            }
        }
    }

    @Test func `what people, programs and files are called steers no operator's terminal`() async throws {
        // As on a terminal: lines of text. Everything is logged that is logged anywhere.
        try await Processes.with(environment: ["TF_LOG_FORMAT": "text"], logLevel: "trace") { processes in
            try Self.drop(processes)
            let ada = try await Attacker(processes.address, login: "ada")
            let uma = try await Attacker(processes.address, login: "uma")
            let raw: JSON = ["login": "eve", "name": .string(Self.steering), "roles": ["user"]]
            #expect(try await ada.send(.POST, "/api/v1/users", raw).status == 422)
            let account: JSON = ["login": "eve", "name": .string(Self.title), "roles": ["user"]]
            #expect(try await ada.send(.POST, "/api/v1/users", account).status == 201)
            _ = try await Attacker(processes.address).signIn(Self.steering, "wrong")
            _ = try await processes.run("tf-web", ["user", "add", "etl", "--name", "E", "--service"])
            _ = try await processes.run("tf-web", ["key", "add", "etl", "--name", Self.title])
            for (number, type) in ["steer", "fails"].enumerated() {
                let ticket: JSON = ["type": .string(type), "title": .string(Self.title), "form": ["a": "x"]]
                _ = try await eventually("\(type) is offered") {
                    let answer = try await uma.send(.POST, "/api/v1/companies/acme/tickets", ticket)
                    return answer.status == 201 ? true : nil
                }
                _ = try await eventually("the daemon has come to it") {
                    let text = try await processes.run("tf-daemon", ["explain", "acme", "\(number + 1)"])
                    return text.contains("pwned") && text.contains(type == "steer" ? "nobody has it" : "failed:")
                        ? true : nil
                }
            }
            try await Self.expectPlainCommands(processes)
            try await Self.expectPlainSimulations(processes)
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            #expect(log.contains("root logged in"), "it was written")
            for line in log.split(separator: "\n") { #expect(!Self.steers(String(line)), "\(line)") }
            #expect(!log.split(separator: "\n").contains { $0.hasPrefix("root logged in") })
        }
    }

    /// What a name or a title takes of it: marks that names in some languages need.
    private static let title = "\u{200F}pwned\u{200D}\u{200E} root logged in"

    @Test(arguments: [
        ("tf-daemon", ["check"]), ("tf-daemon", ["explain", "1"]), ("tf-daemon", ["--http-bind"]),
        ("tf-daemon", ["--x"]),
        ("tf-web", ["--http-bind"]), ("tf-web", ["role", "add", "acme"]), ("tf-web", ["user", "add", "--name", "N"]),
    ])
    func `what a command is given and refuses steers no terminal`(_ program: String, _ command: [String]) async throws {
        let data = TestFolder.path("data")
        let given = "--data=\(data)"
        let result = try await Processes.result(program, command + [Self.steering + "\nfake", given])
        #expect(result.status != .exited(0))
        #expect(!result.error.isEmpty)
        #expect(!Self.steers(result.output + result.error), "\(result.error.debugDescription)")
        #expect(!result.error.split(separator: "\n").contains { $0.hasPrefix("fake") }, "\(result.error)")
    }

    private static func expectPlainCommands(_ processes: Processes) async throws {
        let commands: [(program: String, command: [String])] = [
            ("tf-daemon", ["explain", "acme", "1"]), ("tf-daemon", ["explain", "acme", "2", "--all"]),
            ("tf-daemon", ["status"]), ("tf-daemon", ["status", "--json"]), ("tf-daemon", ["check"]),
            ("tf-daemon", ["check", "--format", "json"]), ("tf-web", ["user", "list"]),
            ("tf-web", ["key", "list", "etl"]),
        ]
        for (program, command) in commands {
            let output = try await processes.run(program, command)
            #expect(output.contains("pwned"), "\(command) says it")
            #expect(!steers(output), "\(command): \(output.debugDescription)")
        }
    }

    /// Dry runs and expressions print what is computed; what fails goes to standard error.
    private static func expectPlainSimulations(_ processes: Processes) async throws {
        let acme = "\(processes.directory)/workflows/acme"
        let simulate = ["simulate", "\(acme)/fails.workflow.yaml"]
        for command in [
            simulate, simulate + ["--format", "json"], simulate + ["--definitions", acme],
            ["eval", "\"\(written)\""], ["eval", "error(\"\(written)\")"], ["eval", "\"\(steering)\" | nope"],
        ] {
            let result = try await Processes.result("tf-daemon", command)
            #expect((result.output + result.error).contains("pwned"), "\(command)")
            #expect(!steers(result.output), "\(command): \(result.output.debugDescription)")
            #expect(!steers(result.error), "\(command): \(result.error.debugDescription)")
        }
    }

    // MARK: Spreadsheets

    /// Titles that some spreadsheet takes for a formula, or for a cell and then a formula.
    private static let formulas = [
        "=1+1", "+1+1", "-1+cmd|'/c calc'!A0", "@SUM(1)", " =1+1", "\"=1+1", "\u{200B}=1+1", "\u{FEFF}=1+1",
        "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "﹢1+1", "﹣1", "﹦1", "﹫SUM(1)", "⁺1", "⁼1", "\u{2212}1",
        "x;=1+1", "x;\"=1+1", "x; ＝1+1", "x\t=1+1", "x,\"\"=1",
    ]

    @Test func `no title is a formula in a spreadsheet, whatever ends a cell there`() async throws {
        try await Processes.with { processes in
            let type = "name: Words\ndescription: D\nbody: [ \(Self.field) ]\n"
            try type.write(
                toFile: "\(processes.directory)/workflows/acme/words.ticket.yaml", atomically: true, encoding: .utf8)
            let tom = try await Attacker(processes.address, login: "tom")
            let path = "/api/v1/companies/acme"
            _ = try await eventually("words are offered") {
                try await tom.get("\(path)/ticket-types/words").status == 200 ? true : nil
            }
            var stored = 0
            for title in Self.formulas {
                let ticket: JSON = ["type": "words", "title": .string(title), "form": ["a": "x"]]
                // One that is refused reaches no list.
                if try await tom.send(.POST, "\(path)/tickets", ticket).status == 201 { stored += 1 }
            }
            #expect(stored > 15)
            _ = try await eventually("all have their task") {
                try await tom.get("\(path)/tasks?limit=200").json["items"].arrayValue?.count == stored ? true : nil
            }
            for list in ["tickets", "tasks"] {
                let file = try await tom.get("\(path)/\(list)?format=csv&limit=200")
                #expect(file.text.lowercased().contains("content-type: text/csv"))
                #expect(file.body.contains("SUM"))
                for cell in Self.cells(file.body) { #expect(!Self.isFormula(cell), "\(cell.debugDescription)") }
            }
        }
    }

    /// The cells of a file as spreadsheets of different countries have them: by commas with quotes, and by semicolons and
    /// tabs, where a quote within a line protects nothing.
    private static func cells(_ file: String) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        for scalar in file.unicodeScalars {
            if scalar == "\"" { isQuoted.toggle() }
            if !isQuoted, scalar == "," || scalar == "\n" || scalar == "\r" {
                cells.append(cell)
                cell = ""
            } else {
                cell.unicodeScalars.append(scalar)
            }
        }
        let others = file.unicodeScalars.split { $0 == ";" || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        return cells + [cell] + others.map { String($0) }
    }

    private static func isFormula(_ cell: String) -> Bool {
        let start = cell.unicodeScalars.drop { $0 == "\"" || $0.properties.isWhitespace || $0.value == 0xFEFF }
            .drop { $0.properties.isDefaultIgnorableCodePoint }
        guard let first = start.first else { return false }
        let plain = String(first).decomposedStringWithCompatibilityMapping.unicodeScalars.first ?? first
        return "=+-@\u{2212}".unicodeScalars.contains(plain)
    }
}
