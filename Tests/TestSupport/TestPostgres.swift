import Foundation
import Synchronization

/// A PostgreSQL cluster of the test run, empty, on a socket in a directory of its own.
///
/// It has the collation of every cluster that the record may be in: text compares by bytes.
package struct TestPostgres: Sendable {
    package let directory: String
    private let programs: String
    private let process = ProcessBox()

    /// PostgreSQL refuses to run as root: then all is run as the user that Debian's package makes.
    private static let user = "postgres"

    /// Makes a cluster, runs the body, and stops it.
    package static func with<Value>(_ body: (TestPostgres) async throws -> Value) async throws -> Value {
        let server = try TestPostgres()
        defer { server.stop() }
        try await server.start()
        return try await body(server)
    }

    /// Starts a cluster for the rest of this process.
    static func started() async throws -> TestPostgres {
        let server = try TestPostgres()
        try await server.start()
        _ = stopsAtExit
        running.withLock { $0.append(server) }
        return server
    }

    private static let running = Mutex<[TestPostgres]>([])
    private static let stopsAtExit: Void = {
        _ = atexit { for server in TestPostgres.running.withLock({ $0 }) { server.stop() } }
    }()

    /// The address of a database, for libpq.
    package func url(of database: String) -> String {
        let folder = directory.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? directory
        return "postgresql:///\(database)?host=\(folder)&user=\(Self.user)"
    }

    private init() throws {
        // Debian keeps the programs of each version in a directory of its own, and none of them in PATH.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []  // none
        guard let version = versions.compactMap({ Int($0) }).max() else {
            throw NeverHappened(what: "the package postgresql is installed", tries: 1, lastError: nil)
        }
        programs = "/usr/lib/postgresql/\(version)/bin/"
        directory = TestFolder.path("postgres")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if geteuid() == 0 {
            try FileManager.default.setAttributes([.ownerAccountName: Self.user], ofItemAtPath: directory)
        }
    }

    private var log: String { directory + "/log" }
    private var data: String { directory + "/data" }

    private func start() async throws {
        let (initdb, arguments) = command(
            "initdb",
            [
                "--pgdata", data, "--username", Self.user, "--auth", "trust", "--locale=C", "--encoding=UTF8",
                "--no-sync",
            ])
        guard try await ProcessBox.output(initdb, arguments, log: log) != nil else { throw refusal }
        // Only the socket; and nothing of it has to survive a power cut.
        let (server, options) = command(
            "postgres",
            ["-D", data, "-k", directory]
                + [
                    "listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
                    "autovacuum=off",
                ]
                .flatMap { ["-c", $0] })
        try process.start(server, options, log: log)
        try await eventually("postgres listens") {
            guard process.isRunning else { throw refusal }
            return try await answer("SELECT 1") == nil ? nil : ()
        }
    }

    /// What a program of the package is started with.
    private func command(_ name: String, _ arguments: [String]) -> (path: String, arguments: [String]) {
        let all = [programs + name] + arguments
        guard geteuid() == 0 else { return ("/usr/bin/env", all) }
        let user = ["--reuid", Self.user, "--regid", Self.user, "--clear-groups", "--"]
        return ("/usr/bin/setpriv", user + all)
    }

    private func answer(_ sql: String) async throws -> String? {
        try await ProcessBox.output(programs + "psql", connection + ["--command", sql], log: "/dev/null")
    }

    private var connection: [String] {
        ["--host", directory, "--username", Self.user, "--no-psqlrc", "--quiet", "--no-align", "--tuples-only"]
    }

    /// Runs a script of psql, which goes on behind a statement that fails.
    /// - Returns: the rows of all answers with `|` between their columns, and all errors, in the script's order.
    package func run(script: String) async throws -> (rows: String, errors: String) {
        let (file, errors) = (directory + "/script-\(UUID().uuidString)", directory + "/errors-\(UUID().uuidString)")
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        let rows = try await ProcessBox.output(programs + "psql", connection + ["--file", file], log: errors)
        let text = try String(contentsOfFile: errors, encoding: .utf8)
        guard let rows else { throw NeverHappened(what: "psql ends well; it says: \(text)", tries: 1, lastError: nil) }
        return (rows, text)
    }

    /// Lets the server do nothing, while all its connections stay open.
    /// - Parameter connection: the process id of one, which hangs too.
    package func hang(_ connection: Int32) {
        process.signal(SIGSTOP)
        kill(connection, SIGSTOP)
    }

    package func goOn(_ connection: Int32) {
        kill(connection, SIGCONT)
        process.signal(SIGCONT)
    }

    private var refusal: NeverHappened {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""  // it may have written none
        return NeverHappened(what: "postgres starts; it says: \(text)", tries: 1, lastError: nil)
    }

    private func stop() {
        // At once, with nothing saved; but by itself, so that it gives its shared memory back.
        process.signal(SIGQUIT)
        process.stop()
        try? FileManager.default.removeItem(atPath: directory)  // what is left goes with the temporary directory
    }
}
