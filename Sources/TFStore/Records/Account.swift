import TFDefinition
import TFEngine

/// What an account may do on the site: the column `account_role.role`.
package enum SystemRole: String, Sendable, Hashable, Codable, CaseIterable {
    case admin
    case user
    case ticketAdmin = "ticket_admin"
    case taskWorker = "task_worker"
    case workflowCreator = "workflow_creator"
}

/// A login of a person or a program.
package struct Account: Sendable, Hashable {
    /// The column `account.kind`.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case person
        case service
    }

    package let id: AccountID
    package let login: String
    package let name: String
    package let kind: Kind
    /// The password's hash as a PHC string; nil: the account cannot sign in by password.
    package let password: String?
    package let email: String?
    /// When the second factor was set up, in milliseconds since 1970; nil: it is not in force.
    package let totpConfirmedAtMs: Int64?
    /// Milliseconds since 1970; nil: not disabled.
    package let disabledAtMs: Int64?
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    package let version: Int

    package var isDisabled: Bool { disabledAtMs != nil }
    /// Whether signing in needs a code besides the password.
    package var hasSecondFactor: Bool { totpConfirmedAtMs != nil }
}

/// A tenant of the site.
package struct Company: Sendable, Hashable {
    package let id: CompanyID
    /// Its short name in addresses, directories and Redis keys; never changes.
    package let slug: String
    package let name: String
    /// An IANA time zone, such as Europe/Berlin.
    package let timezone: String
    package let version: Int
}

/// An account's membership of a company, with its roles there.
package struct Membership: Sendable, Hashable {
    package let company: Company
    package let companyRoles: Set<String>
    /// The system roles that count in this company: the account's, limited by the membership.
    package let systemRoles: Set<SystemRole>
    /// Whether the member can be given new tasks.
    package let isAvailable: Bool
    /// Counts the changes of the member's roles.
    package let version: Int
}

/// An account with its roles and memberships, from which its rights follow.
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
