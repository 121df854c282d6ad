/// Where somebody goes on who has signed in or out.
struct NextPage: RequestFields {
    /// A path of this site.
    let next: String

    init(_ fields: inout FieldReader) { next = LocalPath.checked(fields.optional("next", .text)) }
}

/// What somebody types who signs in on the page. What is missing is wrong, like a wrong password.
struct SignInForm: RequestFields {
    let login: String
    let password: String
    let code: String?
    /// Proof that the password was right, on the page that asks for the code.
    let challenge: String?
    let next: String

    init(_ fields: inout FieldReader) {
        login = fields.optional("login", .text) ?? ""
        password = fields.optional("password", .password) ?? ""
        code = fields.optional("otp", .text)
        challenge = fields.optional("challenge", .text)
        next = LocalPath.checked(fields.optional("next", .text))
    }
}

/// A password that somebody chooses by a link.
struct ChosenPassword: RequestFields {
    let new: String

    init(_ fields: inout FieldReader) { new = fields.optional("new", .password) ?? "" }
}

/// What a program sends to sign in.
struct TokenRequest: RequestFields {
    let login: String
    let password: String
    let code: String?
    /// The other server that the access token is for; nil: this one.
    let audience: String?

    init(_ fields: inout FieldReader) {
        login = fields.required("login", .text(1, .typedLogin))
        password = fields.required("password", .text(1, .password))
        code = fields.optional("otp", .text(0, 32), "A code, where the account has a second factor.")
        audience = fields.optional(
            "audience", .text(1, 500), "Another server that the access token is to be for.")
    }
}

/// What a program sends to go on with its session.
struct RefreshRequest: RequestFields {
    let token: String

    init(_ fields: inout FieldReader) { token = fields.required("refresh_token", .text(1, 500)) }
}

/// The question of RFC 7662, as an HTML form.
struct IntrospectionForm: RequestFields {
    let token: String

    init(_ fields: inout FieldReader) {
        token = fields.required("token", .text(1, JWS.longest))
        // There is one kind only.
        _ = fields.optional("token_type_hint", .text(0, 100))
    }
}
