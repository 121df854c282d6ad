import TFDefinition
import TFExpression

/// Calls over HTTP: the stored intent, the request that is made when it is sent, and its answer.
extension Run {
    mutating func send(
        _ branch: Int, _ pending: Wait.Pending, _ stage: HTTPStage, isRepeatable: Bool
    ) throws(WorkflowError) {
        wait(branch, pending, .http(stage))
        effects.append(
            .sendHTTP(
                HTTPIntent(
                    reference: pending.reference, visit: pending.visit, stage: stage.number,
                    isRepeatable: isRepeatable, deadline: pending.deadline)))
    }

    mutating func finishHTTP(_ branch: Int, _ outcome: HTTPOutcome) {
        guard let wait = state.branches[position(branch)].wait, case .http(let stage) = wait.kind,
            let step = currentStep(branch)
        else { return }
        attempt(branch) { (run) throws(WorkflowError) in
            switch outcome {
            case .failed(var error):
                error.instance = wait.pending.reference
                throw error
            case .unclear(let reason):
                // No `catch` takes this, since a retry could send the request twice.
                return run.stopUnclear(branch, reason)
            case .response(let response): try run.take(response, branch, step, stage, wait.pending)
            }
        }
    }

    private mutating func take(
        _ response: HTTPOutcome.Response, _ branch: Int, _ step: WorkflowStep, _ stage: HTTPStage,
        _ pending: Wait.Pending
    ) throws(WorkflowError) {
        let reference = pending.reference
        switch step.kind {
        case .http(let call):
            if let failure = response.failure(allowsRedirect: call.redirect, at: reference) { throw failure }
            complete(branch, pending, output: try response.output(call.output, at: reference))
        case .openAPI(let call):
            guard case .document = stage else {
                if let failure = response.failure(allowsRedirect: call.redirect, at: reference) { throw failure }
                return complete(branch, pending, output: try response.output(call.output, at: reference))
            }
            if let failure = response.failure(allowsRedirect: false, at: reference) { throw failure }
            let operation = try OpenAPIOperation(
                document: response.body, url: response.url, id: call.operation, at: reference)
            try send(
                branch, pending, .operation(operation),
                isRepeatable: step.isIdempotent || HTTPMethods.isRepeatable(operation.method))
        case .do, .set, .switch, .for, .fork, .try, .raise, .wait, .emit, .listen, .run, .call, .function, .ticket:
            break
        }
    }

    // MARK: Requests

    func request(reference: String, visit: Int) throws(WorkflowError) -> HTTPRequest? {
        let branch = state.branches.first { branch in
            branch.wait?.pending.reference == reference && branch.wait?.pending.visit == visit
        }
        guard let branch, let wait = branch.wait, case .http(let stage) = wait.kind,
            let step = currentStep(branch.id)
        else { return nil }
        var place = place(step, branch.id, reference: reference, startedAt: wait.pending.startedAt)
            .with(input: wait.pending.input)
        place.allowsSecrets = true
        let input = wait.pending.input
        switch step.kind {
        case .http(let call): return try request(call, input, place)
        case .openAPI(let call):
            if case .operation(let operation) = stage { return try request(operation, call, input, place) }
            return HTTPRequest(
                head: .init(
                    method: "GET", url: try url(call.document, input, place),
                    headers: [.init(name: "Accept", value: "application/json, application/yaml, */*")]),
                body: nil, followsRedirects: true,
                authentication: try credentials(call.documentAuthentication, input, place))
        case .do, .set, .switch, .for, .fork, .try, .raise, .wait, .emit, .listen, .run, .call, .function, .ticket:
            return nil
        }
    }

    private func request(
        _ call: HTTPCall, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> HTTPRequest {
        var place = place
        let credentials = try credentials(call.authentication, input, place)
        place.authorization = Self.authorization(credentials)
        var headers = try pairs(call.headers, input, place, "headers").map {
            HTTPRequest.Header(name: $0.0, value: $0.1)
        }
        let query = try pairs(call.query, input, place, "query")
        let body = try call.body.map { body throws(WorkflowError) in try value(body, of: input, place.at("with.body")) }
        let bytes = body.map { Self.encode($0, &headers) } ?? nil
        return HTTPRequest(
            head: .init(
                method: call.method, url: Self.adding(query, to: try url(call.uri, input, place)), headers: headers),
            body: bytes, followsRedirects: call.redirect, authentication: credentials)
    }

    private func request(
        _ operation: OpenAPIOperation, _ call: OpenAPICall, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> HTTPRequest {
        var place = place
        let credentials = try credentials(call.authentication, input, place)
        place.authorization = Self.authorization(credentials)
        let parameters = try object(call.parameters, of: input, place.at("with.parameters"))
        let made = try operation.request(parameters, at: place.reference)
        var headers = made.headers
        let bytes = made.body.map { Self.encode($0, &headers) } ?? nil
        return HTTPRequest(
            head: .init(method: operation.method, url: Self.adding(made.query, to: made.url), headers: headers),
            body: bytes, followsRedirects: call.redirect, authentication: credentials)
    }

    /// Encodes a body as JSON, unless it is text already.
    private static func encode(_ body: JSON, _ headers: inout [HTTPRequest.Header]) -> [UInt8]? {
        guard body != .null else { return nil }
        let hasType = headers.contains { $0.name.lowercased() == "content-type" }
        if case .string(let text) = body {
            if !hasType { headers.append(.init(name: "Content-Type", value: "text/plain; charset=utf-8")) }
            return Array(text.utf8)
        }
        if !hasType { headers.append(.init(name: "Content-Type", value: "application/json")) }
        return body.bytes
    }

    /// The URI: a text with RFC 6570's simple expansion of top-level members of the input, or an expression's value.
    private func url(
        _ uri: ValueExpression, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> String {
        if case .literal(.string(let template)) = uri { return URITemplate.expand(template, input) }
        let value = try value(uri, of: input, place.at("with.endpoint"))
        guard let text = value.stringValue, text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw .runtime("the URI gave \(value.text), not one that starts with https://", at: place.reference)
        }
        return text
    }

    private func pairs(
        _ expression: ValueExpression?, _ input: JSON, _ place: Place, _ what: String
    ) throws(WorkflowError) -> [(String, String)] {
        guard let expression else { return [] }
        let value = try value(expression, of: input, place.at("with.\(what)"))
        if value == .null { return [] }
        guard let members = value.objectValue else {
            throw .runtime("\"\(what)\" gave \(value.typeName), not an object", at: place.reference)
        }
        return members.flatMap { name, value in
            (value.arrayValue ?? [value]).filter { $0 != .null }.map { (name, $0.displayText) }
        }
    }

    static func adding(_ query: [(String, String)], to url: String) -> String {
        guard !query.isEmpty else { return url }
        let text = query.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
        return url + (url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + text
    }

    // MARK: Signing in

    func credentials(
        _ authentication: Authentication?, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> Credentials? {
        func text(_ expression: ValueExpression, _ what: String) throws(WorkflowError) -> String {
            try self.text(expression, of: input, place, what) ?? ""
        }
        switch authentication {
        case nil: return nil
        case .basic(let username, let password):
            return .basic(username: try text(username, "username"), password: try text(password, "password"))
        case .digest(let username, let password):
            return .digest(username: try text(username, "username"), password: try text(password, "password"))
        case .bearer(let token): return .bearer(token: try text(token, "token"))
        case .clientCredentials(let client):
            var scopes: [String] = []
            for scope in client.scopes { scopes.append(try text(scope, "scopes")) }
            var audiences: [String] = []
            for audience in client.audiences { audiences.append(try text(audience, "audiences")) }
            let authority = URITemplate.expand(try text(client.authority, "authority"), input)
            return .clientCredentials(
                Credentials.ClientCredentials(
                    tokenURL: Self.join(authority, try text(client.tokenPath, "token")),
                    client: .init(
                        id: try text(client.id, "id"), secret: try text(client.secret, "secret"),
                        usesBasic: client.usesBasic),
                    scopes: scopes, audiences: audiences, sendsJSON: client.sendsJSON))
        case .secret(let scheme, let name): return try secret(scheme, name, place)
        }
    }

    /// The credentials of a policy whose properties are in a secret.
    private func secret(
        _ scheme: Authentication.Scheme, _ name: String, _ place: Place
    ) throws(WorkflowError) -> Credentials {
        let secret = try secret(name, at: place.reference)
        func part(_ key: String) throws(WorkflowError) -> String {
            guard let text = secret[key].stringValue else {
                throw WorkflowError(
                    .configuration, status: 500, title: "A secret is not what it should be",
                    detail: "the secret \"\(name)\" must be a JSON object with \"\(key)\"", at: place.reference)
            }
            return text
        }
        switch scheme {
        case .basic: return .basic(username: try part("username"), password: try part("password"))
        case .digest: return .digest(username: try part("username"), password: try part("password"))
        case .bearer:
            if let token = secret.stringValue { return .bearer(token: token) }
            return .bearer(token: try part("token"))
        case .oauth2:
            let client = secret["client"]
            guard let id = client["id"].stringValue, let clientSecret = client["secret"].stringValue else {
                throw WorkflowError(
                    .configuration, status: 500, title: "A secret is not what it should be",
                    detail: "the secret \"\(name)\" must be a JSON object with \"client\": {\"id\", \"secret\"}",
                    at: place.reference)
            }
            return .clientCredentials(
                Credentials.ClientCredentials(
                    tokenURL: Self.join(
                        try part("authority"), secret["endpoints"]["token"].stringValue ?? "/oauth2/token"),
                    client: .init(
                        id: id, secret: clientSecret, usesBasic: client["authentication"] == "client_secret_basic"),
                    scopes: (secret["scopes"].arrayValue ?? []).compactMap(\.stringValue),
                    audiences: (secret["audiences"].arrayValue ?? []).compactMap(\.stringValue),
                    sendsJSON: secret["request"]["encoding"] == "application/json"))
        }
    }

    private static func join(_ base: String, _ path: String) -> String {
        (base.hasSuffix("/") ? String(base.dropLast()) : base) + (path.hasPrefix("/") ? path : "/" + path)
    }
}

/// RFC 6570, level 1.
package enum URITemplate {
    package static func expand(_ template: String, _ input: JSON) -> String {
        var expanded = ""
        var rest = template.unicodeScalars[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            expanded.unicodeScalars += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            expanded += percentEncoded(input[name].displayText)
            rest = rest[rest.index(after: close)...]
        }
        expanded.unicodeScalars += rest
        return expanded
    }
}
