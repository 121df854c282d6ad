import ArgumentParser
import Glibc
import TFConfiguration
import TFQueue

struct RedisCLICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis-cli", abstract: "Run redis-cli on the daemon's Redis.",
        discussion: """
            The arguments after `--` go to redis-cli as they are; without any, redis-cli is interactive. The keys are \
            described in docs/redis.md.

            Examples:
              tf-daemon redis-cli -- LLEN queue:acme.bob
              tf-daemon redis-cli -- ZRANGE 'tf:{acme}:open' 0 -1 WITHSCORES

            Exit status: that of redis-cli; 1 if it cannot be run, 2 wrong usage.
            """)

    @OptionGroup var options: SettingOptions
    @Argument(parsing: .postTerminator, help: "Arguments for redis-cli.") var arguments: [String] = []

    func run() throws {
        let settings = try Settings.read(options)
        var command = ["redis-cli"]
        switch try RedisAddress(settings.redisAddress) {
        case .unix(let path): command += ["-s", path]
        case .tcp(let server):
            command += ["-h", server.host, "-p", String(server.port)]
            if let user = server.user { command += ["--user", user] }
            if let tls = server.tls { command += ["--tls"] + (tls.authorities.map { ["--cacert", $0] } ?? []) }
            // The password goes through the environment, since other users can read arguments.
            if let password = server.password { setenv("REDISCLI_AUTH", password, 1) }
        }
        var pointers: [UnsafeMutablePointer<CChar>?] = (command + arguments).map { strdup($0) }
        pointers.append(nil)
        execvp("redis-cli", pointers)
        let reason = String(cString: strerror(errno))
        try fail("redis-cli cannot be run: \(reason); apt-get install redis-tools")
    }
}
