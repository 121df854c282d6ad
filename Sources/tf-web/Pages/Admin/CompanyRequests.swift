import Foundation
import TFDefinition
import TFStore

/// A company that is to be made.
struct NewCompany: RequestFields {
    let slug: String
    let name: String
    let timezone: ZoneName?

    init(_ fields: inout FieldReader) {
        slug = fields.required("slug", .slug)
        name = fields.required("name", .text(1, .name))
        timezone = ZoneName(&fields)
    }
}

/// What of a company is to change.
struct CompanySettings: RequestFields {
    let name: String?
    let timezone: ZoneName?
    let version: Int?

    init(_ fields: inout FieldReader) {
        name = fields.optional("name", .text(1, .name))
        timezone = ZoneName(&fields)
        version = fields.version()
    }
}

/// The name of a time zone, as somebody wrote it.
struct ZoneName: Sendable {
    private let text: String

    init?(_ fields: inout FieldReader) {
        let text = fields.optional(
            "timezone", .text(1, .timezone), "An IANA name, such as Europe/Berlin.")
        guard let text else { return nil }
        self.text = text
    }

    /// - Throws: `Failure.invalid` for a name that there is not.
    func known() throws -> String {
        guard TimeZone(identifier: text) != nil else {
            throw Failure.invalid([
                FieldError(
                    field: "timezone",
                    message: "There is no time zone \"\(text)\"; write an IANA name such as Europe/Berlin")
            ])
        }
        return text
    }
}

/// Somebody who is to become a member.
struct NewMember: RequestFields {
    let login: String
    let membership: MembershipChange

    init(_ fields: inout FieldReader) {
        login = fields.required("login", .login)
        membership = MembershipChange(&fields)
    }
}

/// What somebody is to be in a company. What it does not name stays as it is.
struct MembershipChange: RequestFields {
    let companyRoles: Set<String>?
    let only: Set<SystemRole>?

    init(_ fields: inout FieldReader) {
        companyRoles = fields.optional("company_roles", .list(of: .text(1, .identifier), most: 200), "Exactly these.")
            .map { Set($0) }
        only = fields.optional(
            "only", .systemRoles,
            "The system roles that count in this company; empty: all that the person has."
        ).map { Set($0) }
    }
}

/// A role that is to be declared.
struct NewRole: RequestFields {
    private let name: String

    init(_ fields: inout FieldReader) { name = fields.required("name", .slug) }

    /// - Throws: `Failure.invalid` for the name that means everybody.
    func allowedName() throws -> String {
        guard name != "any" else {
            throw Failure.invalid([FieldError(field: "name", message: "\"any\" is reserved; choose another name")])
        }
        return name
    }
}

/// Who is to have a role.
struct RoleMembers: RequestFields {
    /// Of one role; no company has as many members.
    private static let limit = 10_000

    let logins: Set<String>

    init(_ fields: inout FieldReader) {
        logins = Set(fields.required("members", .list(of: .login, most: Self.limit)))
    }
}
