import ArgumentParser
import Foundation
import TFConfiguration
import TFStore
import TFSystem

struct MetricsTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics-token", abstract: "The token that everybody has to show who reads the figures.",
        discussion: """
            With a token, /metrics of both programs is answered for whoever shows it as a bearer token; without one, for \
            this machine alone. It is in the file metrics.token of the data directory, with PostgreSQL sealed in the store \
            for all machines. The programs read it at their start.

            Example:
              openssl rand -hex 32 | tf-daemon metrics-token set

            Exit status: 0 done, 1 the store could not be opened or written, 2 wrong usage.
            """,
        subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set the token; it is read from standard input.")

        private static let limitBytes = 1_024

        @OptionGroup var options: SettingOptions

        func run() async throws {
            guard let bytes = RawBytes.read(STDIN_FILENO, limit: Self.limitBytes + 1) else {
                throw ValidationError("standard input cannot be read")
            }
            let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard (16...Self.limitBytes).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw ValidationError("a token is 16 to \(Self.limitBytes) characters of ASCII, without spaces")
            }
            try await MetricsTokenCommand.set(Array(text.utf8), options)
            print("set; start tf-daemon and tf-web again")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove the token: only this machine is answered then.")

        @OptionGroup var options: SettingOptions

        func run() async throws {
            try await MetricsTokenCommand.set(nil, options)
            print("removed; start tf-daemon and tf-web again")
        }
    }

    private static func set(_ token: [UInt8]?, _ options: SettingOptions) async throws {
        let settings = try Settings.read(options)
        let store = try existingStore(settings)
        try await KeyHome(of: store, settings).setMetricsToken(token)
        try store.close()
    }
}
