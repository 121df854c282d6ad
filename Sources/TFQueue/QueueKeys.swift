/// Every key of one company, each written once. The layout is a public interface: see docs/redis.md.
public struct QueueKeys: Sendable, Hashable {
    /// The company's slug.
    public let company: String

    /// The keys of a company.
    public init(company: String) { self.company = company }

    /// SET: the names of all lists, of every company; Sidekiq's pages read it.
    public static let queues = "queues"

    /// LIST: jobs, the oldest at the right. `name` is a login, or `_unassigned.<role|any>`.
    public func list(_ name: String) -> String { "queue:\(listName(name))" }

    /// A list's name as the set `queues` and the jobs write it.
    public func listName(_ name: String) -> String { "\(company).\(name)" }

    /// The list of the tasks for which nobody is eligible and available.
    public static func unassigned(role: String?) -> String { "_unassigned.\(role ?? "any")" }

    /// The list of a program's urgent jobs.
    public static func urgent(_ login: String) -> String { "\(login).urgent" }

    /// ZSET: worker → number of tasks assigned and not finished.
    public var open: String { key("open") }

    /// ZSET: available workers by load, then by who was assigned to least recently.
    public func available(_ kind: Worker.Kind, role: String?) -> String { key("avail:\(Self.group(kind, role))") }

    /// ZSET: available workers by when they were assigned to last.
    public func turn(_ kind: Worker.Kind, role: String?) -> String { key("turn:\(Self.group(kind, role))") }

    private static func group(_ kind: Worker.Kind, _ role: String?) -> String {
        switch kind {
        case .person: role ?? "_any"
        case .service: "_service" + (role.map { ".\($0)" } ?? "")
        }
    }

    /// HASH: kind, roles, state, last (turn); of a program also seen (its last sign of life).
    public func worker(_ login: String) -> String { key("worker:\(login)") }

    /// HASH: worker, role, json, attempt; list, if it is not the worker's own. A tombstone for an hour after the end.
    public func job(_ id: String) -> String { key("job:\(id)") }

    /// The assignment counter.
    public var sequence: String { key("seq") }

    /// The epoch: the generation of the company's content.
    public var epoch: String { key("epoch") }

    /// The position of the last outbox entry applied.
    public var highWaterMark: String { key("hwm") }

    /// LIST: reports of programs that take their jobs straight from Redis.
    public var results: String { key("results") }

    /// Channel: hints that there is work to look for.
    public var wake: String { key("wake") }

    /// The channels of all companies, as a pattern.
    public static let allWakes = "tf:{*}:wake"

    /// Channel: hints that something was committed, for the processes on other machines (`CommitHint`).
    public var commits: String { key("commits") }

    /// The channels of all companies' commits, as a pattern.
    public static let allCommits = "tf:{*}:commits"

    /// Whether a channel is that of a company's commits.
    static func isOfCommits(_ channel: String) -> Bool { channel.hasSuffix("}:commits") }

    /// HASH: counters.
    public var statistics: String { key("stat") }

    private func key(_ name: String) -> String { "tf:{\(company)}:\(name)" }
}
