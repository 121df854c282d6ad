import TFDefinition
import TFEngine
import TFExpression

package enum TicketState: String, Sendable, Hashable, Codable, CaseIterable {
    case open
    case closed
    case cancelled
    case failed
}

package struct Ticket: RowReadable, Sendable, Hashable {
    package let id: TicketID
    package let companyID: CompanyID
    package let number: Int
    package let revisionID: RevisionID
    package let type: String
    package let title: String
    /// What people see: "in approval", or the resolution.
    package let status: String
    package let state: TicketState
    package let priority: Priority
    package let labels: JSON
    package let form: JSON
    /// What each answer in `form` answered.
    package let fields: [AnsweredField]
    package let requesterID: AccountID
    package let requester: String
    package let requesterName: String
    package let dueAtMs: Int64?
    package let createdAtMs: Int64
    package let updatedAtMs: Int64
    package let closedAtMs: Int64?
    package let duplicateOfID: TicketID?
    /// The number of the ticket that says the same.
    package let duplicateOf: Int?
    package let version: Int

    /// By name and not by `Decodable`: every step of the engine reads a ticket.
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
        fields = try Column.list([AnsweredField].self, row["fields"])
        requesterID = row["requester_id"]
        requester = row["requester"]
        requesterName = row["requester_name"]
        dueAtMs = row["due_at_ms"]
        createdAtMs = row["created_at_ms"]
        updatedAtMs = row["updated_at_ms"]
        closedAtMs = row["closed_at_ms"]
        duplicateOfID = row["duplicate_of_id"]
        duplicateOf = row["duplicate_of"]
        version = row["version"]
    }

    /// Every column above, from `ticket t` and its requester `r`.
    static let select = """
        SELECT t.*, r.login AS requester, r.name AS requester_name,
            (SELECT o.number FROM ticket o WHERE o.id = t.duplicate_of_id) AS duplicate_of
        FROM ticket t JOIN account r ON r.id = t.requester_id
        """
}

/// A ticket as a list shows it: with the step it is at and who has it.
package struct TicketRow: Sendable, Hashable {
    package let ticket: Ticket
    /// The open tasks' titles and assignees; none where the reader is not told of them.
    package let waiting: [OpenTask]

    package struct OpenTask: Sendable, Hashable {
        package let title: String
        package let state: TaskState
        package let assignee: String?
        package let strategy: AssignmentStrategy
    }
}

package struct HistoryEntry: Sendable, Hashable {
    package let id: HistoryID
    /// The task that it tells of; nil: it tells of the ticket or of a step.
    package let taskID: TaskID?
    /// A login, or `system`.
    package let actor: String
    package let kind: HistoryKind
    package let data: JSON
    package let atMs: Int64
}

package struct Comment: Sendable, Hashable {
    package let id: CommentID
    package let login: String
    package let name: String
    package let text: String
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
