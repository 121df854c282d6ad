import TFExpression
import TFStore

extension TokenPair: Answer {
    static let answer = AnswerType<TokenPair>(
        "Tokens",
        [
            .required("access_token", .text) { $0.access },
            .required("refresh_token", .text) { $0.refresh },
            .required("token_type", .choice(["Bearer"])) { _ in "Bearer" },
            .required("expires_in", .count, "In seconds.") { _ in Int(AccessToken.lifetime) },
        ])
}

/// The introspection answer of RFC 7662; for an invalid token only that it is not active.
struct IntrospectionAnswer: Answer {
    /// Whose it is; nil if it is invalid, or if the caller may not introspect it.
    private let login: String?
    private let claims: JSON

    init(token: AccessToken?) {
        login = token?.login
        claims = token?.claims ?? .null
    }

    /// Of an API key, which holds at this site until it is revoked.
    init(keyOf account: Account, site baseURL: String) {
        login = account.login
        claims = ["sub": .string(account.id.description), "iss": .string(baseURL), "aud": .string(baseURL)]
    }

    private static func claim(_ name: String, _ shape: Shape) -> AnswerType<IntrospectionAnswer>.Member {
        .optional(name, .shaped(shape)) { answer in answer.claims.objectValue?[name] }
    }

    static let answer = AnswerType<IntrospectionAnswer>(
        "Introspection",
        [
            .required("active", .flag) { $0.login != nil },
            claim("client_id", .text),
            .optional("username", .text) { $0.login },
            .optional("token_type", .text) { $0.login.map { _ in "Bearer" } },
            claim("exp", .count), claim("iat", .count), claim("sub", .text), claim("aud", .text),
            claim("iss", .text), claim("jti", .text), claim("sid", .text),
        ])
}
