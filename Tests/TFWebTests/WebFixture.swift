import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TFConfiguration
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_web

/// The web process with the demo's people on a store of its own, without a socket.
struct WebFixture: Sendable {
    let site: Site
    let leader: Leadership
    /// The demo's company whose definitions `publish` puts into force.
    let acme: Company

    /// - Parameter sendmail: the program that sends mail; nil: none is configured.
    init(sendmail: String? = nil) async throws {
        let directory = TestFolder.path("web")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(atPath: try await Self.demo.value, toPath: directory + "/store.db")
        try await self.init(reopening: directory, sendmail: sendmail)
        let files = [
            "a.ticket.yaml": """
            ticket: thing
            name: Thing <b>
            description: A thing
            assign: { role: it-staff }
            body: [ { type: input, id: what, attributes: { label: What }, validations: { required: true } } ]
            """
        ]
        try await site.store.publish(files, for: acme, now: site.now)
    }

    /// Another process on the same data.
    /// - Parameters:
    ///   - url: the address of the record; nil: it is in the directory.
    ///   - masterKey: the path of the master key's file, for a record elsewhere.
    init(
        reopening directory: String, url: String? = nil, masterKey: String = WebFixture.masterKey,
        sendmail: String? = nil
    ) async throws {
        let options = try SettingOptions.parse(
            [
                "--data", directory, "--definitions", directory + "/workflows", "--base-url", "http://localhost",
                "--log-level", "critical",
            ] + (sendmail.map { ["--mail-sendmail", $0] } ?? []))
        let settings = try Settings.read(
            options, environment: url.map { ["TF_STORE_URL": $0, "TF_MASTER_KEY_FILE": masterKey] } ?? [:])
        site = try await Site(settings: settings, logger: settings.logger("test"))
        let leading = try await site.store.write { [site] in try $0.lead(as: "test", now: site.now) }
        leader = try #require(leading)
        let known = try await site.store.read { try $0.company("acme") }
        acme = try #require(known)
    }

    /// One for all databases of this process.
    static let masterKey = TestFolder.path("master", suffix: ".key")

    /// The file of a store with the demo's people: filled once, since their password takes long to hash, and copied for
    /// each test.
    private static let demo = Task {
        let directory = TestFolder.path("web")
        let store = try Store(directory: directory, baseURL: "http://localhost")
        try await DemoCommand.fill(store, now: WallClock.now())
        try store.close()
        return directory + "/store.db"
    }

    /// Puts definitions into force beside those that are.
    func publish(_ files: [String: String]) async throws {
        try await publish(files, keeping: ["a.ticket.yaml"], acme)
    }

    private func publish(_ files: [String: String], keeping kept: Set<String>, _ company: Company) async throws {
        try await site.store.publish(files, keeping: kept, for: company, now: site.now)
    }

    /// Runs the workflows as far as they go, as the daemon does.
    func advance() async throws {
        while try await site.store.read({ try $0.nextTurn(now: site.now) }).isDue {
            let advance = try await site.store.advanceInstances(limit: 10, leader: leader, now: site.now)
            #expect(advance.setAside.isEmpty)
        }
    }

    func test(_ body: @escaping @Sendable (Browser) async throws -> Void) async throws {
        let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
        try await app.test(.router) { client in try await body(Browser(client: client, site: site)) }
    }
}

/// A file as a browser sends it.
struct SentFile {
    let field: String
    let name: String
    let mediaType: String
    let bytes: [UInt8]
}

extension TestResponse {
    var html: String { String(buffer: body) }
}

/// A client with a cookie jar that fills in what a page's form hides.
final class Browser {
    private let client: any TestClientProtocol
    private let site: Site
    private(set) var cookies: [String: String] = [:]

    init(client: any TestClientProtocol, site: Site) { (self.client, self.site) = (client, site) }

    func get(_ uri: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await send(uri, .get, headers: headers, body: nil)
    }

    func post(_ uri: String, _ fields: [(String, String)], headers: HTTPFields = [:]) async throws -> TestResponse {
        let body = fields.map { name, value in "\(Self.encode(name))=\(Self.encode(value))" }.joined(separator: "&")
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        let fetchSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
        if headers[fetchSite] == nil { headers[fetchSite] = "same-origin" }
        return try await send(uri, .post, headers: headers, body: ByteBuffer(string: body))
    }

    /// Sends a form as browsers do when it takes files: every line break as CR LF.
    func post(_ uri: String, _ fields: [(String, String)], files: [SentFile]) async throws -> TestResponse {
        let boundary = "----boundary7MA4YWxk"
        var body: [UInt8] = []
        for (name, value) in fields {
            let text = value.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
            body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n".utf8)
        }
        for file in files {
            let disposition = "Content-Disposition: form-data; name=\"\(file.field)\"; filename=\"\(file.name)\""
            body += Array("--\(boundary)\r\n\(disposition)\r\nContent-Type: \(file.mediaType)\r\n\r\n".utf8)
            body += file.bytes + Array("\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        var headers: HTTPFields = [.contentType: "multipart/form-data; boundary=\(boundary)"]
        headers[try #require(HTTPField.Name("Sec-Fetch-Site"))] = "same-origin"
        return try await send(uri, .post, headers: headers, body: ByteBuffer(bytes: body))
    }

    /// Becomes somebody whom the site has not seen.
    func forgetCookies() { cookies = [:] }

    /// Becomes somebody who has signed in, without the 0.4 s for which a password is hashed.
    func become(_ login: String) async throws {
        let tokens = try await tokens(of: login, use: .web)
        setCookies(["tf_at": tokens.access, "tf_rt": tokens.refresh])
    }

    private func tokens(of login: String, use: Session.Purpose) async throws -> TokenPair {
        let identity = try #require(try await site.store.read { try $0.identity(login) })
        return try await Sessions(site: site).start(for: identity, use: use, agent: "test", address: "").tokens
    }

    /// Has a session that the test began for somebody.
    func setCookies(_ new: [String: String]) { cookies.merge(new) { $1 } }

    /// Loads a page and sends its form back with these fields added.
    func submit(_ page: String, to uri: String, _ fields: [(String, String)]) async throws -> TestResponse {
        try await post(uri, Self.hidden(in: String(buffer: try await get(page).body)) + fields)
    }

    /// What every form of ours hides, as a page gives it.
    static func hidden(in html: String) -> [(String, String)] {
        ["_csrf", "_submission", "version"].compactMap { name in hidden(name, in: html).map { (name, $0) } }
    }

    func login(_ login: String, password: String = DemoCommand.password) async throws -> TestResponse {
        try await submit("/login", to: "/login", [("login", login), ("password", password)])
    }

    func json(
        _ uri: String, _ method: HTTPRequest.Method, token: String?, _ body: String? = nil,
        type: String = "application/json", headers more: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = more
        headers[.authorization] = token.map { "Bearer \($0)" }
        if body != nil { headers[.contentType] = type }
        return try await client.execute(
            uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }

    /// A page as somebody with this session asks for it, or sends its form with nothing filled in.
    func page(_ uri: String, _ method: HTTPRequest.Method, cookie: String, csrf: String) async throws -> TestResponse {
        var headers: HTTPFields = [.cookie: cookie]
        headers[try #require(HTTPField.Name("Sec-Fetch-Site"))] = "same-origin"
        guard method == .post else {
            return try await client.execute(uri: uri, method: method, headers: headers, body: nil)
        }
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await client.execute(
            uri: uri, method: method, headers: headers, body: ByteBuffer(string: "_csrf=\(Self.encode(csrf))"))
    }

    /// A bearer token of somebody, without the 0.4 s for which a password is hashed.
    func token(_ login: String) async throws -> String { try await tokens(of: login, use: .api).access }

    static func hidden(_ name: String, in html: String) -> String? {
        guard let start = html.range(of: "name=\"\(name)\" value=\"") else { return nil }
        return [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")].reduce(
            String(html[start.upperBound...].prefix { $0 != "\"" })
        ) { $0.replacing($1.0, with: $1.1) }
    }

    private func send(
        _ uri: String, _ method: HTTPRequest.Method, headers: HTTPFields, body: ByteBuffer?
    ) async throws -> TestResponse {
        var headers = headers
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let response = try await client.execute(
            uri: uri, method: method, headers: headers, body: body)
        for header in response.headers[values: .setCookie] {
            let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
        }
        #expect(!response.html.contains("HTML(bytes"), "markup stands as a value of Swift's on \(uri)")
        return response
    }

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
