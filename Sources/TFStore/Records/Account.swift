import TFDefinition
import TFEngine

package enum SystemRole: String, Sendable, Hashable, Codable, CaseIterable {
    case admin
    case user
    case ticketAdmin = "ticket_admin"
    case taskWorker = "task_worker"
    case workflowCreator = "workflow_creator"
}

package struct Account: Sendable, Hashable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case person
        case service
    }

    package let id: AccountID
    package let login: String
    package let name: String
    package let kind: Kind
    /// A PHC string; nil: no sign-in by password.
    package let password: String?
    package let email: String?
    package let totpConfirmedAtMs: Int64?
    package let disabledAtMs: Int64?
    package let createdAtMs: Int64
    package let version: Int

    package var isDisabled: Bool { disabledAtMs != nil }
    /// Whether signing in takes a code besides the password.
    package var hasSecondFactor: Bool { totpConfirmedAtMs != nil }
}

package struct Company: Sendable, Hashable {
    package let id: CompanyID
    package let slug: String
    package let name: String
    /// An IANA name.
    package let timezone: String
    package let version: Int
}

/// What somebody may be in one company.
package struct Membership: Sendable, Hashable {
    package let company: Company
    package let companyRoles: Set<String>
    /// The system roles that count here: the account's, narrowed by the membership's.
    package let systemRoles: Set<SystemRole>
    package let isAvailable: Bool
}

/// An account with everything that its rights follow from.
package struct Identity: Sendable, Hashable {
    package let account: Account
    package let systemRoles: Set<SystemRole>
    /// By the company's slug.
    package let memberships: [String: Membership]
}

extension Account: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        login = row["login"]
        name = row["name"]
        kind = try Column.word(row["kind"])
        password = row["password"]
        email = row["email"]
        totpConfirmedAtMs = row["totp_confirmed_at_ms"]
        disabledAtMs = row["disabled_at_ms"]
        createdAtMs = row["created_at_ms"]
        version = row["version"]
    }
}

extension Company: RowReadable {
    package init(row: Row) {
        id = row["id"]
        slug = row["slug"]
        name = row["name"]
        timezone = row["timezone"]
        version = row["version"]
    }
}
