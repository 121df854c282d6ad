import ArgumentParser
import Foundation

extension AsyncParsableCommand {
    /// Parses the arguments and runs the command; wrong usage exits with 2, as the commands' help says.
    package static func runProgram() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.write(fullMessage(for: error) + "\n")
            Foundation.exit(2)
        }
    }
}
