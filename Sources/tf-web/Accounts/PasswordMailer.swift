import Logging
import Subprocess
import TFConfiguration
import TFProcess
import TFStore

/// Mails links for choosing a password, if a mail program is configured and the account has an address.
struct PasswordMailer: Sendable {
    /// The mail program; nil if none is configured.
    private let program: String?
    private let logger: Logger

    init(_ settings: Settings, _ logger: Logger) {
        program = settings.sendmail
        self.logger = logger
    }

    func send(_ link: PasswordLink, to account: Account) async {
        guard let program, let address = account.email else { return }
        guard let text = PasswordMail(link.kind, link.text, to: address, account).text else {
            logger.error(
                "a mail was not sent",
                metadata: ["login": "\(account.login)", "error": "the address of the account is none"])
            return
        }
        do {
            let result = try await Descriptors.startingProcess {
                try await TFProcess.run(
                    Configuration(executable: .path(.init(program)), arguments: ["-i", "-t"]),
                    feeding: Array(text.utf8), output: .discarded, error: .string(limit: 4_096))
            }
            guard !result.terminationStatus.isSuccess else { return }
            // The program's error may quote the mail with its secret link.
            let token = link.text.split(separator: "/").last ?? ""
            let said = result.standardError.replacing(token, with: "…")
            logger.error("a mail was not sent", metadata: ["login": "\(account.login)", "error": "\(said)"])
        } catch {
            logger.error("a mail was not sent", metadata: ["login": "\(account.login)", "error": "\(error)"])
        }
    }
}

extension Site {
    var mailer: PasswordMailer { PasswordMailer(settings, logger) }
}
