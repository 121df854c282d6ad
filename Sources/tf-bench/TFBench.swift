import ArgumentParser
@preconcurrency import Glibc

@main
struct TFBench: AsyncParsableCommand {
    static func main() async {
        // A line at a time, also into a pipe: some figures take minutes.
        setvbuf(stdout, nil, _IOLBF, 0)
        await main(nil)
    }

    static let configuration = CommandConfiguration(
        commandName: "tf-bench", abstract: "Times the engine, expressions, queues and the whole site of this build.",
        discussion: "`make bench` runs it; it is not installed.",
        subcommands: [EngineCommand.self, QueuesCommand.self, SiteCommand.self, CompaniesCommand.self])
}

struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Expressions against jq, and task transitions as instances grow.")

    @Option(help: "Instances that there are at last.")
    var instances = 100_000

    @Option(help: "Evaluations of each expression.")
    var rounds = 100_000

    func validate() throws {
        guard instances > 10_000 else { throw ValidationError("--instances must be more than 10000") }
        guard rounds > 0 else { throw ValidationError("--rounds must be positive") }
    }

    func run() async throws {
        try await ExpressionBench(rounds: rounds).run()
        print()
        try await EngineBench(stages: [2_000, 10_000, instances]).run()
    }
}

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "What assignments cost, how long tasks wait, and other queues on the same Redis.")

    @Option(help: "The SVG file that the plot is written to.")
    var plot = ".build/bench/queues.svg"

    @Option(help: "The directory with the scripts of other queues.")
    var scripts = "etc/bench"

    @Option(help: "The Python interpreter in whose packages RQ, Celery, Huey and Dramatiq are looked for.")
    var python = "python3"

    func run() async throws {
        try await QueueBench(plotFile: plot, scripts: scripts, python: python).run()
    }
}

struct SiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "Submissions, what requests cost, memory and the log, on a site that it fills first.",
        discussion: """
            Full size: 20 companies, 1,000 workers, 20,000 closed and 25,000 open tickets, 25 open tasks for each worker.
            The closed ones are made by the store's methods, the open ones are submitted over REST.
            """)

    @Option(help: "The directory with tf-daemon and tf-web.")
    var binaries = ".build/release"

    @Option(help: "The part of the full size that the site has, such as 0.1.")
    var scale = 1.0

    @Option(help: "Closed tickets, instead of what the scale says.")
    var closed: Int?

    @Option(help: "Requests of each kind whose cost is measured.")
    var requests = 400

    func validate() throws {
        guard scale > 0, scale <= 10 else { throw ValidationError("--scale must be more than 0 and at most 10") }
        guard requests > 0 else { throw ValidationError("--requests must be positive") }
    }

    func run() async throws {
        try await SiteBench(binaries: binaries, shape: SiteShape(scale: scale, closed: closed), requests: requests)
            .run()
    }
}

struct CompaniesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "companies",
        abstract: "Tickets and task transitions a second with 1, 4 and 20 companies busy.",
        discussion: """
            On PostgreSQL first with one tf-daemon and one tf-web, then with two of each. `make bench STORE=postgresql` starts
            a server for it.
            """)

    @Option(help: "The directory with tf-daemon and tf-web.")
    var binaries = ".build/release"

    @Option(help: "Where the record is: postgresql://…, an empty database. Without it: SQLite.")
    var store: String?

    @Option(help: "Tickets of each measurement.")
    var tickets = 2_000

    func validate() throws {
        guard tickets > 0 else { throw ValidationError("--tickets must be positive") }
    }

    func run() async throws {
        try await CompanyBench(binaries: binaries, store: store, tickets: tickets).run()
    }
}
