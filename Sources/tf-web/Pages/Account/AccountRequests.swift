import TFDefinition
import TFStore

/// What people change of their own account; missing fields stay.
struct ProfileChange: RequestFields {
    private let name: String?
    private let email: String??
    let version: Int?

    init(_ fields: inout FieldReader) {
        name = fields.optional("name", .text(1, .name), askIfEmptied: "Enter your name")
        email = fields.optional("email", .orNull(.email), "null: none any more.")
        version = fields.version()
    }

    var change: AccountChange {
        var change = AccountChange()
        change.name = name
        change.email = email.map { $0 ?? "" }
        return change
    }
}

/// The form that changes a password.
struct PasswordChange: RequestFields {
    let present: String
    let new: String

    init(_ fields: inout FieldReader) {
        present = fields.optional("password", .password) ?? ""
        new = fields.optional("new", .password) ?? ""
    }
}

/// The first code of a new second factor.
struct FirstCode: RequestFields {
    let code: String

    init(_ fields: inout FieldReader) { code = fields.optional("otp", .text) ?? "" }
}

/// The form that removes the second factor.
struct SecondFactorRemoval: RequestFields {
    let password: String
    let code: String

    init(_ fields: inout FieldReader) {
        password = fields.optional("password", .password) ?? ""
        code = fields.optional("otp", .text) ?? ""
    }
}
