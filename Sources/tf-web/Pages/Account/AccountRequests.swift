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
