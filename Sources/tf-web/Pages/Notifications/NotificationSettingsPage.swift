import TFEngine
import TFStore

/// How the visitor is told of what.
struct NotificationSettingsPage {
    private let settings: NoticeSettings
    /// The address to which mails go; nil: they have none, or the site sends no mail.
    private let address: String?
    /// Whether the site sends mail.
    private let isMailing: Bool
    private let tags: FormTags

    static func make(
        _ request: ProvedRequest<OwnAccount>, _ session: ReadSession, isMailing: Bool
    ) throws -> Page {
        let page = NotificationSettingsPage(
            settings: try session.noticeSettings(of: request.account.id),
            address: isMailing ? request.account.email : nil, isMailing: isMailing, tags: request.tags)
        return Page("What to tell me", page.html)
    }

    private var html: HTML {
        """
        \(Elements.head("What to tell me", back: [Link(NotificationRoutes.path, "Notifications")]))\
        <form class="card stack" method="post" action="\(NotificationRoutes.settings)">\(tags.hidden())\
        \(when(address != nil, #"<input type="hidden" name="\#(NotificationChoice.mailQuestion)" value="true">"#))\
        <ul class="menu">\(NoticeKind.allCases.map(row))</ul>\
        <p class="soft sm">\(mailHint)</p>\
        <p class="row"><button class="primary">Save</button>\
        <span class="soft sm">What you have been told already stays.</span></p></form>
        """
    }

    private func row(_ kind: NoticeKind) -> HTML {
        let mail: HTML? = address.map { _ in
            """
            <label class="pick"><input type="checkbox" name="\(NotificationChoice.mailField(kind))" value="true"\
            \(when(settings.mailed.contains(kind), " checked"))><span>By mail too<span class="vh">: \(kind.label)</span>\
            </span></label>
            """
        }
        return """
            <li class="row"><label class="pick"><input type="checkbox" name="\(kind.rawValue)" value="true"\
            \(when(settings.told.contains(kind), " checked"))><span><b>\(kind.label)</b><br>\
            <small>\(kind.meaning)</small></span></label><span class="end">\(mail)</span></li>
            """
    }

    private var mailHint: HTML {
        if let address { return "Mail goes to \(address), two minutes later, unless you have read it here by then." }
        return isMailing
            ? "With an e-mail address in <a href=\"/account\">your account</a> you can be told by mail as well."
            : "This site sends no mail."
    }
}

extension NoticeKind {
    /// The kind as its setting is called.
    var label: String {
        switch self {
        case .assigned: "A task is mine"
        case .dueSoon: "A task is due soon"
        case .answered: "Somebody answers me"
        case .mentioned: "Somebody mentions me"
        case .commented: "Somebody comments on a ticket that I follow"
        case .waitingForYou: "A ticket of mine waits for me"
        case .closed: "A ticket ends"
        case .nobodyEligible: "Nobody can do a task"
        }
    }

    /// When one is sent.
    var meaning: String {
        switch self {
        case .assigned: "You are the one who got it, by the rule or from a colleague."
        case .dueSoon: "A day before it is due, later if you had it for less than four days; once for each task."
        case .answered: "A reply on a ticket that you sent or work on."
        case .mentioned: "A comment has @ and your name in it."
        case .commented: "You follow a ticket when you comment on it, or by its button Follow."
        case .waitingForYou: "It goes on only after you have answered."
        case .closed: "It is done, cancelled or has failed: one that you sent or follow."
        case .nobodyEligible: "For ticket admins: nobody has the role, or all are away."
        }
    }
}
