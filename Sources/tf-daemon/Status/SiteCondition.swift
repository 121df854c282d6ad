import Subprocess
import TFConfiguration
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// What `tf-daemon status` tells besides the queues: the disk, the backup, and work that waits for a person.
struct SiteCondition {
    /// A log that is larger was not moved into the store for a while.
    static let limitLog: Int64 = 64 << 20
    /// With less free room, a busy site may stop within minutes.
    static let leastFree: Int64 = 256 << 20

    let figures: SiteFigures
    /// In bytes.
    let store: Int64
    /// nil: the record is on PostgreSQL, which looks after its own, and after its backups.
    let log: Int64?
    /// nil: the file system does not tell.
    let disk: DiskSpace?
    let backup: LastBackup?
    let now: Int64
    /// Programs that are not installed here, with what is missing without them.
    let missing: [String]
    /// Why the definitions' files cannot be read; nil: they can.
    let definitionsProblem: String?
    /// Why the queues cannot rely on this Redis.
    var redisComplaints: [String] = []

    static func read(_ store: Store, _ settings: Settings, now: Int64) async throws -> SiteCondition {
        let room = try await store.room()
        return SiteCondition(
            figures: try await store.read { try $0.siteFigures() },
            store: room.bytes, log: room.logBytes, disk: DiskSpace(at: settings.data),
            // What an earlier record in this directory noted says nothing of the one there is now.
            backup: settings.storeURL == nil ? LastBackup(of: settings.data) : nil, now: now,
            missing: await missingPrograms(settings),
            definitionsProblem: DefinitionsDirectory.problem(settings.definitions))
    }

    private static func missingPrograms(_ settings: Settings) async -> [String] {
        var missing: [String] = []
        if settings.runsRedis, await !isInstalled("redis-server") {
            missing.append(
                "redis-server is not installed, so that nobody gets tasks: apt-get install redis-server, or set redis.url"
            )
        }
        if await !isInstalled("dot") {
            missing.append("dot is not installed, so that workflows have no pictures: apt-get install graphviz")
        }
        return missing
    }

    private static func isInstalled(_ program: String) async -> Bool {
        (try? await Executable.name(program).resolveExecutablePath(in: .inherit)) != nil  // what is looked for
    }

    var isWell: Bool {
        missing.isEmpty && definitionsProblem == nil && figures.eventsAside == 0 && !isLogTooLarge && hasRoom
            && redisComplaints.isEmpty
    }

    var isLogTooLarge: Bool { log.map { $0 > Self.limitLog } ?? false }

    var hasRoom: Bool { disk.map { $0.free >= Self.leastFree } ?? true }

    var lines: [String] {
        let failed = figures.companiesWithFailures.map { "\($0) \(failures(in: $0))" }
        let requests = figures.calls.map {
            "\($0.company) \($0.sent) of \(CallShare.limitOfCompany) under way, \($0.waiting) waiting"
        }
        let facts = [
            "store    \(ByteCount.text(store)), \(logText)",
            "disk     " + diskText,
            "backup   " + backupText,
            "events   \(figures.eventsAside) set aside",
            "failed   " + (failed.isEmpty ? "no workflow" : failed.joined(separator: ", ")),
            "requests " + (requests.isEmpty ? "none" : requests.joined(separator: "; ")),
        ]
        return facts + complaints
    }

    /// How many workflows of a company failed, such as `3 (1 without a ticket)`.
    func failures(in company: String) -> String {
        let alone = figures.failedWithoutTicket[company, default: 0]
        return "\(figures.failed(in: company))" + (alone == 0 ? "" : " (\(alone) without a ticket)")
    }

    private var complaints: [String] {
        var lines: [String] = []
        if let definitionsProblem { lines.append("files    \(definitionsProblem); \(DefinitionsDirectory.remedy)") }
        lines += missing.map { "programs \($0)" }
        lines += redisComplaints.map { "redis    \($0)" }
        return lines
    }

    private var logText: String {
        guard let log else { return "in PostgreSQL" }
        return "log \(ByteCount.text(log))\(isLogTooLarge ? ": too large; does a daemon run?" : "")"
    }

    private var diskText: String {
        guard let disk else { return "unknown" }
        let text = "\(ByteCount.text(disk.free)) free of \(ByteCount.text(disk.total))"
        return hasRoom ? text : text + ": make room, or nothing will be accepted any more"
    }

    private var backupText: String {
        guard let backup else {
            return log == nil ? "is PostgreSQL's own matter: pg_dump, pg_basebackup" : "none was made here"
        }
        return "\(Self.age(now - backup.atMs)) ago, \(ByteCount.text(backup.length)) in \(backup.path)"
    }

    /// Such as `5 min`, `3 h`, `12 days`.
    static func age(_ milliseconds: Int64) -> String {
        let minutes = max(0, milliseconds / 60_000)
        return switch minutes {
        case ..<120: "\(minutes) min"
        case ..<2_880: "\(minutes / 60) h"
        default: "\(minutes / 1_440) days"
        }
    }

    /// A count of each company with failures, by its slug; those without one are left out.
    private func counts(_ count: (String) -> Int?) -> JSON {
        .object(
            JSONObject(
                figures.companiesWithFailures.compactMap { company in count(company).map { (company, JSON.int($0)) } },
                uniquingKeysWith: { $1 }))
    }

    private var logJSON: JSON { log.map { JSON.int($0) } ?? .null }

    var json: JSONObject {
        [
            "redis_complaints": .strings(redisComplaints), "missing_programs": .strings(missing),
            "definitions_problem": .optional(definitionsProblem),
            "store": ["bytes": .int(store), "log_bytes": logJSON],
            "disk": disk.map { ["free_bytes": .int($0.free), "bytes": .int($0.total)] } ?? .null,
            "backup": backup.map {
                ["at": .string(Moment.iso8601($0.atMs)), "path": .string($0.path), "bytes": .int($0.length)]
            } ?? .null,
            "events_set_aside": .int(figures.eventsAside),
            "failed_tickets": counts { figures.failedTickets[$0] },
            "failed_workflows": counts { figures.failed(in: $0) },
            "requests": .array(
                figures.calls.map {
                    [
                        "company": .string($0.company), "under_way": .int($0.sent), "waiting": .int($0.waiting),
                        "places": .int(CallShare.limitOfCompany),
                    ]
                }),
        ]
    }
}
