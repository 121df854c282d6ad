import ArgumentParser
import Foundation
import Logging
import TFConfiguration
import TFExpression
import TFQueue
import TFStore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the daemon, the queues and the definitions in error.",
        discussion: """
            Shows every worker with the number of their open tasks as a bar, and the tasks that nobody has. The numbers \
            are the store's. Where a list in Redis has another length, that is shown too: the two differ only for a \
            moment. Jobs that a program has taken are open and in no list. A key in Redis that somebody else wrote to is \
            shown until the daemon has put it right, and for an hour afterwards.

            Exit status: 0 the daemon runs, no list differs, every key is right, no workflow is set aside and no \
            definition is in error; 1 otherwise; 2 wrong usage.
            """)

    @Flag(help: "Print one JSON object.") var json = false

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.read(options)
        guard FileManager.default.fileExists(atPath: settings.data + "/store.db") else {
            print("there is no store in \(settings.data); start tf-daemon or tf-web first")
            throw ExitCode(1)
        }
        var logger = settings.logger("tf-daemon status")
        logger.logLevel = .error
        let store = try Store(directory: settings.data, baseURL: settings.baseURL)
        let client = RedisClient(address: try RedisAddress(settings.redisAddress), logger: logger)
        let status = try await QueueStatus.read(store, TaskQueues(client: client), now: WallClock.now())
        await client.close()
        try store.close()
        print(json ? status.json.text.jsonForTerminals : status.text(width: Terminal.width))
        if !status.isWell { throw ExitCode(1) }
    }
}
