import ArgumentParser
import Logging
import TFConfiguration
import TFExpression
import TFQueue
import TFStore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the daemon, the queues, the store and the definitions in error.",
        discussion: """
            Shows every worker with the number of their open tasks as a bar, and the tasks that nobody has. The numbers \
            are the store's. Where a list in Redis has another length, that is shown too: the two differ only for a \
            moment. Jobs that a program has taken are open and in no list. A key in Redis that somebody else wrote to is \
            shown until the daemon has put it right, and for an hour afterwards. With Sentinel the present primary is \
            named; of several servers, each has a line with the number of its companies. Then follow the sizes of the store and \
            of its write-ahead log, the room on the disk, the last backup, events of workflows that are set aside, failed \
            workflows, and the HTTP requests of workflows with the places that each company has for them.

            A daemon that runs and cannot work is told with what keeps it: another process that has locked the store, a \
            signal that stopped it, a full disk. So is a program that is missing, such as dot, and a directory of \
            definitions that is gone. Whether tf-web serves is asked at http.bind, and is no fault: it may run elsewhere.

            It only reads: a store whose schema is older is not brought up to date, and one that is newer is refused.

            Exit status:
              0  all is well
              1  the daemon runs, and something wants a person: it cannot work, or a part of it fails; Redis does not answer
                 or differs, is too old or evicts keys; a key is wrong; a workflow or an event is set aside; a definition
                 is in error, a directory of them no company's, or their tree gone; the log is above 64 MiB; the disk has
                 less than 256 MiB; dot, or the redis-server that the daemon runs, is missing
              2  wrong usage
              3  no daemon runs
              4  the store cannot be read: there is none, it is another account's, locked, damaged, or of another
                 version
            """)

    @Flag(help: "Print one JSON object.") var json = false

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.read(options)
        var logger = settings.logger("tf-daemon status")
        logger.logLevel = .error
        let store = try readStore(settings)
        let now = WallClock.now()
        let servers = QueueServers(settings.redis, logger: logger)
        let status = try await QueueStatus.read(
            store, servers, data: settings.data, definitions: settings.definitions, now: now)
        var condition = try await SiteCondition.read(store, settings, now: now)
        condition.redisComplaints = status.servers.complaints
        let web = await WebCondition.read(settings)
        await servers.close()
        try store.close()
        if json {
            var all = (status.json.objectValue ?? [:]).merging(condition.json) { $1 }
            all["web"] = web.json
            print(JSON.object(all).text.jsonForTerminals)
        } else {
            let lines = ["web      \(web.text)"] + condition.lines
            print(([status.text(width: Terminal.width)] + lines.map(\.onOneLine)).joined(separator: "\n"))
        }
        if !status.isRunning { throw ExitCode(3) }
        if !status.isWell || !condition.isWell { throw ExitCode(1) }
    }

    /// Ends the command with the reason and exit status 4 if the store cannot be read.
    private func readStore(_ settings: Settings) throws -> Store {
        do {
            let location = StoreLocation(settings.storeURL)
            try Store.demandUnlocked(settings.data, at: location)
            return try Store(reading: settings.data, at: location, baseURL: settings.baseURL)
        } catch {
            StandardError.write("\(error)\n")
            throw ExitCode(4)
        }
    }
}
