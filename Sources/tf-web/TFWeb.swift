import ArgumentParser
import TFConfiguration
import TFStore

@main
struct TFWeb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tf-web",
        abstract: "Serves the pages and the REST API, and manages accounts.",
        discussion: """
            Without a subcommand it serves. Settings come from options, then from the environment (TF_DATA, TF_HTTP_BIND, \
            TF_BASE_URL, …), then from the file of --config, then from the defaults.

            The commands company, user, role, key and keys work on the store directly, whether the programs run or not.

            Exit status of every command: 0 done; 1 it could not be done; 2 wrong usage, or there is no such company, \
            account or key.
            """,
        version: ProgramVersion.text(of: "tf-web", schema: Migration.newest),
        subcommands: [
            ServeCommand.self, CompanyCommand.self, UserCommand.self, RoleCommand.self, KeyCommand.self,
            KeysCommand.self,
            TokenCommand.self, RoutesCommand.self, OpenAPICommand.self, DemoCommand.self,
        ], defaultSubcommand: ServeCommand.self)

    static func main() async {
        await runProgram(KeysCommand.Revoke.readable(Array(CommandLine.arguments.dropFirst())))
    }
}
