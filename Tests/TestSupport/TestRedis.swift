import Foundation

/// A redis-server of the test run, on a socket in a directory of its own.
package struct TestRedis: Sendable {
    package let directory: String
    /// What redis-cli signs in with; nil: nothing.
    var password: String?
    let process = ProcessBox()

    package var socket: String { directory + "/redis.sock" }
    package var address: String { "redis+unix://" + socket }

    /// Starts a server, runs the body, and stops it.
    package static func with(_ body: (TestRedis) async throws -> Void) async throws {
        let server = try TestRedis()
        defer { server.stop() }
        guard try await server.starts(["--port", "0"]) else { throw server.refusal }
        try await body(server)
    }

    /// The same over TLS on a free port.
    /// - Parameters:
    ///   - arguments: besides.
    ///   - certificate: makes `cert.pem` and `key.pem` in the directory.
    package static func withTLS(
        _ arguments: [String], certificate: (_ directory: String) async throws -> Void,
        _ body: (TestRedis, _ port: Int) async throws -> Void
    ) async throws {
        let server = try TestRedis()
        defer { server.stop() }
        try await certificate(server.directory)
        let files = ["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-ca-cert-file", "cert.pem"]
        let port = try await onFreePort { port in
            let isUp = try await server.starts(
                ["--port", "0", "--tls-port", String(port), "--tls-auth-clients", "no"] + files + arguments)
            return isUp ? port : nil
        }
        try await body(server, port)
    }

    init() throws {
        directory = TestFolder.path("redis")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// - Returns: whether it listens; false: it ended at once, as with a port that somebody has.
    func starts(_ arguments: [String]) async throws -> Bool {
        try await runs(
            ["--unixsocket", socket, "--save", "", "--logfile", log, "--enable-debug-command", "yes"] + arguments)
    }

    /// - Parameter arguments: all of redis-server; they make it listen on the socket.
    func runs(_ arguments: [String]) async throws -> Bool {
        // One that was killed has left it.
        unlink(socket)
        // The working directory first: the certificate's files are read below it.
        try process.start("/usr/bin/env", ["--chdir", directory, "redis-server"] + arguments)
        return try await eventually("redis-server makes its socket") {
            guard process.isRunning else { return false }
            return FileManager.default.fileExists(atPath: socket) ? true : nil
        }
    }

    var log: String { directory + "/log" }

    private var refusal: NeverHappened {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""  // it may have written none
        return NeverHappened(what: "redis-server starts; it says: \(text)", tries: 1, lastError: nil)
    }

    /// It answers nobody until it is let go on.
    package func hang() { process.signal(SIGSTOP) }

    package func goOn() { process.signal(SIGCONT) }

    /// SIGKILL, also of one that hangs.
    package func kill() { process.kill() }

    /// Asks it something with redis-cli.
    package func answer(_ command: String...) async throws -> String {
        let credentials = password.map { ["-a", $0, "--no-auth-warning"] } ?? []
        let answer = try await ProcessBox.output(
            "/usr/bin/env", ["redis-cli", "-s", socket] + credentials + command, log: log)
        guard let answer else { throw refusal }
        return answer.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() {
        // There is nothing in it to save.
        process.kill()
        try? FileManager.default.removeItem(atPath: directory)  // what is left goes with the temporary directory
    }
}
