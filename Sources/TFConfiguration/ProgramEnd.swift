import ArgumentParser
import Foundation
import Logging

extension AsyncParsableCommand {
    /// Tells why the program ends: that it cannot start, or not go on.
    ///
    /// What the program itself says to standard error is its log, and who collects that as JSON reads every line as JSON,
    /// above all the one that says why the site is not there. Its commands talk to whoever gave them, always in plain
    /// text.
    /// - Parameter arguments: those of the process, without its name.
    static func tellEnd(_ message: String, _ arguments: [String]) {
        guard isProgramItself(arguments), Settings.LogFormat(named: arguments) == .json else {
            return StandardError.write(message + "\n")
        }
        Logger(_commandName, .json).critical("\(message)")
    }

    /// Whether the arguments run the program, and none of its commands.
    private static func isProgramItself(_ arguments: [String]) -> Bool {
        guard let word = arguments.first, !word.hasPrefix("-") else { return true }
        return word == configuration.defaultSubcommand?._commandName
    }
}

extension Settings.LogFormat {
    /// The format where no setting names one.
    static var usual: Settings.LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

    /// The format that arguments, environment or file name, also while other settings are wrong, or unknown: it is wanted
    /// to tell that they are.
    /// - Parameter arguments: those of the process, without its name.
    init(named arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment) {
        let key = SettingKey.logFormat
        let name =
            Self.value(of: "--log-format", in: arguments) ?? environment[key.environmentName]
            ?? Self.value(of: "--config", in: arguments).flatMap { Settings.text(of: key, inFile: $0) }
        self = name.flatMap { Self(rawValue: $0) } ?? .usual
    }

    /// The last one given counts, as the parser has it.
    private static func value(of option: String, in arguments: [String]) -> String? {
        guard let index = arguments.lastIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else { return nil }
        return arguments[index] == option
            ? arguments[(index + 1)...].first : String(arguments[index].dropFirst(option.count + 1))
    }
}
