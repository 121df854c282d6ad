import Foundation
import NIOPosix
import Subprocess
import TFConfiguration
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// Runs a workflow with `tf-daemon simulate` in its own process, with limits on time, memory and output.
struct DryRun: Sendable {
    enum Failure: Error {
        /// The command failed; its message.
        case refused(String)
        /// The person already has a run in progress (`isOwn`), or the site has the maximum number of runs.
        case noSlot(isOwn: Bool)
    }

    private static let limits = ProcessLimits(processorSeconds: 10, kilobytes: 4_000_000, patience: .seconds(60))

    /// The program that runs workflows dry.
    struct Program: Sendable {
        var path = Program.daemon
        /// How much it may print: a page shows all of it.
        var outputBytes = 8 << 20

        /// The daemon's program, which is installed in the same directory as this one.
        private static let daemon: String = {
            let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "tf-web"
            return own.parentPath + "/tf-daemon"
        }()
    }

    let site: Site
    /// The account that asked for the run.
    let person: AccountID

    /// The text of a definition, and what its file is called, which may name it.
    struct Text: Sendable {
        let file: String
        let source: String
    }

    /// The input of a run.
    struct Scenario: Sendable {
        /// The workflow's name and text.
        let name: String
        let source: String
        /// The other definitions that it needs, and against which it is checked.
        let others: [Text]
        /// The ticket type that starts it, with the answers of its form.
        var ticket: (type: Text, answers: JSON)?
        var script: JSON
    }

    /// - Returns: the object that `simulate --format json` prints of a run.
    /// - Throws: `Failure`; `CancellationError` if the task is cancelled, which also ends the process.
    func run(_ scenario: Scenario) async throws -> JSON {
        try await site.dryRuns.withSlot(for: person) { try await runNow(scenario) }
    }

    private func runNow(_ scenario: Scenario) async throws -> JSON {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tf-dry-run-\(Random.name())")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // else the system cleans it up
        // A company may have hundreds of definitions.
        let arguments = try await NIOThreadPool.singleton.runIfActive { try Self.files(of: scenario, in: folder) }
        return try await run(arguments, folder)
    }

    /// Writes the files of a run.
    /// - Returns: the arguments of the program that runs them.
    private static func files(of scenario: Scenario, in folder: String) throws -> [String] {
        // It holds what people typed, so only the owner may read it.
        try PrivateFile.makeDirectory(folder + "/definitions")
        func write(_ name: String, _ text: String) throws -> String {
            let path = "\(folder)/\(name)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
        // Each in a folder of its own: files of one company may have one name in several folders.
        func add(_ text: Text, in place: String) throws -> String {
            try PrivateFile.makeDirectory("\(folder)/definitions/\(place)")
            return try write("definitions/\(place)/\(text.file)", text.source)
        }
        for (number, other) in scenario.others.enumerated() { _ = try add(other, in: "\(number)") }
        var arguments = [
            "simulate", try write("\(scenario.name).workflow.yaml", scenario.source),
            "--definitions", folder + "/definitions", "--script", try write("script.yaml", scenario.script.text),
            "--format", "json", "--ask",
        ]
        if let ticket = scenario.ticket {
            arguments += [
                "--ticket", try add(ticket.type, in: "ticket"), "--form", try write("form.json", ticket.answers.text),
            ]
        }
        return arguments
    }

    private func run(_ arguments: [String], _ folder: String) async throws -> JSON {
        do { return try await printed(arguments, folder) } catch let error as SubprocessError
            where error.code == .outputLimitExceeded
        {
            throw Failure.refused(
                "it printed more than a page can show. Let its loops end sooner, or its steps put out less; tf-daemon simulate shows all of it"
            )
        }
    }

    private func printed(_ arguments: [String], _ folder: String) async throws -> JSON {
        let program = site.dryRunProgram
        let result = try await Self.limits.run {
            try await Descriptors.startingProcess {
                try await Subprocess.run(
                    .path("/bin/sh"), arguments: .init(Self.limits.shellArguments(program.path, arguments)),
                    output: .string(limit: program.outputBytes), error: .string(limit: 65_536))
            }
        }
        // A process that was ended by cancellation prints nothing.
        try Task.checkCancellation()
        if case .exited(let code)? = result?.terminationStatus, ProcessLimits.noProgram.contains(code) {
            site.logger.error("dry runs cannot be started", metadata: ["program": "\(program.path)"])
            throw Failure.refused("the program that makes it cannot be started; tell those who run the site")
        }
        let output = result?.standardOutput ?? ""
        var said = output + (result?.standardError ?? "")
        // Otherwise the output is an error message.
        if let json = try? JSON(parsing: output) {
            guard json["status"] == "invalid" else { return json }
            let problems = (json["problems"].arrayValue ?? []).compactMap { Diagnostic(json: $0) }
            said = problems.map(\.description).joined(separator: "\n")
        }
        said = said.replacing(folder + "/", with: "")
        throw Failure.refused(
            said.isEmpty
                ? "it took more time or memory than a dry run may"
                : said.split(separator: "\n").map(Self.told).joined(separator: "\n"))
    }

    /// A line of the command as a person knows the files: the script is made here of what was typed and chosen, so that
    /// nobody has it, and the definitions are in other folders.
    private static func told(_ line: Substring) -> Substring {
        if line.hasPrefix("script.yaml:") {
            return line.split(separator: " ", maxSplits: 2).last ?? line  // behind "script.yaml:1:47:" and "error:"
        }
        guard line.hasPrefix("definitions/") else { return line }
        return line.split(separator: "/", maxSplits: 2).last ?? line  // behind "definitions" and its number
    }
}
