import TFDefinition
import TFEngine
import TFStore

/// Notifications of one ticket and one kind, told as one: «3 replies on #31».
struct NotificationBundle: Sendable {
    /// The newest, which stands for all.
    let newest: NotificationRow
    private(set) var count = 1
    /// Who commented, the latest first, each once.
    private(set) var authors: [String]

    var isUnread: Bool { newest.readAtMs == nil }

    private init(_ row: NotificationRow) {
        newest = row
        authors = [row.author].compactMap { $0 }
    }

    private mutating func add(_ row: NotificationRow) {
        count += 1
        if let author = row.author, !authors.contains(author) { authors.append(author) }
    }

    /// Bundles rows, the newest first.
    /// - Parameter apart: rows with different keys are not bundled, such as those of different days.
    static func bundles(of rows: [NotificationRow], apart: (NotificationRow) -> Int) -> [NotificationBundle] {
        struct Key: Hashable {
            let company: CompanyID
            let ticket: Int
            let kind: NoticeKind
            let task: TaskID?
            let isUnread: Bool
            let other: Int
        }
        var bundles: [NotificationBundle] = []
        var places: [Key: Int] = [:]
        for row in rows {
            let key = Key(
                company: row.companyID, ticket: row.ticket, kind: row.kind, task: row.task,
                isUnread: row.readAtMs == nil, other: apart(row))
            if let place = places[key] {
                bundles[place].add(row)
            } else {
                places[key] = bundles.count
                bundles.append(NotificationBundle(row))
            }
        }
        return bundles
    }

    // MARK: In words

    /// The colour and the word of what has happened.
    func state(_ times: Times) -> (tone: Tone, word: String) {
        switch newest.kind {
        case .assigned: (.work, "Yours")
        case .dueSoon where newest.isTaskHeld: (.wait, "On hold")
        case .dueSoon:
            switch newest.taskDueAtMs {
            case nil: (.done, "Done")
            case let due? where times.isPast(due): (.fail, "Late")
            case _?: (.idle, "Due soon")
            }
        case .answered: (.wait, "Answered")
        case .mentioned: (.wait, "Mentioned")
        case .commented: (.idle, "Comment")
        case .waitingForYou: (.wait, "Asked")
        case .nobodyEligible: (.fail, "Nobody")
        case .closed:
            switch newest.state {
            case .open: (.work, "Reopened")
            case .closed: (.done, "Closed")
            case .cancelled: (.off, "Cancelled")
            case .failed: (.fail, "Failed")
            }
        }
    }

    /// What is told first.
    var title: String {
        switch newest.kind {
        case .assigned, .dueSoon, .waitingForYou, .nobodyEligible: newest.taskTitle ?? newest.title
        case .closed: newest.title
        case .answered: count == 1 ? "\(who) answered" : "\(count) replies on #\(newest.ticket)"
        case .mentioned: count == 1 ? "\(who) mentioned you" : "You are mentioned \(count) times on #\(newest.ticket)"
        case .commented: count == 1 ? "\(who) commented" : "\(count) comments on #\(newest.ticket)"
        }
    }

    /// The rest, after the title.
    func detail(_ times: Times) -> HTML {
        let number: HTML = "#\(newest.ticket)"
        switch newest.kind {
        case .assigned:
            return "For \(newest.requesterName)\(due(times, first: ", due ")). \(number) \(newest.title)"
        case .dueSoon:
            let due = due(times, first: "Due ")
            return "\(due)\(when(!due.isEmpty, ". "))\(number) \(newest.title)"
        case .waitingForYou: return "Your answer is needed. \(number) \(newest.title)"
        case .nobodyEligible:
            let role = newest.taskRole.map { "Nobody has the role \($0)" } ?? "Nobody can do it"
            return "\(role). \(number) \(newest.title)"
        case .closed: return "\(ending) \(number)"
        case .answered, .mentioned, .commented:
            guard count == 1 else { return "By \(Words.list(authors)): \(newest.title)" }
            return "“\(Words.excerpt(Markdown.plain(newest.comment ?? "")))” \(number) \(newest.title)"
        }
    }

    /// How the ticket ended, and why it was cancelled.
    var ending: String {
        let status = Words.sentence(newest.status)
        return newest.cancelledBecause.map { "\(status) “\(Words.excerpt($0))”" } ?? status
    }

    /// When the task is due; one that is late says so by itself.
    private func due(_ times: Times, first: String) -> HTML {
        guard let due = newest.taskDueAtMs else { return .empty }
        guard !newest.isTaskHeld else { return .empty }
        let lead = times.isPast(due) ? first.replacing("due ", with: "").replacing("Due ", with: "") : first
        return "\(lead)\(times.due(due))"
    }

    private var who: String { authors.first ?? "Somebody" }
}
