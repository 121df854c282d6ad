import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFExpression

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Try an expression on a JSON value, as definitions would evaluate it.",
        discussion: """
            The input is read from FILE, from standard input where FILE is "-", and is null without FILE. Each output is \
            printed as compact JSON on its own line, as jq -c prints it; what came before an error is printed too.

            Examples:
              tf-daemon eval '.form.amount > 1000' ticket.json
              echo '[3,1,2]' | tf-daemon eval 'sort | first' -
              tf-daemon eval '$who | ascii_upcase' --arg who ann
              tf-daemon eval '$ticket.form | keys' --argjson ticket '{"form":{"a":1}}'

            Exit status: 0 all outputs printed, 3 the expression does not compile, 5 it failed while it ran, 2 wrong \
            usage or an input that is no JSON.
            """)

    /// The arguments with an expression that begins with a minus in `${ }`, where it does not look like an option.
    static func readable(_ arguments: [String]) -> [String] {
        guard arguments.count > 1, arguments[0] == "eval", arguments[1].hasPrefix("-"), arguments[1] != "-h",
            !arguments[1].hasPrefix("--")
        else { return arguments }
        return ["eval", "${\(arguments[1])}"] + arguments.dropFirst(2)
    }

    @Argument(help: "The jq expression, with or without ${ } around it.") var expression: String

    @Argument(help: "The file with the input; - for standard input.") var file: String?

    @Option(
        name: .customLong("arg"), parsing: .upToNextOption,
        help: ArgumentHelp("Bind $NAME to the text VALUE.", valueName: "NAME VALUE"))
    var texts: [String] = []

    @Option(
        name: .customLong("argjson"), parsing: .upToNextOption,
        help: ArgumentHelp("Bind $NAME to the JSON value.", valueName: "NAME JSON"))
    var values: [String] = []

    func run() throws {
        var variables: [String: JSON] = [:]
        for (name, value) in try pairs(texts, "--arg") { variables[name] = .string(value) }
        for (name, value) in try pairs(values, "--argjson") {
            do { variables[name] = try JSON(parsing: value) } catch {
                throw failure("--argjson \(name): \(error)".onOneLine, 2)
            }
        }
        let code = TFExpression.Expression.unwrapped(expression)?.code ?? expression
        let compiled: TFExpression.Expression
        do { compiled = try TFExpression.Expression(code, variables: Set(variables.keys)) } catch {
            for mistake in error.all {
                let reason = "\(mistake) (at character \(mistake.offset + 1))".onOneLine
                tell("\(reason)\n\(pointer(code, mistake.offset))")
            }
            throw ExitCode(3)
        }
        let input = try input()
        do {
            try compiled.forEachOutput(input, variables: variables) { print($0.text.jsonForTerminals) }
        } catch {
            throw failure("\(error)".onOneLine, 5)
        }
    }

    private func pairs(_ words: [String], _ option: String) throws -> [(String, String)] {
        guard words.count.isMultiple(of: 2) else { throw failure("\(option) takes a name and a value", 2) }
        return stride(from: 0, to: words.count, by: 2).map { (words[$0], words[$0 + 1]) }
    }

    private func input() throws -> JSON {
        guard let file else { return .null }
        guard let bytes = InputFile.bytes(file) else { throw failure("there is no file \(file) that can be read", 2) }
        do { return try JSON(parsing: bytes) } catch { throw failure("the input is \(error)".onOneLine, 2) }
    }

    /// The line of the expression with a mark below the character at this offset.
    private func pointer(_ code: String, _ offset: Int) -> String {
        let before = String(decoding: code.utf8.prefix(offset), as: UTF8.self)
        let column = before.split(separator: "\n", omittingEmptySubsequences: false).last?.count ?? 0
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        let line = lines[min(before.count { $0 == "\n" }, lines.count - 1)]
        return "    \(String(line).onOneLine)\n    \(String(repeating: " ", count: column))^"
    }

    private func failure(_ message: String, _ status: Int32) -> any Error {
        tell(message)
        return ExitCode(status)
    }

    private func tell(_ message: String) { StandardError.write("tf-daemon eval: \(message)\n") }
}
