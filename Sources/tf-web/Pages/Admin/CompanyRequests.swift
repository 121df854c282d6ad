import Foundation
import TFDefinition
import TFStore

/// A company to create.
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

/// A company's settings to change; missing ones stay.
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

/// The name of a time zone as it was typed.
struct ZoneName: Sendable {
    private let text: String

    init?(_ fields: inout FieldReader) {
        let text = fields.optional(
            "timezone", .text(1, .timezone), "An IANA name, such as Europe/Berlin.")
        guard let text else { return nil }
        self.text = text
    }

    /// - Throws: `Failure.invalid` for an unknown name.
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

/// An account to add as a member.
struct NewMember: RequestFields {
    let login: String
    let membership: MembershipChange

    init(_ fields: inout FieldReader) {
        login = fields.required("login", .login)
        membership = MembershipChange(&fields)
    }
}

/// A member's roles in a company; missing fields stay as they are.
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

/// A company role to declare.
struct NewRole: RequestFields {
    private let name: String

    init(_ fields: inout FieldReader) { name = fields.required("name", .slug) }

    /// - Throws: `Failure.invalid` for `any`, which means everybody.
    func allowedName() throws -> String {
        guard name != "any" else {
            throw Failure.invalid([FieldError(field: "name", message: "\"any\" is reserved; choose another name")])
        }
        return name
    }
}

/// The members who are to have a role.
struct RoleMembers: RequestFields {
    /// Maximum number of members of one role; no company has as many.
    private static let limit = 10_000

    let logins: Set<String>

    init(_ fields: inout FieldReader) {
        logins = Set(fields.required("members", .list(of: .login, most: Self.limit)))
    }
}
