import ArgumentParser
import Glibc
import TFConfiguration
import TFQueue
import TFStore

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch queues, workers and the outbox on the terminal.",
        discussion: """
            Shows the daemon, Redis, the outbox, the engine's steps and requests, the sizes of store, log and disk, each \
            company with its open tasks and the oldest of them, and the lists of one company as bars, drawn anew every \
            --interval seconds. Without a terminal it prints one picture and ends.

            Keys: up and down, or 1 to 9, choose the company; p stops assigning its tasks, r goes on with it (as \
            `tf-daemon pause` and `resume` do, noted in the audit log); q ends.

            Exit status: 0 ended by a key, 1 there is no store, 2 wrong usage.
            """)

    /// How often keys are looked for.
    private static let look = Duration.milliseconds(50)

    @Option(help: ArgumentHelp("Seconds between two pictures, 1 to 60.", valueName: "seconds")) var interval = 2

    @OptionGroup var options: SettingOptions

    func validate() throws {
        guard (1...60).contains(interval) else { throw ValidationError("--interval is 1 to 60 seconds") }
    }

    func run() async throws {
        let settings = try Settings.read(options)
        var logger = settings.logger("tf-daemon top")
        // Lines of a log would cross the picture.
        logger.logLevel = .critical
        let servers = QueueServers(settings.redis, logger: logger)
        try await withStore(settings, onlyReading: true) { store in
            guard let terminal = RawTerminal() else {
                let view = try await TopView.read(store, servers, settings)
                return print(view.lines(selected: 0, width: Terminal.width, height: .max).joined(separator: "\n"))
            }
            defer { terminal.close() }
            try await watch(store, servers, settings, terminal)
        }
        await servers.close()
    }

    private func watch(
        _ store: Store, _ servers: QueueServers, _ settings: Settings, _ terminal: RawTerminal
    ) async throws {
        var selected = 0
        while true {
            let view = try await TopView.read(store, servers, settings)
            selected = max(0, min(selected, view.companies.count - 1))
            let width = Terminal.width
            let help = "up down or 1-9: company   p: pause   r: resume   q: quit"
            terminal.show(
                view.lines(selected: selected, width: width, height: terminal.height - 2)
                    + [TopView.fitted(help, width)])
            let next = ContinuousClock.now + .seconds(interval)
            var isChanged = false
            while ContinuousClock.now < next, !isChanged {
                for key in terminal.keys() {
                    switch key {
                    case .character("q"): return
                    case .up: selected = max(0, selected - 1)
                    case .down: selected = min(view.companies.count - 1, selected + 1)
                    case .character("p"), .character("r"):
                        try await setPaused(key == .character("p"), view, selected, settings)
                    case .character(let digit):
                        guard let number = digit.wholeNumberValue, view.companies.indices.contains(number - 1) else {
                            continue
                        }
                        selected = number - 1
                    }
                    isChanged = true
                }
                try await Task.sleep(for: Self.look)
            }
        }
    }

    /// The store is opened for writing for this moment alone.
    private func setPaused(_ isPaused: Bool, _ view: TopView, _ selected: Int, _ settings: Settings) async throws {
        guard view.companies.indices.contains(selected) else { return }
        try await withStore(settings) { store in
            try await store.write(in: view.companies[selected].id) {
                _ = try $0.setPaused(isPaused, now: WallClock.now())
            }
        }
    }
}
