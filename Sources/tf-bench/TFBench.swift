import ArgumentParser

@main
struct TFBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tf-bench", abstract: "Times the engine, expressions and queues of this build.",
        discussion: "`make bench` runs it; it is not installed.",
        subcommands: [EngineCommand.self, QueuesCommand.self])
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
