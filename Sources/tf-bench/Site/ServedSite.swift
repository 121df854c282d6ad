import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TFExpression
import TFStore

/// The two programs on a data directory of the benchmark's own, one of each or several, and a client of theirs.
final class ServedSite: Sendable {
    /// Of the people who sign in.
    static let password = "a passphrase for the bench"

    let directory: String
    /// The site's URL, at which the first tf-web answers.
    let address: String
    /// The first tf-web's port; the next ones have the next ports.
    private let port = Int.random(in: 20_000..<30_000)
    private let binaries: String
    private let environment: [String: String]
    let client = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: .init(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(60)),
            connectionPool: .init(idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 64)))

    /// - Parameters:
    ///   - binaries: the directory with tf-daemon and tf-web.
    ///   - settings: further settings, by their names in the environment.
    init(binaries: String, settings: [String: String] = [:]) {
        self.binaries = binaries
        directory = NSTemporaryDirectory() + "tf-bench-site-\(UUID().uuidString.prefix(8))"
        address = "http://localhost:\(port)"
        environment = ProcessInfo.processInfo.environment.merging(
            [
                "TF_DATA": "\(directory)/var", "TF_DEFINITIONS": "\(directory)/workflows", "TF_BASE_URL": address,
                "TF_LOG_LEVEL": "error",
            ], uniquingKeysWith: { $1 }
        ).merging(settings, uniquingKeysWith: { $1 })
    }

    var data: String { "\(directory)/var" }
    var definitions: String { "\(directory)/workflows" }

    func close() async throws {
        try await client.shutdown()
        try? FileManager.default.removeItem(atPath: directory)
    }

    // MARK: Programs

    /// - Parameter number: which one of that program it is.
    func start(_ program: String, number: Int = 0) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(binaries)/\(program)")
        process.environment = environment.merging(
            ["TF_HTTP_BIND": "127.0.0.1:\(port + number)"], uniquingKeysWith: { $1 })
        try process.run()
        return process
    }

    /// Runs so many of each program, and the body once they serve.
    func running(_ count: Int, _ body: () async throws -> Void) async throws {
        var processes: [Process] = []
        defer {
            for process in processes { process.terminate() }
            for process in processes { process.waitUntilExit() }
        }
        for number in 0..<count { processes.append(try start("tf-daemon", number: number)) }
        for number in 0..<count { processes.append(try start("tf-web", number: number)) }
        try await waitUntilServing(webs: count)
        try await body()
    }

    func setPassword(_ login: String) throws {
        try run("tf-web", ["user", "passwd", login, "--password-stdin"], input: Self.password + "\n")
    }

    /// Runs a command of a program to its end.
    /// - Parameter input: what it reads.
    func run(_ program: String, _ arguments: [String], input: String = "") throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(binaries)/\(program)")
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardInput = pipe
        try process.run()
        pipe.fileHandleForWriting.write(Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError.failed("\(program) \(arguments.joined(separator: " "))")
        }
    }

    /// Waits until each tf-web answers.
    func waitUntilServing(webs: Int = 1) async throws {
        for web in 0..<webs {
            // An error: it does not listen yet.
            while (try? await client.get(url: "http://localhost:\(port + web)/healthz").get())?.status != .ok {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    // MARK: Requests

    /// A bearer token of one of the people with a password.
    func token(_ login: String) async throws -> String {
        let body: JSON = ["login": .string(login), "password": .string(Self.password)]
        let answer = try await send(
            .POST, "/api/v1/auth/token", headers: [("Content-Type", "application/json")], body.text)
        guard let token = try JSON(parsing: Array(answer.body.utf8))["access_token"].stringValue else {
            throw BenchError.failed("signing in as \(login): \(answer.status)")
        }
        return token
    }

    /// The cookies of one of the people with a password, for pages.
    func cookies(_ login: String) async throws -> String {
        let page = try await send(.GET, "/login")
        let form = [("_csrf", page.hidden("_csrf")), ("login", login), ("password", Self.password)]
        let answer = try await post("/login", form, cookies: page.cookies)
        guard answer.status == 303 else { throw BenchError.failed("signing in as \(login): \(answer.status)") }
        return answer.cookies
    }

    func post(_ path: String, _ form: [(String, String)], cookies: String) async throws -> Answer {
        let allowed = CharacterSet.alphanumerics
        let body = form.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")" }
        return try await send(
            .POST, path,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", address), ("Cookie", cookies),
            ], body.joined(separator: "&"))
    }

    struct Answer: Sendable {
        let status: Int
        let body: String
        /// As the next request sends them.
        let cookies: String

        /// The value of a form's hidden field.
        func hidden(_ name: String) -> String {
            guard let start = body.range(of: "name=\"\(name)\" value=\"") else { return "" }
            return String(body[start.upperBound...].prefix { $0 != "\"" })
        }
    }

    /// - Parameter web: which tf-web it is sent to, from 0.
    func send(
        _ method: HTTPMethod, _ path: String, to web: Int = 0, headers: [(String, String)] = [],
        _ body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://localhost:\(port + web)\(path)")
        request.method = method
        request.headers.add(name: "Host", value: "localhost:\(port)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 4 << 20)
        let cookies = response.headers["set-cookie"].map { String($0.prefix { $0 != ";" }) }
        return Answer(
            status: Int(response.status.code), body: String(buffer: bytes), cookies: cookies.joined(separator: "; "))
    }
}
