import Foundation
import TFDefinition
import TFExpression

/// The intent to send a request. Its contents are computed only when it is sent, so that no secret is stored.
package struct HTTPIntent: Sendable, Hashable {
    /// The step's JSON Pointer, and how often it has been reached, from 1.
    package let reference: String
    package let visit: Int
    /// 1, or 2 for the operation itself after its OpenAPI document has been read.
    package let stage: Int
    /// Whether the request may be sent again if it is unclear whether it arrived.
    package let isRepeatable: Bool
    /// When the step times out, in milliseconds since 1970.
    package let deadline: Int64?
}

/// A request, ready to be sent.
package struct HTTPRequest: Sendable, Hashable {
    package let head: Head
    package let body: [UInt8]?
    package let followsRedirects: Bool
    package let authentication: Credentials?

    /// All of a request but its body.
    package struct Head: Sendable, Hashable {
        package let method: String
        package let url: String
        /// In order; names as they were written.
        package let headers: [Header]

        package init(method: String, url: String, headers: [Header]) {
            self.method = method
            self.url = url
            self.headers = headers
        }
    }

    package struct Header: Sendable, Hashable, Codable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}

/// How a request signs in, with all values computed.
package enum Credentials: Sendable, Hashable {
    case basic(username: String, password: String)
    case digest(username: String, password: String)
    case bearer(token: String)
    case clientCredentials(ClientCredentials)

    /// A token that is fetched from a server, for the client credentials grant of OAuth 2.
    package struct ClientCredentials: Sendable, Hashable {
        package let tokenURL: String
        package let client: Client
        package let scopes: [String]
        package let audiences: [String]
        /// Whether the token is asked for in JSON instead of a form.
        package let sendsJSON: Bool

        package struct Client: Sendable, Hashable {
            package let id: String
            package let secret: String
            /// Whether both are sent as `client_secret_basic` instead of `client_secret_post`.
            package let usesBasic: Bool
        }
    }
}

/// The outcome of a request.
package enum HTTPOutcome: Sendable, Hashable, Codable {
    case response(Response)
    /// There was no answer, and the request certainly had no effect.
    case failed(WorkflowError)
    /// The server may have received the request, so a person has to decide.
    case unclear(String)

    /// An answer, also one whose status is an error.
    package struct Response: Sendable, Hashable, Codable {
        package let status: Int
        package let headers: [HTTPRequest.Header]
        /// The body as text, or in Base64 if it is not UTF-8.
        package internal(set) var body: String
        package let isBase64: Bool
        /// Method, URL and headers of the request that was answered, without credentials.
        package let method: String
        package internal(set) var url: String
        package internal(set) var requestHeaders: [HTTPRequest.Header]

        /// - Parameter request: what was answered, after redirects.
        package init(status: Int, headers: [HTTPRequest.Header], body: [UInt8], to request: HTTPRequest.Head) {
            self.status = status
            self.headers = headers
            if let text = String(validating: body, as: UTF8.self) {
                self.body = text
                isBase64 = false
            } else {
                self.body = Data(body).base64EncodedString()
                isBase64 = true
            }
            method = request.method
            url = request.url
            requestHeaders = request.headers.filter { $0.name.lowercased() != "authorization" }
        }
    }
}

extension HTTPOutcome.Response {
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    /// The step's output.
    func output(_ form: HTTPCall.Output, at reference: String) throws(WorkflowError) -> JSON {
        switch form {
        case .raw: return .string(body)
        case .content: return try content(at: reference)
        case .response:
            return [
                "request": [
                    "method": .string(method), "uri": .string(url), "headers": Self.json(requestHeaders),
                ], "statusCode": .int(status), "headers": Self.json(headers), "content": try content(at: reference),
            ]
        }
    }

    /// The body: read if it is JSON, else as text.
    func content(at reference: String) throws(WorkflowError) -> JSON {
        let type = header("content-type")?.lowercased() ?? ""
        let isJSON = type.contains("json")
        if isBase64 || (!isJSON && !type.isEmpty) { return body.isEmpty ? .null : .string(body) }
        if body.isEmpty { return .null }
        let json: JSON
        do { json = try JSON(parsing: body) } catch {
            guard isJSON else { return .string(body) }
            throw WorkflowError(
                .communication, status: 502, title: "The answer is no JSON",
                detail: "\(method) \(url) says application/json, but: \(error)", at: reference)
        }
        try json.checkDepth("the answer of \(url)", at: reference)
        return json
    }

    private static func json(_ headers: [HTTPRequest.Header]) -> JSON {
        var members = JSONObject()
        for header in headers {
            let name = header.name.lowercased()
            members[name] = .string(members[name].map { "\($0.displayText), \(header.value)" } ?? header.value)
        }
        return .object(members)
    }

    /// The error of an answer's status; nil if the step goes on with it.
    func failure(allowsRedirect: Bool, at reference: String) -> WorkflowError? {
        if (200..<300).contains(status) || (allowsRedirect && (300..<400).contains(status)) { return nil }
        return WorkflowError(
            .communication, status: status, title: "\(method) \(url) was answered with \(status)",
            detail: body.isEmpty ? nil : String(body.prefix(1_000)), at: reference)
    }
}
