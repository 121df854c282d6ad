import Logging
import Subprocess
import TFConfiguration
import TFProcess
import TFStore

/// Sends mails by the configured mail program.
struct Mailer: Sendable {
    /// One that hangs would end all mail of this process.
    private static let limits = ProcessLimits(processorSeconds: 30, kilobytes: 4_000_000, patience: .seconds(60))

    private let program: String
    private let logger: Logger

    /// - Returns: nil if no program is configured.
    init?(_ settings: Settings, _ logger: Logger) {
        guard let program = settings.sendmail else { return nil }
        self.program = program
        self.logger = logger
    }

    /// - Parameter secret: a part of the text that must not reach the log: the program may quote it in its error.
    /// - Returns: whether the program has taken the mail; if not, the log says why.
    func send(_ mail: Mail, to account: Account, hiding secret: String? = nil) async -> Bool {
        guard let address = account.email else { return false }
        guard let text = mail.text(to: address) else {
            return failed("the address of the account is none", account)
        }
        do {
            let ended = try await Self.limits.run {
                try await Descriptors.startingProcess {
                    try await TFProcess.run(
                        Configuration(executable: .path(.init(program)), arguments: ["-i", "-t"]),
                        feeding: Array(text.utf8), output: .discarded, error: .string(limit: 4_096))
                }
            }
            guard let result = ended else { return failed("\(program) did not end within a minute", account) }
            guard !result.terminationStatus.isSuccess else { return true }
            return failed(secret.map { result.standardError.replacing($0, with: "…") } ?? result.standardError, account)
        } catch {
            return failed("\(error)", account)
        }
    }

    private func failed(_ error: String, _ account: Account) -> Bool {
        logger.error("a mail was not sent", metadata: ["login": "\(account.login)", "error": "\(error)"])
        return false
    }
}

extension Site {
    /// nil if no mail program is configured.
    var mailer: Mailer? { Mailer(settings, logger) }
}
