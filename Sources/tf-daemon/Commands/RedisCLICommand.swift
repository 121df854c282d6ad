import ArgumentParser
import Glibc
import TFConfiguration
import TFQueue
import TFStore

struct RedisCLICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis-cli", abstract: "Run redis-cli on the daemon's Redis.",
        discussion: """
            The arguments after `--` go to redis-cli as they are; without any, redis-cli is interactive. The keys are \
            described in docs/redis.md. Where Sentinel names the server, it is the present primary. Of several servers, \
            --company or --server says which one is meant.

            Examples:
              tf-daemon redis-cli -- LLEN queue:acme.bob
              tf-daemon redis-cli --company acme -- LLEN queue:acme.bob
              tf-daemon redis-cli -- ZRANGE 'tf:{acme}:open' 0 -1 WITHSCORES

            Exit status: that of redis-cli; 1 if it cannot be run, no primary is found or the server has to be chosen, 2 \
            wrong usage, or there is no such company.
            """)

    @Option(help: ArgumentHelp("The server that holds this company's queues.", valueName: "slug"))
    var company: String?
    @Option(help: ArgumentHelp("The server of this name, as `tf-daemon status` shows it.", valueName: "name"))
    var server: String?
    @OptionGroup var options: SettingOptions
    @Argument(parsing: .postTerminator, help: "Arguments for redis-cli.") var arguments: [String] = []

    func validate() throws {
        guard company == nil || server == nil else { throw ValidationError("either --company or --server") }
    }

    func run() async throws {
        let settings = try Settings.read(options)
        var logger = settings.logger("tf-daemon redis-cli")
        logger.logLevel = .error
        if let company {
            // Where its queues would be can be told of any name: one that is mistyped would be asked in vain.
            _ = try await withStore(settings, onlyReading: true) { try await knownCompany(company, in: $0) }
        }
        let server = try chosen(QueueServers(settings.redis, logger: logger))
        var command = ["redis-cli"]
        switch try await server.client.address.resolved() {
        case .unix(let path): command += ["-s", path]
        case .tcp(let server): command += Self.options(server)
        case .sentinel(let sentinels): try fail("\(sentinels) names no server")
        }
        var pointers: [UnsafeMutablePointer<CChar>?] = (command + arguments).map { strdup($0) }
        pointers.append(nil)
        execvp("redis-cli", pointers)
        let reason = String(cString: strerror(errno))
        try fail("redis-cli cannot be run: \(reason); apt-get install redis-tools")
    }

    private func chosen(_ servers: QueueServers) throws -> QueueServer {
        if let company { return servers.server(of: company) }
        let known = servers.all.map(\.name).joined(separator: ", ")
        if let server {
            guard let named = servers.all.first(where: { $0.name == server }) else {
                try fail("there is no server \"\(server)\"; there is \(known)")
            }
            return named
        }
        guard servers.all.count == 1 else {
            try fail("this site has several servers: say --company SLUG, or --server with one of \(known)")
        }
        return servers.all[0]
    }

    private static func options(_ server: RedisAddress.Server) -> [String] {
        // The password goes through the environment, since other users can read arguments.
        if let credentials = server.credentials { setenv("REDISCLI_AUTH", credentials.password, 1) }
        return ["-h", server.host, "-p", String(server.port)]
            + (server.credentials?.user.map { ["--user", $0] } ?? [])
            + (server.tls.map { ["--tls"] + ($0.authorities.map { ["--cacert", $0] } ?? []) } ?? [])
    }
}
