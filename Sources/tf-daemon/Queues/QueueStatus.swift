import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFQueue
import TFStore
import TFSystem

/// The facts that `tf-daemon status` shows.
struct QueueStatus {
    struct Queue {
        let company: String
        /// The list's name: a login, or `_unassigned.<role>`.
        let name: String
        let kind: WorkerKind
        /// Whether the worker is available; nil for a list of unassigned tasks.
        let isAvailable: Bool?
        /// The number of open tasks, as the store has it.
        let open: Int
        /// How many of the open tasks the list has to hold.
        let listed: Int
        /// The list's length in Redis; nil if Redis does not answer.
        let length: Int?

        var isRight: Bool { length == listed }
    }

    let leader: LeaderState
    /// What keeps a daemon from its work; nil: nothing that can be seen from here.
    let obstacle: String?
    /// The daemons that share the companies, where they do.
    let daemons: [SharingDaemon]
    /// The companies whose work no daemon does that lives, where daemons share them.
    let unled: [String]
    let servers: [ServerStatus]
    let outbox: (count: Int, age: Int64)
    /// Events that wait for the engine.
    let events: (count: Int, age: Int64)
    let paused: [String]
    let queues: [Queue]
    /// Keys in Redis that somebody else wrote to; the daemon mends them within seconds.
    let wrongKeys: [KeyFault]
    /// Keys that the daemon has mended.
    let mendedKeys: [MendedKey]
    /// Workflows that are set aside.
    let setAside: [SetAside]
    /// The errors in definitions, and the directories of no company, which the store does not know.
    let problems: [Diagnostic]
    /// The parts of the leader's work that fail.
    let failing: [FailingPart]

    /// For how long a mended key is shown, in milliseconds.
    private static let mendedFor: Int64 = 3_600_000

    /// Whether a daemon is there, at work or not.
    var isRunning: Bool { leader != .absent }

    var isWell: Bool {
        leader == .leads && unled.isEmpty && redisError == nil && servers.allSatisfy(\.complaints.isEmpty)
            && wrongKeys.isEmpty
            && queues.allSatisfy(\.isRight) && setAside.isEmpty
            && problems.isEmpty && failing.isEmpty
    }

    /// Why Redis cannot be used; nil: every server answers.
    var redisError: String? {
        let errors = servers.compactMap(\.error)
        return errors.isEmpty ? nil : errors.joined(separator: "; ")
    }

    /// - Parameters:
    ///   - data: the data directory.
    ///   - tree: the directory of the definitions' files.
    static func read(
        _ store: Store, _ queueServers: QueueServers, data: String, definitions tree: String, now: Int64
    ) async throws -> QueueStatus {
        // Before Redis is asked, which may take longer than a lease lasts.
        let leader = try await store.read { LeaderState(try $0.leaderLease(), directory: data, now: now) }
        var queues: [Queue] = []
        var problems: [Diagnostic] = []
        var wrongKeys: [KeyFault] = []
        let companies = try await store.read { try $0.companies() }
        let paused = try await store.read { try $0.pausedCompanies() }
        let daemons = try await store.read { try SharingDaemon.all($0, now: now) }
        var servers: [ServerStatus] = []
        for server in queueServers.all {
            let own = companies.filter { queueServers.isOn(server, company: $0.slug) }
            var status = await ServerStatus.read(server, companies: own.count)
            if status.error == nil {
                do throws(QueueError) { wrongKeys += try await server.queues.faults(of: QueueKeys.shared) } catch {
                    status.error = error.description
                }
            }
            for company in own {
                let keys = try await store.read(in: company.id, { try $0.queueKeys() })
                var companyQueues = try await Self.queues(store, company)
                // Who waits in vain once, waits for each company.
                if status.error == nil {
                    do throws(QueueError) {
                        try await Self.fill(&companyQueues, server.queues, company)
                        wrongKeys += try await server.queues.faults(of: keys)
                    } catch {
                        status.error = error.description
                    }
                }
                queues += companyQueues
                problems += try await store.read(in: company.id) { try $0.problems() }
            }
            servers.append(status)
        }
        return QueueStatus(
            leader: leader, obstacle: leader.obstacle(directory: data), daemons: daemons,
            unled: daemons.isEmpty
                ? [] : companies.map(\.slug).filter { slug in !daemons.contains { $0.companies.contains(slug) } },
            servers: servers,
            outbox: try await store.read { try $0.outboxBacklog(now: now) },
            events: try await store.read { try $0.eventBacklog(now: now) },
            paused: companies.filter { paused.contains($0.id) }.map(\.slug), queues: queues,
            wrongKeys: wrongKeys, mendedKeys: try await store.read { try $0.mendedKeys(since: now - mendedFor) },
            setAside: try await store.read { try $0.setAside() },
            problems: CompanyCheck.strangers(in: tree.plainPath, known: companies.map(\.slug))
                + problems.filter { $0.severity == .error },
            failing: try await store.read { try $0.failingParts() })
    }

    /// Reads the lists that a company has to have from the store.
    private static func queues(_ store: Store, _ company: Company) async throws -> [Queue] {
        let workers = try await store.read(in: company.id) { try $0.workers() }
        let open = try await store.read(in: company.id) { try $0.openTaskCounts() }
        let listed = try await store.read(in: company.id) { try $0.listLengths() }.reduce(into: [String: Int]()) {
            $0[$1.login, default: 0] += $1.jobs
        }
        let known = workers.reduce(into: [String: WorkerLoad]()) { $0[$1.login] = $1 }
        let lists = Set(known.keys).union(open.keys).sorted().map { login in
            Queue(
                company: company.slug, name: login, kind: known[login]?.kind ?? .person,
                isAvailable: known[login]?.isAvailable ?? false, open: open[login] ?? 0, listed: listed[login] ?? 0,
                length: nil)
        }
        let pool = try await store.read(in: company.id) { try $0.unassignedCounts() }.sorted { $0.key < $1.key }
        return lists
            + pool.map { role, count in
                Queue(
                    company: company.slug, name: QueueKeys.unassigned(role: role), kind: .person, isAvailable: nil,
                    open: count, listed: count, length: nil)
            }
    }

    private static func fill(
        _ queues: inout [Queue], _ taskQueues: TaskQueues, _ company: Company
    ) async throws(QueueError) {
        let names = queues.map(\.name)
        let lengths = try await taskQueues.lengths(company: company.slug, names + names.map(QueueKeys.urgent))
        queues = queues.enumerated().map { index, queue in
            let urgent = queue.kind == .service ? lengths[names.count + index] : 0
            return Queue(
                company: queue.company, name: queue.name, kind: queue.kind, isAvailable: queue.isAvailable,
                open: queue.open, listed: queue.listed, length: lengths[index] + urgent)
        }
    }

    // MARK: Shown

    /// - Parameter width: how many characters a line may have.
    func text(width: Int) -> String {
        var lines = ["daemon   \(daemonText)"]
        lines += daemons.map(\.line)
        if !unled.isEmpty { lines.append("  nobody works for \(unled.joined(separator: ", "))") }
        lines += failing.map {
            "  \($0.part.rawValue) fails since \(Moment.iso8601($0.sinceMs)) and is started again: \($0.error)"
        }
        lines.append("redis    \(servers.text)")
        lines += servers.lines
        lines.append("outbox   \(outbox.count) waiting" + (outbox.count > 0 ? ", the oldest for \(outbox.age) ms" : ""))
        if events.count > 0 {
            lines.append("events   \(events.count) wait for the engine, the oldest for \(events.age) ms")
        }
        if !paused.isEmpty { lines.append("paused   \(paused.joined(separator: ", ")): nothing is assigned") }
        lines.append("queues   " + (queues.isEmpty ? "no worker yet: tf-web user add" : "\(queues.count)"))
        let names = queues.map { "\($0.company).\($0.name)" }
        let nameWidth = names.map(\.count).max() ?? 0
        let most = queues.map(\.open).max() ?? 0
        let numberWidth = String(most).count
        let room = max(10, width - nameWidth - numberWidth - 18)
        for (name, queue) in zip(names, queues) {
            let state = queue.isAvailable.map { $0 ? "available" : "away" } ?? "waiting"
            let line = [
                "  " + name.padding(toLength: nameWidth, withPad: " ", startingAt: 0),
                state.padding(toLength: 9, withPad: " ", startingAt: 0),
                String(repeating: " ", count: numberWidth - String(queue.open).count) + String(queue.open),
                Self.bar(queue.open, of: most, room: room),
            ].joined(separator: "  ")
            lines.append(Self.trimmed(line) + difference(queue))
        }
        if !wrongKeys.isEmpty { lines.append("keys     \(wrongKeys.count) in Redis are not what they have to be") }
        lines += wrongKeys.map { "  \($0.key.name) is \($0.found) instead of \($0.expected)" }
        if !mendedKeys.isEmpty {
            let keys = mendedKeys.count == 1 ? "1 key" : "\(mendedKeys.count) keys"
            lines.append("mended   \(keys) in Redis within the last hour")
        }
        lines += mendedKeys.map { key in
            "  \(key.name) was \(key.found) instead of \(key.expected), put right at \(Moment.iso8601(key.atMs))"
        }
        if !setAside.isEmpty { lines.append("set aside \(setAside.count)") }
        lines += setAside.map { aside in
            let ticket = aside.ticket.map { ", ticket #\($0)" } ?? ""
            return "  \(aside.company): \(aside.subject)\(ticket): \(aside.reason.sentence)"
        }
        lines.append("problems \(problems.count) in definitions")
        lines += problems.map { "  \($0)" }
        return lines.map(\.onOneLine).joined(separator: "\n")
    }

    /// What the leader does, in words.
    var daemonText: String {
        leader.text(obstacle: obstacle)
    }

    private func difference(_ queue: Queue) -> String {
        // nil: the server does not answer, which its own line tells.
        guard let length = queue.length, !queue.isRight else { return "" }
        return "  Redis has \(length) instead of \(queue.listed)"
    }

    /// One character for each task as long as they fit, else to scale; never empty for a count above 0.
    private static func bar(_ count: Int, of most: Int, room: Int) -> String {
        let length = most <= room ? count : max(count > 0 ? 1 : 0, count * room / max(1, most))
        return String(repeating: "█", count: length)
    }

    private static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
