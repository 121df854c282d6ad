import ArgumentParser
import TFConfiguration
import TFExpression
import TFStore

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell where a ticket is, what it waits for, who has it and why.",
        discussion: """
            Shows the step that each workflow of the ticket is at, with its timers, and every open task with the decision \
            that chose its worker, its lease and its tries. It reads the store and needs no running daemon.

            Example:
              tf-daemon explain acme 42

            Exit status: 0 shown, 1 there is no such ticket, 2 wrong usage, or there is no such company.
            """)

    @Argument(help: "The company's slug.") var company: String
    @Argument(help: "The ticket's number.") var number: Int
    @Flag(help: "Show tasks that are over too.") var all = false
    @OptionGroup var options: SettingOptions

    func run() async throws {
        try await withStore(Settings.read(options), onlyReading: true) { store in
            let record = try await knownCompany(company, in: store)
            guard let ticket = try await store.read(in: record.id, { try $0.ticket(number: number) }) else {
                try fail("\(company) has no ticket \(number)")
            }
            let explanation = TicketExplanation(
                company: record.slug, ticket: ticket,
                instances: try await store.read(in: record.id) { try $0.instances(ticket: ticket.id) },
                tasks: try await store.read(in: record.id) { try $0.tasks(ticket: ticket.id) }.filter {
                    all || $0.state.isOpen
                },
                isPaused: try await store.read { try $0.pausedCompanies() }.contains(record.id), now: WallClock.now())
            print(explanation.text)
        }
    }
}
