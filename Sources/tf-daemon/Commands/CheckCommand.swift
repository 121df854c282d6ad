import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFExpression
import TFStore

struct CheckCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check definitions and print every problem.",
        discussion: """
            A path is a directory of company folders, a company's folder in the configured tree, or a file; without one, \
            the configured tree is checked. A file inside the configured tree is checked together with the other files of \
            its company, any other file by itself.

            Each problem is one line on standard output, as file:line:column: error: message. --format json prints one \
            list of {file, line, column, severity, message, suggestion}.

            If the data directory has a store, a definition in force whose file cannot be read any more is an error too.

            Example:
              tf-daemon check workflows/acme

            Exit status: 0 no errors (warnings are allowed), 1 errors, 2 wrong usage.
            """)

    @Argument(help: "Files or directories; without one, the tree of the setting `definitions`.")
    var paths: [String] = []

    @Option(help: "text or json.") var format = Format.text

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings: Settings
        do { settings = try Settings.read(options) } catch { throw Failure.usage("\(error)") }
        let store = try knownStore(settings)
        let check = TreeCheck(
            tree: settings.definitions, store: store, aside: FilesSetAside(directory: settings.data),
            progress: ProgressLine())
        var problems: [Diagnostic] = []
        for path in paths.isEmpty ? [settings.definitions] : paths {
            guard let diagnostics = try await check.problems(of: path) else {
                throw Failure.usage("there is no \(path)")
            }
            problems += diagnostics
        }
        check.progress?.clear()
        try store?.close()
        printOut(problems)
        if problems.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    private enum Failure {
        static func usage(_ message: String) -> any Error {
            StandardError.write("tf-daemon check: \(message)".onOneLine + "\n")
            return ExitCode(2)
        }
    }

    /// The store, which knows the companies and the definitions in force; nil if there is none, since checking makes
    /// none.
    private func knownStore(_ settings: Settings) throws -> Store? {
        guard try Store.exists(in: settings.data, at: StoreLocation(settings.storeURL)) else { return nil }
        return try Store(
            directory: settings.data, at: StoreLocation(settings.storeURL), baseURL: settings.baseURL,
            upgradeBackups: settings.upgradeBackups)
    }

    private func printOut(_ problems: [Diagnostic]) {
        switch format {
        case .text: for problem in problems { print("\(problem)".onOneLine) }
        case .json: print(JSON.array(problems.map(\.json)).text.jsonForTerminals)
        }
    }
}
