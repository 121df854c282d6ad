import ArgumentParser
import TFConfiguration
import TFStore

@main
struct TFDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tf-daemon",
        abstract: "Watches definitions, runs workflows and fills the workers' queues.",
        discussion: """
            Without a subcommand it runs the daemon. Settings come from options, then from the environment (TF_DATA, \
            TF_DEFINITIONS, TF_REDIS_URL, …), then from the file of --config, then from the defaults.

            A second daemon on the same data waits as standby and takes over within 8 seconds.

            Files in the data directory: store.db (the record), keys (what signs and seals), attachments, redis.sock (the \
            daemon's own Redis), metrics.token (what everybody shows who reads /metrics); \
            with PostgreSQL the record, the keys, the attachments and the token are in the database.
            """,
        version: ProgramVersion.text(of: "tf-daemon", schema: Migration.newest),
        subcommands: [
            RunCommand.self, CheckCommand.self, EvalCommand.self, SimulateCommand.self, SchemaCommand.self,
            SecretCommand.self, MetricsTokenCommand.self, StatusCommand.self, DoctorCommand.self, TopCommand.self,
            ExplainCommand.self,
            RebuildCommand.self,
            PauseCommand.self,
            ResumeCommand.self, RetentionCommand.self, BackupCommand.self, VerifyCommand.self, RestoreCommand.self,
            MoveCommand.self, RedisCLICommand.self,
            TryDefinitionsCommand.self,
        ],
        defaultSubcommand: RunCommand.self)

    static func main() async {
        await runProgram(EvalCommand.readable(Array(CommandLine.arguments.dropFirst())))
    }
}
