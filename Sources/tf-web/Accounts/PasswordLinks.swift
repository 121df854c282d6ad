import Logging
import Subprocess
import TFConfiguration
import TFStore
import TFSystem

/// Links by which people choose a password: shown to the admin who makes one, and sent by mail where there is a program
/// for it and an address.
struct PasswordLinks {
    let site: Site

    /// - Returns: the whole link, which is kept nowhere.
    func make(_ kind: PasswordLinkKind, for account: Account, _ store: Store) async throws -> String {
        let token = Base64URL.encode(Random.bytes(32))
        try await store.write { try $0.addPasswordLink(kind, hash: Self.hash(token), for: account, now: site.now) }
        let link = "\(site.settings.baseURL)/\(kind.rawValue)/\(token)"
        await send(link, kind, to: account)
        return link
    }

    static func hash(_ token: String) -> String { Base64URL.encode(Digest.sha256(token.utf8)) }

    private func send(_ link: String, _ kind: PasswordLinkKind, to account: Account) async {
        guard let program = site.settings.sendmail, let address = account.email else { return }
        guard let text = PasswordMail(kind, link, to: address, account).text else {
            site.logger.error(
                "a mail was not sent",
                metadata: ["login": "\(account.login)", "error": "the address of the account is none"])
            return
        }
        do {
            let result = try await Descriptors.startingProcess {
                try await run(
                    .path(.init(program)), arguments: ["-i", "-t"], input: .string(text), output: .discarded,
                    error: .string(limit: 4_096))
            }
            guard !result.terminationStatus.isSuccess else { return }
            // The program may quote the mail.
            let token = link.split(separator: "/").last ?? ""
            let said = result.standardError.replacing(token, with: "…")
            site.logger.error("a mail was not sent", metadata: ["login": "\(account.login)", "error": "\(said)"])
        } catch {
            site.logger.error("a mail was not sent", metadata: ["login": "\(account.login)", "error": "\(error)"])
        }
    }
}
