import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFEngine
import TFExpression

struct SimulateCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Run a workflow to its end in virtual time, as a dry run.",
        discussion: """
            The same engine as the daemon's, with no Redis, no store and no network: the script answers for people, \
            programs and servers, and hours go by in no time. Without a script nobody answers.

            WORKFLOW.yaml may have any namespace. --definitions is one company's folder: calls find their tasks and \
            `run: workflow` its workflows there. Without it, a call of a task that the script answers is accepted, and any \
            other is an error.

            With --definitions, the workflow and the ticket's type are checked against them, as `tf-daemon check` does, \
            and answers as the daemon checks them: outcomes, the task's form, who is asked and whom the workflow \
            excludes. People and files that answers name are taken to be there.

            The input is --input, a JSON or YAML file or - for standard input; or a ticket of the type TICKET.yaml with \
            the answers of --form, a JSON object.

            SCRIPT.yaml:
              now: 2026-01-05T09:00:00Z   # its zone, Z or +01:00, is that of all days and times
              http:                       # the first that matches; an unmatched request fails with communication 503
                - match: { method: GET, url: "https://example.com/pets*" }
                  respond: { status: 200, body: { id: 1 } }
                  times: 1
              tasks:                      # answers in order, by the task definition's name
                approve:
                  - { after: PT1H, by: bob, output: { outcome: approve } }
                  - { fail: { title: "printer on fire", status: 500 } }
                  - { after: P2D, unanswered: true }   # nobody answers, and a deadline passes
                                          # with validate: false, an outcome alone will do where the form asks for more
              events:
                - { after: PT5M, event: { type: com.acme.paid, data: { id: 1 } } }
              secrets: { token: abc }
              workflows: [ other.workflow.yaml ]

            --format json prints one object: status, output, error, elapsed, trace, emitted. An entry "uncomputed" of the \
            trace tells why the ticket's title or priority has its default. With --ask also: \
            questions, the tasks that wait for an answer which the script does not have; next, when something happens \
            without one; ticket. If a file has errors: status, which is "invalid", and problems, each with file, line, \
            column, severity, message and suggestion.

            A run ends as faulted, with the title "The dry run was stopped", after \(Simulation.limitSteps) steps, or \
            \(Simulation.limitEntries) entries of the trace.

            Exit status: 0 completed, 3 faulted, 4 still waiting when nothing is scripted any more, 5 cancelled, \
            1 the definition has errors, 2 wrong usage.
            """)

    @Argument(help: ArgumentHelp("The workflow.", valueName: "WORKFLOW.yaml")) var workflow: String

    @Option(help: ArgumentHelp("One company's folder of definitions.", valueName: "DIR")) var definitions: String?

    @Option(help: ArgumentHelp("The workflow's input; - for standard input.", valueName: "FILE")) var input: String?

    @Option(help: ArgumentHelp("The type of ticket that starts it.", valueName: "TICKET.yaml")) var ticket: String?

    @Option(help: ArgumentHelp("The answers of the ticket's form.", valueName: "FILE")) var form: String?

    @Option(help: ArgumentHelp("What the world answers.", valueName: "SCRIPT.yaml")) var script: String?

    @Option(help: "text or json.") var format = Format.text

    @Flag(help: "Stop where a task waits for an answer that the script does not have; time does not go on.")
    var ask = false

    func run() throws {
        var scenario = SimulationFiles()
        let result: SimulationResult
        do {
            if input != nil, ticket != nil {
                throw SimulationFiles.Failure.usage("--input and --ticket exclude each other")
            }
            if form != nil, ticket == nil { throw SimulationFiles.Failure.usage("--form goes with --ticket") }
            if let script { try scenario.readScript(script) }
            if let definitions { try scenario.readLibrary(definitions) }
            try scenario.readWorkflow(workflow)
            if let input { try scenario.readInput(input) }
            if let ticket { try scenario.readTicket(ticket, form: form) }
            result = try scenario.run(isAsking: ask)
        } catch SimulationFiles.Failure.usage(let message) {
            // A message may hold the name of a file, which may hold control characters.
            StandardError.write("tf-daemon simulate: \(message)".onOneLine + "\n")
            throw ExitCode(2)
        } catch SimulationFiles.Failure.problems(let problems) {
            printOut(problems)
            throw ExitCode(1)
        }
        switch format {
        case .json: print((ask ? result.jsonWithQuestions : result.json).text.jsonForTerminals)
        case .text: printText(result)
        }
        switch result.status {
        case .completed: break
        case .faulted: throw ExitCode(3)
        case .waiting: throw ExitCode(4)
        case .cancelled: throw ExitCode(5)
        }
    }

    private func printOut(_ problems: [Diagnostic]) {
        switch format {
        case .json:
            let object: JSON = ["status": "invalid", "problems": .array(problems.map(\.json))]
            print(object.text.jsonForTerminals)
        case .text: for problem in problems { print("\(problem)".onOneLine) }
        }
    }

    private func printText(_ result: SimulationResult) {
        for entry in result.trace {
            let what =
                if entry.event == HistoryKind.uncomputed.rawValue {
                    "\(entry.name): \(entry.reason ?? "")"
                } else {
                    entry.task.isEmpty ? "the workflow" : "\(entry.name)  \(entry.task)"
                }
            let event = entry.event.padding(toLength: 10, withPad: " ", startingAt: 0)
            print("\(entry.moment)  \(event)  \(what.onOneLine)")
        }
        for event in result.emitted { print("emitted \(event.text.jsonForTerminals)") }
        print("\(result.status.rawValue) after \(result.elapsedText)")
        if let error = result.error {
            print("error \(error.status) \(error.title) at \(error.instance)".onOneLine)
            print("  \(error.type.onOneLine)")
            if let detail = error.detail { print("  \(detail.onOneLine)") }
        } else if result.status == .completed {
            print(result.output.prettyText.jsonForTerminals)
        }
        for step in result.waiting { print("waits at \(step)".onOneLine) }
    }
}
