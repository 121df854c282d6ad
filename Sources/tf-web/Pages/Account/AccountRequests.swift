/// What somebody types who changes their password.
struct PasswordChange: RequestFields {
    let present: String
    let new: String

    init(_ fields: inout FieldReader) {
        present = fields.optional("password", .password) ?? ""
        new = fields.optional("new", .password) ?? ""
    }
}

/// The first code of a second factor.
struct FirstCode: RequestFields {
    let code: String

    init(_ fields: inout FieldReader) { code = fields.optional("otp", .text) ?? "" }
}

/// What somebody types who takes their second factor away.
struct SecondFactorRemoval: RequestFields {
    let password: String
    let code: String

    init(_ fields: inout FieldReader) {
        password = fields.optional("password", .password) ?? ""
        code = fields.optional("otp", .text) ?? ""
    }
}
