import Foundation

/// The checks of lists, and of the program that sends mail.
extension Settings {
    /// The entries of a list, which commas separate.
    static func entries(of text: String, _ key: SettingKey) throws -> [String] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let entry = part.trimmingCharacters(in: .whitespaces)
            guard !entry.isEmpty, !entry.contains(where: \.isWhitespace) else {
                throw refusal(key, "cannot be \"\(text)\"; write entries without blanks, with one comma between two")
            }
            return entry
        }
    }

    /// The path of a program: the two programs may be started in any directory.
    static func wholePath(_ program: String) throws -> String {
        guard program.hasPrefix("/") else {
            throw refusal(.sendmail, "cannot be \"\(program)\"; write the whole path, such as /usr/sbin/sendmail")
        }
        return program
    }

    /// Whether mail can be sent, or none is to be. tf-daemon sends none, and may run where the program is not installed.
    package var canSendMail: Bool {
        guard let sendmail else { return true }
        var status = stat()
        return stat(sendmail, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(sendmail, X_OK) == 0
    }

    /// - Throws: `SettingsError` if mail is to be sent by what is no program.
    package func demandSendmail() throws {
        guard let sendmail, !canSendMail else { return }
        throw Self.refusal(
            .sendmail, "names no program: \(sendmail) cannot be run; install it, or leave the setting out"
        ).told(with: origins)
    }
}
