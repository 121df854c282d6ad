/// The page to continue at after signing in or out.
struct NextPage: RequestFields {
    /// A path of this site.
    let next: String
    /// Whether the visitor was signed in, until their session ended.
    let isEnded: Bool

    /// Whether the page has a form that was filled in before the session ended.
    var isParked: Bool { next.contains("parked=") }

    init(_ fields: inout FieldReader) {
        next = LocalPath.checked(fields.optional("next", .text))
        isEnded = fields.optional("ended", .flag) ?? false
    }
}

/// The sign-in form. A missing field counts as wrong, like a wrong password.
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

/// A password chosen by a link.
struct ChosenPassword: RequestFields {
    let new: String

    init(_ fields: inout FieldReader) { new = fields.optional("password", .password) ?? "" }
}

/// The body with which a program signs in.
struct TokenRequest: RequestFields {
    let login: String
    let password: String
    let code: String?
    /// The other server for which the access token is; nil for this one.
    let audience: String?

    init(_ fields: inout FieldReader) {
        login = fields.required("login", .text(1, .typedLogin))
        password = fields.required("password", .text(1, .password))
        code = fields.optional("otp", .text(0, 32), "A code, where the account has a second factor.")
        audience = fields.optional(
            "audience", .text(1, 500), "Another server that the access token is to be for.")
    }
}

/// The body with which a program refreshes its session.
struct RefreshRequest: RequestFields {
    let token: String

    init(_ fields: inout FieldReader) { token = fields.required("refresh_token", .text(1, 500)) }
}

/// The introspection request of RFC 7662, an HTML form.
struct IntrospectionForm: RequestFields {
    let token: String

    init(_ fields: inout FieldReader) {
        token = fields.required("token", .text(1, JWS.longest))
        // The hint is ignored: there is only one kind of token.
        _ = fields.optional("token_type_hint", .text(0, 100))
    }
}
