import TFDefinition
import TFStore

/// A company to create.
struct NewCompany: RequestFields {
    let slug: String
    let name: String
    let timezone: String?

    init(_ fields: inout FieldReader) {
        name = fields.required("name", .text(1, .name), ask: "Enter the name, such as Acme")
        slug = fields.required("slug", .slug, ask: "Enter a short name, such as acme")
        timezone = fields.timezone()
    }
}

extension NewCompany {
    /// The error of a short name that is another company's.
    static func taken(_ slug: String) -> FieldError {
        FieldError(field: "slug", message: "Choose another short name: \(slug) is taken")
    }

    /// The same of a form that has other errors.
    static func taken(_ typed: TypedInput, _ session: ReadSession) throws -> [FieldError] {
        guard let slug = typed.unrefused("slug"), try session.company(slug) != nil else { return [] }
        return [taken(slug)]
    }
}

/// A company's settings to change; missing ones stay.
struct CompanySettings: RequestFields {
    let name: String?
    let timezone: String?
    let version: Int?

    init(_ fields: inout FieldReader) {
        name = fields.optional("name", .text(1, .name), askIfEmptied: "Enter the name, such as Acme")
        timezone = fields.timezone()
        version = fields.version()
    }
}

extension FieldReader {
    fileprivate mutating func timezone() -> String? {
        optional(
            "timezone", .timezone, "An IANA name, such as Europe/Berlin.",
            askIfEmptied: "Enter a time zone, such as Europe/Berlin")
    }
}

/// An account to add as a member.
struct NewMember: RequestFields {
    let login: String
    let membership: MembershipChange

    init(_ fields: inout FieldReader) {
        login = fields.required("login", .login, ask: "Enter the user name of somebody who has an account")
        membership = MembershipChange(&fields, isOfMember: false)
    }
}

/// A member's roles in a company; missing fields stay as they are.
struct MembershipChange: RequestFields {
    /// What the page asks before it offers the system roles that are to count.
    private enum Counting: String, Sendable, CaseIterable {
        case everything = "all"
        case limited = "some"
    }

    let companyRoles: Set<String>?
    private let only: Set<SystemRole>?
    /// nil: not asked.
    private let counting: Counting?
    let version: Int?

    init(_ fields: inout FieldReader) { self.init(&fields, isOfMember: true) }

    /// - Parameter isOfMember: false for somebody who becomes a member, of whom there is no version yet.
    init(_ fields: inout FieldReader, isOfMember: Bool) {
        companyRoles = fields.optional("company_roles", .list(of: .text(1, .identifier), most: 200), "Exactly these.")
            .map { Set($0) }
        only = fields.optional(
            "only", .systemRoles,
            "The system roles that count in this company; empty: all that the person has."
        ).map { Set($0) }
        counting = fields.onPage("counting", .word)
        version = fields.version(isOnForms: isOfMember)
    }

    /// The system roles that count; empty: all; nil: as before.
    /// - Throws: `Failure.invalid` if somebody wants only some, and names none.
    func limit() throws -> Set<SystemRole>? {
        switch counting {
        case .everything?: return []
        case .limited?:
            guard only?.isEmpty == false else {
                throw Failure.invalid([
                    FieldError(field: "only", message: "Tick what they may here, or choose that all of it counts")
                ])
            }
            return only
        case nil: return only
        }
    }
}

/// Whether the assignment of a company's tasks is paused.
struct AssignmentChange: RequestFields {
    let isPaused: Bool

    init(_ fields: inout FieldReader) { isPaused = fields.required("paused", .flag) }
}

/// A company role to declare.
struct NewRole: RequestFields {
    private let name: String
    let title: String

    init(_ fields: inout FieldReader) {
        title = fields.optional("title", .text(0, .name), "Its name for people, such as IT staff.", label: "Name") ?? ""
        name = fields.required("name", .slug, ask: "Enter a short name, such as it-staff", label: "Short name")
    }

    /// - Throws: `Failure.invalid` for `any`, which means everybody.
    func allowedName() throws -> String {
        guard name != "any" else {
            throw Failure.invalid([FieldError(field: "name", message: "\"any\" is reserved; choose another name")])
        }
        return name
    }
}

/// Changes of a role; missing fields stay.
struct RoleChange: RequestFields {
    /// Maximum number of members of one role; no company has as many.
    private static let limit = 10_000

    let change: CompanyRoleChange
    let version: Int?

    init(_ fields: inout FieldReader) {
        let members = fields.optional("members", .list(of: .login, most: Self.limit), "Exactly these.").map { Set($0) }
        change = CompanyRoleChange(
            title: fields.optional(
                "title", .text(0, .name), "Its name for people, such as IT staff.",
                askIfEmptied: "Enter its name for people, such as IT staff", label: "Name"),
            members: members)
        version = fields.version()
    }
}
