import ArgumentParser
import TFConfiguration
import TFExpression
import TFStore

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell where a ticket is, what it waits for, who has it and why.",
        discussion: """
            The workflow's position with its timers, and every open task with the decision that gave it to somebody, its \
            lease and its tries. Reads the store alone. Exit status: 0; 1 there is no such company or ticket.
            """)

    @Argument(help: "The company's slug.") var company: String
    @Argument(help: "The ticket's number.") var number: Int
    @Flag(help: "Tell of tasks that are over too.") var all = false
    @OptionGroup var options: SettingOptions

    func run() async throws {
        try await withStore(Settings.read(options)) { store in
            let found = try await knownCompany(company, in: store)
            guard let ticket = try await store.read({ try $0.ticket(found.id, number: number) }) else {
                try fail("\(company) has no ticket \(number)")
            }
            let explanation = TicketExplanation(
                ticket: ticket, instances: try await store.read { try $0.instances(ticket: ticket.id) },
                tasks: try await store.read { try $0.tasks(ticket: ticket.id) }.filter { all || $0.state.isOpen },
                isPaused: try await store.read { try $0.pausedCompanies() }.contains(found.id), now: WallClock.now())
            print(explanation.text)
        }
    }
}
