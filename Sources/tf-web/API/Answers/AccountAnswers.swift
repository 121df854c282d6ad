import TFEngine
import TFExpression
import TFStore

extension Identity: Answer {
    private static let membership = AnswerType<Membership>(
        "Membership",
        [
            .required("company", .slug) { $0.company.slug },
            .required("name", .text) { $0.company.name },
            .required("roles", .list(of: .word)) { $0.systemRoles.inOrder },
            .required("company_roles", .list(of: .text)) { $0.companyRoles.sorted() },
            .required("available", .flag) { $0.isAvailable },
        ])

    private var inOrder: [Membership] { memberships.sorted { $0.key < $1.key }.map(\.value) }

    /// The caller's own account.
    static let answer = AnswerType<Identity>(
        "Me",
        [
            .required("id", .id) { $0.account.id },
            .required("login", .text) { $0.account.login },
            .required("name", .text) { $0.account.name },
            .required("kind", .word) { $0.account.kind },
            .required("email", .orNull(.text)) { $0.account.email },
            .required("roles", .list(of: .word)) { $0.systemRoles.inOrder },
            .required("companies", .list(of: .object(membership))) { $0.inOrder },
        ])
}

/// An account, for the site's admins.
struct UserAnswer: Answer {
    let identity: Identity
    /// The link by which an invited person chooses a password; shown once.
    var invite: String?

    static let answer = AnswerType<UserAnswer>(
        "User",
        AnswerType.members(of: Identity.answer, \.identity) + [
            .required("disabled", .flag) { $0.identity.account.isDisabled },
            .required("second_factor", .flag) { $0.identity.account.hasSecondFactor },
            .required("created", .time) { $0.identity.account.createdAtMs },
            .required("version", .count) { $0.identity.account.version },
            .optional("invite", .text, "Only in the answer to the request that made the user without a password.") {
                $0.invite
            },
        ])
}

/// A member of a company.
struct MemberAnswer: Answer {
    let identity: Identity
    let company: Company

    private var membership: Membership? { identity.memberships[company.slug] }

    static let answer = AnswerType<MemberAnswer>(
        "Member",
        [
            .required("login", .text) { $0.identity.account.login },
            .required("name", .text) { $0.identity.account.name },
            .required("kind", .word) { $0.identity.account.kind },
            .required("roles", .list(of: .word), "The system roles that count in this company.") {
                $0.membership?.systemRoles.inOrder ?? []
            },
            .required("company_roles", .list(of: .text)) { $0.membership?.companyRoles.sorted() ?? [] },
            .required("available", .flag) { $0.membership?.isAvailable ?? false },
            .required("disabled", .flag) { $0.identity.account.isDisabled },
            .required("version", .count, "Counts the changes of the roles here.") { $0.membership?.version ?? 0 },
        ])
}

extension Set<SystemRole> {
    fileprivate var inOrder: [SystemRole] { sorted { $0.rawValue < $1.rawValue } }
}

extension Company: Answer {
    static let answer = AnswerType<Company>(
        "Company",
        [
            .required("slug", .slug) { $0.slug },
            .required("name", .text) { $0.name },
            .required("timezone", .text) { $0.timezone },
            .required("version", .count) { $0.version },
        ])
}

/// A role that a company has declared, and who holds it.
struct RoleAnswer: Answer {
    let role: CompanyRole
    let members: [String]

    static let answer = AnswerType<RoleAnswer>(
        "Role",
        [
            .required("name", .slug) { $0.role.name },
            .required("title", .text, "Its name for people.") { $0.role.label },
            .required("members", .list(of: .text)) { $0.members },
            .required("version", .count) { $0.role.version },
        ])
}

extension AuditEntry: Answer {
    static let answer = AnswerType<AuditEntry>(
        "AuditEntry",
        [
            .required("id", .id) { $0.id },
            .required("at", .time) { $0.atMs },
            .required("actor", .text) { $0.actor },
            .required("action", .word) { $0.action },
            .required("subject", .text) { $0.subject.text },
            .required("company", .orNull(.text)) { $0.company },
            .required("old", .any) { $0.old ?? .null },
            .required("new", .any) { $0.new ?? .null },
            .required("address", .text) { $0.address },
        ])
}

extension NotificationRow: Answer {
    static let answer = AnswerType<NotificationRow>(
        "Notification",
        [
            .required("id", .id) { $0.id },
            .required("company", .slug) { $0.company },
            .required("kind", .word) { $0.kind },
            .required("ticket", .number) { $0.ticket },
            .required("title", .text) { $0.title },
            .required("task", .orNull(.id)) { $0.task },
            .required("created", .time) { $0.createdAtMs },
            .required("read", .orNull(.time)) { $0.readAtMs },
        ])
}

/// A link for choosing a password; shown once.
struct LinkAnswer: Answer {
    let link: String
    let expiresAt: Int64

    static let answer = AnswerType<LinkAnswer>(
        nil,
        [
            .required("link", .text) { $0.link },
            .required("expires", .time) { $0.expiresAt },
        ])
}

/// The number of rows that a request has changed.
struct ChangedAnswer: Answer {
    let changed: Int

    static let answer = AnswerType<ChangedAnswer>(nil, [.required("changed", .count) { $0.changed }])
}
