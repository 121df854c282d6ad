import TFExpression
import TFStore

extension Mail {
    /// The mail with a link for choosing a password.
    init(_ link: PasswordLink, for account: Account) {
        let (isInvite, hours) = (link.kind == .invite, link.kind.lifetime / 3_600_000)
        self.init(
            subject: isInvite ? "Your account at TicketFlower" : "A new password for TicketFlower",
            body: """
                Hello \(account.name.onOneLine),

                choose \(isInvite ? "your password" : "a new password") for the user name \(account.login) here:

                \(link.text)

                The link holds once, for \(hours == 1 ? "1 hour" : "\(hours / 24) days").
                """)
    }
}

extension Mailer {
    func send(_ link: PasswordLink, to account: Account) async {
        guard account.email != nil else { return }
        _ = await send(
            Mail(link, for: account), to: account, hiding: link.text.split(separator: "/").last.map(String.init))
    }
}
