import TFDefinition
import TFExpression

import struct Foundation.Data

/// `$authorization` of the DSL: `{scheme, parameter}` of a call over HTTP that signs in.
extension Run {
    /// For the expressions of a request: the credentials as they are sent. A token that has yet to be fetched is not
    /// known.
    static func authorization(_ credentials: Credentials?) -> JSON {
        switch credentials {
        case nil: .null
        case .basic(let username, let password):
            described("Basic", .string(Data("\(username):\(password)".utf8).base64EncodedString()))
        case .bearer(let token): described("Bearer", .string(token))
        case .digest: described("Digest", .null)
        case .clientCredentials: described("Bearer", .null)
        }
    }

    /// For the expressions that make the step's output, which is stored: without a parameter that contains a secret.
    func storedAuthorization(
        _ step: WorkflowStep, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> JSON {
        let shaping = [step.output?.value, step.export?.value].compactMap { $0 }.flatMap(\.expressions)
        guard shaping.contains(where: { $0.globals.contains("authorization") }) else { return .null }
        let authentication: Authentication? =
            switch step.kind {
            case .http(let call): call.authentication
            case .openAPI(let call): call.authentication
            case .do, .set, .switch, .for, .fork, .try, .raise, .wait, .emit, .listen, .run, .call, .function, .ticket:
                nil
            }
        guard let authentication else { return .null }
        guard authentication.usesSecrets else {
            return Self.authorization(try credentials(authentication, input, place))
        }
        return Self.described(authentication.scheme, .null)
    }

    private static func described(_ scheme: String, _ parameter: JSON) -> JSON {
        ["scheme": .string(scheme), "parameter": parameter]
    }
}

extension Authentication {
    fileprivate var usesSecrets: Bool {
        if case .secret = self { return true }
        return expressions.contains { $0.globals.contains("secrets") }
    }

    /// The scheme, as the header `Authorization` names it.
    fileprivate var scheme: String {
        switch self {
        case .basic, .secret(scheme: .basic, _): "Basic"
        case .digest, .secret(scheme: .digest, _): "Digest"
        case .bearer, .clientCredentials, .secret(scheme: .bearer, _), .secret(scheme: .oauth2, _): "Bearer"
        }
    }

    private var expressions: [Expression] {
        switch self {
        case .basic(let username, let password), .digest(let username, let password):
            username.expressions + password.expressions
        case .bearer(let token): token.expressions
        case .clientCredentials(let client):
            ([client.authority, client.tokenPath, client.id, client.secret] + client.scopes + client.audiences)
                .flatMap(\.expressions)
        case .secret: []
        }
    }
}
