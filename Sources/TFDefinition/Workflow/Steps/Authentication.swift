import TFExpression

/// How a call signs in.
package indirect enum Authentication: Sendable, Hashable, Codable {
    case basic(username: ValueExpression, password: ValueExpression)
    case digest(username: ValueExpression, password: ValueExpression)
    case bearer(token: ValueExpression)
    /// The client credentials grant of OAuth 2.
    case clientCredentials(ClientCredentials)
    /// The scheme's properties are in a secret, which is a JSON object.
    case secret(scheme: Scheme, name: String)

    /// The word for a way to sign in.
    package enum Scheme: String, Sendable, Hashable, Codable, CaseIterable {
        case basic
        case bearer
        case digest
        case oauth2
    }

    package struct ClientCredentials: Sendable, Hashable, Codable {
        package let authority: ValueExpression
        /// The path of the token endpoint.
        package let tokenPath: ValueExpression
        package let id: ValueExpression
        package let secret: ValueExpression
        package let scopes: [ValueExpression]
        package let audiences: [ValueExpression]
        /// Whether `client_secret_basic` is used instead of `client_secret_post`.
        package let usesBasic: Bool
        package let sendsJSON: Bool
    }

    static let keys = KeyTable(
        "\"authentication\"",
        [
            Key("use", .text, "The name of a policy in use.authentications."),
            Key("basic", .any, "username and password."), Key("bearer", .any, "token."),
            Key("digest", .any, "username and password."), Key("oauth2", .any, "Client credentials."),
        ])
    private static let userKeys = KeyTable(
        "the policy",
        [
            Key("username", .textOrExpression, "The user.", isRequired: true),
            Key("password", .textOrExpression, "The password.", isRequired: true),
        ])
    private static let bearerKeys = KeyTable(
        "the policy", [Key("token", .textOrExpression, "The token.", isRequired: true)])
    private static let oauthKeys = KeyTable(
        "\"oauth2\"",
        [
            Key("authority", .textOrExpression, "The base of its endpoints.", isRequired: true),
            Key("grant", .text, "client_credentials.", isRequired: true),
            Key("client", .any, "id, secret and authentication.", isRequired: true), Key("endpoints", .any, "token."),
            Key("scopes", .any, "A list."), Key("audiences", .any, "A list."), Key("request", .any, "encoding."),
            Key("issuers", .any, "A list; not checked."),
        ])
    private static let clientKeys = KeyTable(
        "\"client\"",
        [
            Key("id", .textOrExpression, "The client's id.", isRequired: true),
            Key("secret", .textOrExpression, "Its secret.", isRequired: true),
            Key("authentication", .choice(["client_secret_post", "client_secret_basic"]), "How the two are sent."),
        ])

    static func read(_ node: YAMLNode, _ reader: inout DefinitionReader) -> Authentication? {
        guard let fields = Fields(node, keys, besides: ["oidc"], &reader.diagnostics) else { return nil }
        if fields.has("oidc") {
            reader.diagnostics.error(
                "\"oidc\" is not in the profile; it has basic, bearer, digest and oauth2 client credentials",
                at: fields.keyPosition("oidc"))
            return nil
        }
        if let name = fields.text("use", &reader.diagnostics) {
            guard let known = reader.authentications[name] else {
                reader.diagnostics.error(
                    "there is no authentication \"\(name)\" in \"use.authentications\"", at: fields.position("use"),
                    suggestion: nearestName(to: name, among: reader.authentications.keys.sorted()))
                return nil
            }
            return read(known, &reader)
        }
        let chosen = Scheme.allCases.filter { fields.has($0.rawValue) }
        guard chosen.count == 1, let policy = fields.value(chosen[0].rawValue) else {
            if chosen.isEmpty, fields.isMisspelt(Scheme.allCases.map(\.rawValue) + ["use"]) { return nil }
            reader.diagnostics.error(
                "\"authentication\" needs one of \(listed(Scheme.allCases.map(\.rawValue))), use", at: node.position)
            return nil
        }
        if case .mapping(let entries) = policy.content, entries.count == 1, entries[0].key == "use",
            case .scalar(let secret, _) = entries[0].value.content
        {
            if !reader.secrets.contains(secret) {
                reader.diagnostics.error(
                    "the secret \"\(secret)\" is not listed in \"use.secrets\"", at: entries[0].value.position,
                    suggestion: nearestName(to: secret, among: reader.secrets))
            }
            return .secret(scheme: chosen[0], name: secret)
        }
        return read(chosen[0], policy, &reader)
    }

    private static func read(
        _ scheme: Scheme, _ node: YAMLNode, _ reader: inout DefinitionReader
    ) -> Authentication? {
        switch scheme {
        case .basic, .digest:
            guard let fields = Fields(node, userKeys, what: "\"\(scheme.rawValue)\"", &reader.diagnostics),
                let username = part("username", of: scheme.rawValue, fields, &reader),
                let password = part("password", of: scheme.rawValue, fields, &reader)
            else { return nil }
            return scheme == .basic
                ? .basic(username: username, password: password) : .digest(username: username, password: password)
        case .bearer:
            guard let fields = Fields(node, bearerKeys, what: "\"bearer\"", &reader.diagnostics),
                let token = part("token", of: scheme.rawValue, fields, &reader)
            else { return nil }
            return .bearer(token: token)
        case .oauth2: return clientCredentials(node, &reader)
        }
    }

    private static func clientCredentials(_ node: YAMLNode, _ reader: inout DefinitionReader) -> Authentication? {
        guard let fields = Fields(node, oauthKeys, &reader.diagnostics) else { return nil }
        if let grant = fields.requiredText("grant", of: "\"oauth2\"", &reader.diagnostics),
            grant != "client_credentials"
        {
            reader.diagnostics.error(
                "the grant \"\(grant)\" is not in the profile; it has client_credentials", at: fields.position("grant"))
        }
        guard let authority = part("authority", of: "oauth2", fields, &reader),
            let clientNode = fields.value("client"), let client = Fields(clientNode, clientKeys, &reader.diagnostics),
            let id = part("id", of: "client", client, &reader),
            let secret = part("secret", of: "client", client, &reader)
        else {
            if fields.value("client") == nil { fields.need("client", of: "\"oauth2\"", &reader.diagnostics) }
            return nil
        }
        if case .literal(.string(let text)) = authority {
            URIText.check(text, at: fields.position("authority"), &reader.diagnostics)
        }
        let method = client.text("authentication", &reader.diagnostics) ?? "client_secret_post"
        if method != "client_secret_post", method != "client_secret_basic" {
            reader.diagnostics.error(
                "the client authentication \"\(method)\" is not in the profile; it has client_secret_post and client_secret_basic",
                at: client.position("authentication"))
        }
        func list(_ key: String) -> [ValueExpression] {
            (fields.list(key, &reader.diagnostics) ?? []).map { ValueExpression.read($0, &reader) }
        }
        var tokenPath = ValueExpression.literal("/oauth2/token")
        if case .mapping(let entries)? = fields.value("endpoints")?.content,
            let token = entries.first(where: { $0.key == "token" })
        {
            tokenPath = ValueExpression.read(token.value, &reader)
        }
        let request = fields.value("request")?.json ?? .null
        return .clientCredentials(
            ClientCredentials(
                authority: authority, tokenPath: tokenPath, id: id, secret: secret, scopes: list("scopes"),
                audiences: list("audiences"), usesBasic: method == "client_secret_basic",
                sendsJSON: request["encoding"] == "application/json"))
    }

    private static func part(
        _ key: String, of what: String, _ fields: Fields, _ reader: inout DefinitionReader
    ) -> ValueExpression? {
        guard let node = fields.value(key) else {
            fields.need(key, of: "\"\(what)\"", &reader.diagnostics)
            return nil
        }
        return ValueExpression.read(node, &reader)
    }
}
