import TFDefinition
import TFStore

/// What people change of their own account; missing fields stay.
struct ProfileChange: RequestFields {
    private let name: String?
    private let email: String??
    let version: Int?

    init(_ fields: inout FieldReader) {
        name = fields.optional("name", .text(1, .name))
        email = fields.optional("email", .orNull(.text(3, .email)), "null: none any more.")
        version = fields.version()
    }

    /// - Parameter isWhole: whether a missing name is one that was emptied, as on the page.
    /// - Throws: `Failure.invalid` for errors that the fields' types cannot express.
    func change(isWhole: Bool) throws -> AccountChange {
        if isWhole, name == nil { throw Failure.invalid([FieldError(field: "name", message: "Enter your name")]) }
        try Mail.checkAddress(email ?? nil)
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
