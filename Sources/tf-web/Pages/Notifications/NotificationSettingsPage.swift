import TFEngine
import TFStore

/// Which kinds of notifications the visitor wants.
struct NotificationSettingsPage {
    private let off: Set<NoticeKind>
    private let tags: FormTags

    @Sendable static func make(_ request: ProvedRequest<OwnAccount>, _ session: ReadSession) throws -> Page {
        let off = try session.noticesOff(of: request.account.id)
        return Page(
            "What to tell you", NotificationSettingsPage(off: off, tags: request.tags).html)
    }

    private var html: HTML {
        let rows = NoticeKind.allCases.map { kind -> HTML in
            """
            <li><label class="pick"><input type="checkbox" name="\(kind.rawValue)" value="true"\
            \(when(!off.contains(kind), " checked"))><span><b>\(kind.label)</b><br>\
            <small>\(kind.meaning)</small></span></label></li>
            """
        }
        return """
            \(Elements.head(
                "What to tell you", back: [Link(NotificationRoutes.path, "Notifications")]))\
            <form class="card stack" method="post" action="\(NotificationRoutes.settings)">\(tags.hidden())\
            <fieldset><legend>Show me in the app</legend><ul class="menu">\(rows)</ul></fieldset>\
            <p class="row"><button class="primary">Save</button>\
            <span class="soft sm">What you have been told already stays.</span></p></form>
            """
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
        case .dueSoon: "A day before it is due, once for each task."
        case .answered: "A reply on a ticket that you sent or work on."
        case .mentioned: "A comment has @ and your name in it."
        case .commented: "You follow a ticket when you comment on it, or by its button Follow."
        case .waitingForYou: "It goes on only after you have answered."
        case .closed: "It is done, cancelled or has failed: one that you sent or follow."
        case .nobodyEligible: "For ticket admins: nobody has the role, or all are away."
        }
    }
}
