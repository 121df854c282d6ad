import Logging
import ServiceLifecycle
import TFExpression
import TFStore

/// Tells people by mail of what they have not seen in the application, if they want that: one mail for all of it.
struct NoticeMailer: Service {
    private static let interval = Duration.seconds(30)

    let site: Site
    let mailer: Mailer

    /// - Returns: nil if no mail program is configured.
    init?(_ site: Site) {
        guard let mailer = site.mailer else { return nil }
        self.site = site
        self.mailer = mailer
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await Task.sleep(for: Self.interval)
                    try await sendDue(now: site.now)
                } catch is CancellationError {
                    return
                } catch {
                    site.logger.error("mails with notifications were not sent", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// Sends the mails that are due. One that could not be sent is tried again later.
    func sendDue(now: Int64) async throws {
        for due in try await site.store.write({ try $0.takeNoticeMails(now: now) }) {
            if let mail = try await site.store.read({ try mail(due, $0) }) {
                guard await mailer.send(mail, to: due.account) else { continue }
            }
            try await site.store.write { try $0.endNoticeMail(due) }
        }
    }

    /// - Returns: nil if there is nothing left that the person may see, or no address.
    private func mail(_ due: NoticeMail, _ session: ReadSession) throws -> Mail? {
        guard due.account.email != nil, let identity = try session.identity(due.account.login) else { return nil }
        var filter = NotificationFilter()
        filter.ids = due.notifications
        filter.onlyUnread = true
        filter.limit = due.notifications.count
        let rows = try session.notifications(of: due.account.id, scopes: identity.noticeScopes, filter).rows
        return Mail(NotificationBundle.bundles(of: rows, apart: { _ in 0 }), baseURL: site.settings.baseURL)
    }
}

extension Mail {
    /// - Returns: nil if there is nothing to tell.
    fileprivate init?(_ bundles: [NotificationBundle], baseURL: String) {
        guard let first = bundles.first else { return nil }
        let texts = bundles.map { bundle in
            let notice = bundle.newest
            let ending = notice.kind == .closed ? "\n\(bundle.ending.onOneLine)" : ""
            // The page marks it as read, from wherever it is opened.
            return """
                \(bundle.title.onOneLine)
                #\(notice.ticket) \(notice.title.onOneLine)\(ending)
                \(baseURL)\(notice.target.path)
                """
        }
        self.init(
            subject: bundles.count == 1
                ? "#\(first.newest.ticket) \(first.title)" : "\(bundles.count) notifications from TicketFlower",
            body: """
                \(texts.joined(separator: "\n\n"))

                What is told by mail: \(baseURL)\(NotificationRoutes.settings)
                """)
    }
}
