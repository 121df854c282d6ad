import TFExpression

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
    /// nil if it is invalid, or if the caller may not introspect it.
    let token: AccessToken?

    private static func claim(_ name: String, _ shape: Shape) -> AnswerType<IntrospectionAnswer>.Member {
        .optional(name, .shaped(shape)) { answer in answer.token?.claims.objectValue?[name] }
    }

    static let answer = AnswerType<IntrospectionAnswer>(
        "Introspection",
        [
            .required("active", .flag) { $0.token != nil },
            claim("client_id", .text),
            .optional("username", .text) { $0.token?.login },
            .optional("token_type", .text) { $0.token.map { _ in "Bearer" } },
            claim("exp", .count), claim("iat", .count), claim("sub", .text), claim("aud", .text),
            claim("iss", .text), claim("jti", .text), claim("sid", .text),
        ])
}
