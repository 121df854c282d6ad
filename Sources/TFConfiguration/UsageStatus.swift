import ArgumentParser
import Foundation
import TFExpression

/// Of the commands that have no exit status of their own.
private let usualStatus =
    "Exit status: 0 done, 1 it could not be done, 2 wrong usage or an unknown name; the reason is told."

extension AsyncParsableCommand {
    /// Parses the arguments and runs the command; wrong usage, which wrong settings are too, exits with 2, as the
    /// commands' help says.
    ///
    /// Every error that ends a program is told here (`tellEnd`) and nowhere else, so that none sends control codes to
    /// the terminal.
    ///
    /// - Parameter arguments: those of the process, without its name.
    package static func runProgram(_ arguments: [String]) async {
        // A write beyond a limit of file sizes fails as one to a full disk does, and does not end the program.
        _ = signal(SIGXFSZ, SIG_IGN)
        do {
            try demandKnownCommand(arguments)
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            endOutput()
        } catch {
            let status = exitCode(for: error)
            // Help, version and completion scripts hold no text from outside.
            guard status != .success else {
                let text = fullMessage(for: error)
                print(text.hasPrefix("OVERVIEW") && !text.contains("Exit status") ? "\(text)\n\n\(usualStatus)" : text)
                endOutput()
                Foundation.exit(0)
            }
            // The library's own prefix: sentences that a command writes itself have none.
            let full = fullMessage(for: error)
            let message = CommandLine.plain(
                full.hasPrefix("Error: ") ? String(full.dropFirst("Error: ".count)) : full,
                arguments: Array(CommandLine.arguments.dropFirst()))
            if !message.isEmpty { tellEnd(message, arguments) }
            let isUsage = status == .validationFailure || error is SettingsError || error is UnknownName
            Foundation.exit(isUsage ? 2 : status.rawValue)
        }
    }
}

extension ParsableCommand {
    /// Refuses a word in the place of a command that is none: the library takes it for an argument of the default one,
    /// and gives the help of the program in place of that of a command that is not there.
    /// - Throws: `ValidationError`, which is wrong usage.
    static func demandKnownCommand(_ arguments: [String]) throws {
        var commands = configuration.subcommands
        for word in arguments.drop(while: { $0 == "help" }) {
            guard !commands.isEmpty, !word.hasPrefix("-") else { return }
            guard let command = commands.first(where: { $0._commandName == word }) else {
                let names = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
                let hint =
                    nearestName(to: word, among: names).map { "did you mean \"\($0)\"?" }
                    ?? "there is \(names.joined(separator: ", "))"
                throw ValidationError("there is no command \"\(word)\"; \(hint)")
            }
            commands = command.configuration.subcommands
        }
    }
}

/// Ends the program if its output did not reach its reader as a whole: half a list or a cut-off export must not look
/// like a whole one to the script that called for it.
private func endOutput() {
    errno = 0
    guard !StandardOutput.end() else { return }
    // Who closes a pipe, as `head` does, has read enough: the program ends as others do then, also where a library has
    // the signal ignored, and by no status of its own.
    if errno == EPIPE {
        _ = signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
    }
    // Of an error before the last bytes no number is left.
    let reason = errno == 0 ? "the disk may have been full" : String(cString: strerror(errno))
    StandardError.write("The output was not written to its end: \(reason)\n")
    Foundation.exit(1)
}

extension CommandLine {
    /// Makes a message safe for a terminal. Arguments that it repeats stay within one line: scripts pass on what others
    /// have written, and a second line made up by them would look like one of ours.
    package static func plain(_ message: String, arguments: [String]) -> String {
        // The message repeats an option and its value apart from each other.
        let parts = arguments.flatMap { argument in
            [argument] + argument.split(separator: "=", maxSplits: 1).map { String($0) }
        }
        var scalars = Array(message.unicodeScalars)
        for part in parts where part.unicodeScalars.contains("\n") && !part.unicodeScalars.allSatisfy({ $0 == "\n" }) {
            scalars.replace(Array(part.unicodeScalars), with: Array(part.onOneLine.unicodeScalars))
        }
        return scalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: line)
            return String(text).onOneLine
        }.joined(separator: "\n")
    }
}
