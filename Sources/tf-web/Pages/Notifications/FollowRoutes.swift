import TFEngine
import TFStore

/// Following a ticket, or stopping.
enum FollowRoutes {
    static func add(to routes: inout RouteTable) {
        routes.change(
            "/c/{company}/tickets/{number}/follow", .readTicket, on: .ticket, body: Following.self
        ) { request, body, session in
            try session.follow(
                request.ticket.id, by: request.account.id, isFollowing: body.isFollowing, now: request.now)
            return .seen(
                request.subject.path,
                saying: body.isFollowing
                    ? "You follow this ticket."
                    : "You do not follow this ticket any more.")
        }
    }
}

/// Whether the visitor follows a ticket from now on.
struct Following: RequestFields {
    let isFollowing: Bool

    init(_ fields: inout FieldReader) { isFollowing = fields.required("following", .flag) }
}

/// Who follows a ticket, with the button that follows it.
struct FollowCard {
    /// How many followers are counted.
    private static let limit = 100

    private let on: OnTicket
    private let isFollowing: Bool
    private let followers: [String]
    private let tags: FormTags

    init(_ on: OnTicket, _ session: CompanyReadSession, tags: FormTags) throws {
        self.on = on
        self.tags = tags
        isFollowing = try session.follows(on.ticket, on.account.id)
        followers = try session.followers(of: on.ticket, limit: Self.limit)
            .filter { $0.account != on.account.id }.map(\.name)
    }

    var html: HTML {
        Elements.card(
            "Followers", isOnPaper: false,
            """
            <div class=stack><p class=sm>\(sentence)</p><form method=post action="\(on.path)/follow">\(tags.hidden())\
            <input type=hidden name=following value="\(isFollowing ? "false" : "true")">\
            <button class=small>\(isFollowing ? "Stop following" : "Follow")</button></form></div>
            """)
    }

    /// Names are for those who see who works on the ticket; others learn only their own part.
    private var sentence: HTML {
        let others = on.readsAllTasks ? followers : []
        switch (isFollowing, others.isEmpty) {
        case (true, true): return "You follow this ticket."
        case (true, false): return "\(Words.list(["You"] + others)) follow this ticket."
        case (false, true): return "Follow it to be told what is said here and how it ends."
        case (false, false): return "\(Words.list(others)) follow\(others.count == 1 ? "s" : "") this ticket."
        }
    }
}
