import TFDefinition
import TFEngine
import TFExpression

/// Whether a ticket is open or how it ended: the column `ticket.state`.
package enum TicketState: String, Sendable, Hashable, Codable, CaseIterable {
    case open
    case closed
    case cancelled
    case failed
}

/// A ticket as it is stored, with its requester's login and name.
package struct Ticket: RowReadable, Sendable, Hashable {
    package let id: TicketID
    package let companyID: CompanyID
    /// Counts up within the company, from 1.
    package let number: Int
    /// The revision of the ticket type whose form was filled in.
    package let revisionID: RevisionID
    package let type: String
    package let title: String
    /// Shown to people, such as "in approval"; at the end the resolution.
    package let status: String
    package let state: TicketState
    package let priority: Priority
    /// A list of texts.
    package let labels: JSON
    /// The answers, by field.
    package let form: JSON
    /// Label, type and audience of each answer in `form`.
    package let fields: [AnsweredField]
    package let requesterID: AccountID
    /// The requester's login.
    package let requester: String
    package let requesterName: String
    /// Milliseconds since 1970, as are the others.
    package let dueAtMs: Int64?
    /// When it or one of its open tasks is due next.
    package let nextDueAtMs: Int64?
    package let createdAtMs: Int64
    package let updatedAtMs: Int64
    package let closedAtMs: Int64?
    package let duplicateOfID: TicketID?
    /// The number of the ticket that this one is a duplicate of.
    package let duplicateOf: Int?
    /// Counts the changes, for optimistic locking.
    package let version: Int

    /// Reads each column by its name instead of `Decodable`, which is slower: every step of the engine reads a ticket.
    package init(row: Row) throws {
        id = row["id"]
        companyID = row["company_id"]
        number = row["number"]
        revisionID = row["revision_id"]
        type = row["type"]
        title = row["title"]
        status = row["status"]
        state = try Column.word(row["state"])
        priority = try Column.word(row["priority"])
        labels = row["labels"]
        form = row["form"]
        fields = try Column.fields(row["fields"])
        requesterID = row["requester_id"]
        requester = row["requester"]
        requesterName = row["requester_name"]
        dueAtMs = row["due_at_ms"]
        nextDueAtMs = Column.moment(row["next_due_at_ms"])
        createdAtMs = row["created_at_ms"]
        updatedAtMs = row["updated_at_ms"]
        closedAtMs = row["closed_at_ms"]
        duplicateOfID = row["duplicate_of_id"]
        duplicateOf = row["duplicate_of"]
        version = row["version"]
    }

    /// Selects every column above, from `ticket t` and its requester `r`.
    static let select = """
        SELECT t.*, r.login AS requester, r.name AS requester_name,
            (SELECT o.number FROM ticket o
                WHERE o.company_id = t.company_id AND o.id = t.duplicate_of_id) AS duplicate_of
        FROM ticket t JOIN account r ON r.id = t.requester_id
        """
}

/// A ticket as programs are told of it in lists: without its answers, which are costly to read.
package struct TicketRow: RowReadable, Sendable, Hashable {
    package let id: TicketID
    package let number: Int
    package let type: String
    package let title: String
    package let status: String
    package let state: TicketState
    package let priority: Priority
    /// A list of texts.
    package let labels: JSON
    /// The requester's login.
    package let requester: String
    /// Milliseconds since 1970, as are the others.
    package let dueAtMs: Int64?
    /// When it or one of its open tasks is due next.
    package let nextDueAtMs: Int64?
    package let createdAtMs: Int64
    package let updatedAtMs: Int64
    package let closedAtMs: Int64?
    /// The number of the ticket that this one is a duplicate of.
    package let duplicateOf: Int?
    package let version: Int
    /// The open tasks; empty if they were not asked for, the reader may not know of them, or the ticket is not open.
    package var waiting: [WaitingTask] = []

    package init(row: Row) throws {
        id = row["id"]
        number = row["number"]
        type = row["type"]
        title = row["title"]
        status = row["status"]
        state = try Column.word(row["state"])
        priority = try Column.word(row["priority"])
        labels = row["labels"]
        requester = row["requester"]
        dueAtMs = row["due_at_ms"]
        nextDueAtMs = Column.moment(row["next_due_at_ms"])
        createdAtMs = row["created_at_ms"]
        updatedAtMs = row["updated_at_ms"]
        closedAtMs = row["closed_at_ms"]
        duplicateOf = row["duplicate_of"]
        version = row["version"]
    }

    package init(_ ticket: Ticket) {
        id = ticket.id
        number = ticket.number
        type = ticket.type
        title = ticket.title
        status = ticket.status
        state = ticket.state
        priority = ticket.priority
        labels = ticket.labels
        requester = ticket.requester
        dueAtMs = ticket.dueAtMs
        nextDueAtMs = ticket.nextDueAtMs
        createdAtMs = ticket.createdAtMs
        updatedAtMs = ticket.updatedAtMs
        closedAtMs = ticket.closedAtMs
        duplicateOf = ticket.duplicateOf
        version = ticket.version
    }

    /// Selects every column above, from `ticket t` and its requester `r`.
    static let select = """
        SELECT t.id, t.number, t.type, t.title, t.status, t.state, t.priority, t.labels, t.due_at_ms,
            t.next_due_at_ms, t.created_at_ms, t.updated_at_ms, t.closed_at_ms, t.version, r.login AS requester,
            (SELECT o.number FROM ticket o
                WHERE o.company_id = t.company_id AND o.id = t.duplicate_of_id) AS duplicate_of
        FROM ticket t JOIN account r ON r.id = t.requester_id
        """
}

/// An entry of a ticket's history.
package struct HistoryEntry: Sendable, Hashable {
    package let id: HistoryID
    /// The task that it is about; nil: it is about the ticket or a step.
    package let taskID: TaskID?
    /// A login, or `system`.
    package let actor: String
    package let kind: HistoryKind
    /// The facts of its kind.
    package let data: JSON
    /// Milliseconds since 1970.
    package let atMs: Int64

    /// How many entries of a long history are read: the oldest, and the newest.
    package static let (limitOldest, limitNewest) = (500, 2_000)

    /// The entry of a ticket's history behind which others were left out; nil: it is whole.
    package static func beforeGap(in history: [HistoryEntry]) -> HistoryID? {
        history.count < limitOldest + limitNewest ? nil : history[limitOldest - 1].id
    }
}

/// A comment on a ticket, with the login and name of its author.
package struct Comment: Sendable, Hashable {
    package let id: CommentID
    package let login: String
    package let name: String
    package let text: String
    /// Whether only workers and ticket admins read it.
    package let isInternal: Bool
    package let createdAtMs: Int64
}

extension HistoryEntry: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        taskID = row["task_id"]
        actor = row["actor"]
        kind = try Column.word(row["kind"])
        data = row["data"]
        atMs = row["at_ms"]
    }
}

extension Comment: RowReadable {
    package init(row: Row) {
        id = row["id"]
        login = row["login"]
        name = row["name"]
        text = row["text"]
        isInternal = row["is_internal"]
        createdAtMs = row["created_at_ms"]
    }
}
