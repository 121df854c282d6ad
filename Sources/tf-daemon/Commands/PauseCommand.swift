import ArgumentParser
import TFConfiguration
import TFStore

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stop assigning a company's tasks.",
        discussion: """
            Tickets are accepted, workflows run, and people go on with the tasks they have. New tasks, also those for \
            somebody by name, wait unassigned until `tf-daemon resume`; assigning by hand and claiming still work.

            Exit status: 0 done or paused already, 1 it could not be done, 2 wrong usage, or there is no such company.
            """)

    @Argument(help: "The company's slug.") var company: String
    @OptionGroup var options: SettingOptions

    func run() async throws {
        try await withStore(Settings.read(options)) { store in
            let record = try await knownCompany(company, in: store)
            let isNew = try await store.write(in: record.id) { try $0.setPaused(true, now: WallClock.now()) }
            print("\(company): assignment is \(isNew ? "paused" : "paused already")")
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on assigning a company's tasks.",
        discussion: """
            Tasks that waited are assigned in the order of priority, due date and age.

            Exit status: 0 done or not paused, 1 it could not be done, 2 wrong usage, or there is no such company.
            """)

    @Argument(help: "The company's slug.") var company: String
    @OptionGroup var options: SettingOptions

    func run() async throws {
        try await withStore(Settings.read(options)) { store in
            let record = try await knownCompany(company, in: store)
            let isNew = try await store.write(in: record.id) { try $0.setPaused(false, now: WallClock.now()) }
            print("\(company): assignment \(isNew ? "goes on" : "was not paused")")
        }
    }
}
