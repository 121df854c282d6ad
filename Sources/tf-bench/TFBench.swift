import ArgumentParser

@main
struct TFBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tf-bench", abstract: "Times the engine and expressions of this build.",
        discussion: "`make bench` runs it; it is not installed.")

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
