import GRDB
import TFDefinition
import TFExpression

package enum TicketState: String, Sendable, Hashable, Codable, CaseIterable {
    case open
    case closed
    case cancelled
    case failed
}

package struct Ticket: StoredRecord, Hashable {
    package let id: Int64
    package let companyID: Int64
    package let number: Int
    package let revisionID: Int64
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
    package let requesterID: Int64
    package let requester: String
    package let requesterName: String
    package let dueAtMs: Int64?
    package let createdAtMs: Int64
    package let updatedAtMs: Int64
    package let closedAtMs: Int64?
    package let version: Int

    private enum CodingKeys: String, CodingKey {
        case id
        case companyID = "companyId"
        case number
        case revisionID = "revisionId"
        case type
        case title
        case status
        case state
        case priority
        case labels
        case form
        case fields
        case requesterID = "requesterId"
        case requester
        case requesterName
        case dueAtMs
        case createdAtMs
        case updatedAtMs
        case closedAtMs
        case version
    }

    /// Every column above, from `ticket t` and its requester `r`.
    static let select = """
        SELECT t.*, r.login AS requester, r.name AS requester_name
        FROM ticket t JOIN account r ON r.id = t.requester_id
        """
}

/// A ticket as a list shows it: with the step it is at and who has it.
package struct TicketRow: Sendable, Hashable {
    package let ticket: Ticket
    /// The open tasks' titles and assignees.
    package let waiting: [OpenTask]

    package struct OpenTask: Sendable, Hashable {
        package let title: String
        package let state: TaskState
        package let assignee: String?
        package let strategy: AssignmentStrategy
    }
}

package struct HistoryEntry: StoredRecord, Hashable {
    package let id: Int64
    package let actor: String
    package let kind: String
    package let data: JSON
    package let atMs: Int64
}

package struct Comment: StoredRecord, Hashable {
    package let id: Int64
    package let login: String
    package let name: String
    package let text: String
    package let isInternal: Bool
    package let createdAtMs: Int64
}

/// Which tickets somebody sees in lists; the policy decides which scope is his.
package enum TicketScope: Sendable, Hashable {
    case requestedBy(Int64)
    /// Those whose `view_roles` one of these company roles meets, and those without any.
    case viewRoles(Set<String>)
    case all
}

package struct TicketFilter: Sendable, Hashable {
    package var state: TicketState?
    package var type: String?
    /// A part of the title.
    package var text: String?
    /// Only numbers below this one: the next page.
    package var before: Int?
    package var limit = 25

    package init() {}
}
