import ArgumentParser
import Foundation
import TFConfiguration

/// Asks the user of a command for a password.
enum PasswordPrompt {
    /// Reads a password from standard input, or twice from the terminal without showing it.
    static func read(fromInput: Bool, for owner: PasswordOwner) throws -> String {
        let password = fromInput ? try line() : try typedTwice()
        if let problem = Passwords.problem(password, owner: owner) { throw ValidationError(problem) }
        return password
    }

    private static func line() throws -> String {
        guard let line = readLine(strippingNewline: true) else { throw ValidationError("standard input is empty") }
        return line
    }

    private static func typedTwice() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("there is no terminal to ask for the password; use --password-stdin")
        }
        let password = ask("Password: ")
        guard ask("Once more: ") == password else { throw ValidationError("the two passwords differ") }
        return password
    }

    private static func ask(_ prompt: String) -> String {
        StandardError.write(prompt)
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            StandardError.write("\n")
        }
        return readLine(strippingNewline: true) ?? ""
    }
}
