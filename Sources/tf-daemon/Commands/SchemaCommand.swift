import ArgumentParser
import TFDefinition

extension DefinitionKind: ExpressibleByArgument {}

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of a kind of definition, for editors.",
        discussion: """
            KIND is ticket, task or workflow. The schema (draft 7) is made from the tables that `check` uses: an editor \
            with a YAML language server completes keys by it and explains them.

            Write it to a file, and name that file in the first line of a definition:

              tf-daemon schema ticket > ticket.schema.json
              # yaml-language-server: $schema=../ticket.schema.json

            The schema covers what stands in one file. References between files, expressions and conditions are checked \
            by `tf-daemon check` only.

            Exit status: 0 printed, 2 wrong usage.
            """)

    @Argument(help: "ticket, task or workflow.") var kind: DefinitionKind

    func run() throws { print(EditorSchema.schema(of: kind).prettyText) }
}
