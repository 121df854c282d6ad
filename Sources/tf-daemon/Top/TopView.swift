import TFConfiguration
import TFEngine
import TFExpression
import TFQueue
import TFStore
import TFSystem

/// What `tf-daemon top` shows at one moment.
struct TopView: Sendable {
    struct Company: Sendable {
        let id: CompanyID
        let slug: String
        let isPaused: Bool
        /// Open tasks in somebody's list, and those that nobody has.
        let open: Int
        let unassigned: Int
        /// Available members and all.
        let available: Int
        let workers: Int
        /// When the oldest open task was opened, in milliseconds since 1970; nil: there is none.
        let oldestAtMs: Int64?
    }

    let status: QueueStatus
    let condition: SiteCondition
    let steps: Backlog
    let companies: [Company]
    let now: Int64

    static func read(_ store: Store, _ servers: QueueServers, _ settings: Settings) async throws -> TopView {
        let now = WallClock.now()
        let status = try await QueueStatus.read(
            store, servers, data: settings.data, definitions: settings.definitions, now: now)
        let paused = Set(status.paused)
        var companies: [Company] = []
        for record in try await store.read({ try $0.companies() }) {
            let (figures, waiting) = try await store.read(in: record.id) { session in
                (try session.queueActivity(since: now, stretch: 1, count: 1), try session.waitingTasks())
            }
            let lists = status.queues.filter { $0.company == record.slug }
            let workers = lists.filter { $0.isAvailable != nil }
            let nobody = lists.filter { $0.isAvailable == nil }
            let opened = figures.compactMap(\.oldestAtMs) + waiting.map(\.oldestAtMs)
            companies.append(
                Company(
                    id: record.id, slug: record.slug, isPaused: paused.contains(record.slug), open: sum(workers),
                    unassigned: sum(nobody), available: workers.count { $0.isAvailable == true },
                    workers: workers.count, oldestAtMs: opened.min()))
        }
        return TopView(
            status: status, condition: try await SiteCondition.read(store, settings, now: now),
            steps: try await store.read { try $0.engineBacklog() }.steps, companies: companies, now: now)
    }

    private static func sum(_ lists: [QueueStatus.Queue]) -> Int { lists.reduce(0) { $0 + $1.open } }

    /// - Parameter selected: the index of the company whose lists are shown.
    func lines(selected: Int, width: Int, height: Int) -> [String] {
        var lines = head
        let nameWidth = max(7, companies.map(\.slug.count).max() ?? 0)
        lines.append(
            "    \(Self.left("COMPANY", nameWidth))  \(Self.right("OPEN", 6))  \(Self.right("NOBODY", 6))  "
                + "\(Self.right("OLDEST", 8))  AVAILABLE")
        for (index, company) in companies.enumerated() {
            let oldest = company.oldestAtMs.map { SiteCondition.age(now - $0) } ?? "–"
            let mark = "\(index == selected ? ">" : " ") \(index + 1)"
            let columns = [
                Self.left(mark, 3), Self.left(company.slug, nameWidth), " " + Self.right("\(company.open)", 6),
                " " + Self.right("\(company.unassigned)", 6), " " + Self.right(oldest, 8),
                " \(company.available) of \(company.workers)" + (company.isPaused ? "  paused" : ""),
            ]
            lines.append(columns.joined(separator: " "))
        }
        lines.append("")
        lines += lists(selected: selected, width: width)
        return lines.prefix(max(1, height)).map { Self.fitted($0.onOneLine, width) }
    }

    /// A line that is too long ends with its last whole word, unless that would leave little of it.
    static func fitted(_ line: String, _ width: Int) -> String {
        guard line.count > width else { return line }
        let room = line.prefix(max(0, width - 1))
        let words = room.lastIndex(of: " ").map { room[..<$0] } ?? room
        let kept = words.count > width / 2 ? words : room
        return String(kept.reversed().drop { $0 == " " }.reversed()) + "…"
    }

    private var head: [String] {
        let requests = condition.figures.calls.reduce(0) { $0 + $1.sent }
        let daemon =
            switch status.leader {
            case .leads: "runs"
            case .hangs: "does not answer"
            case .waits: "does not lead"
            case .absent: "does not run"
            }
        let outbox = status.outbox.count > 0 ? ", the oldest for \(status.outbox.age) ms" : ""
        let oldest = steps.oldestAtMs.map { ", the oldest for \(max(0, now - $0)) ms" } ?? ""
        let free = condition.disk.map { ByteCount.text($0.free) } ?? "?"
        return [
            "TicketFlower  \(Moment.iso8601(now))  daemon \(daemon)  redis \(status.servers.text)",
            "outbox \(status.outbox.count)\(outbox)  steps \(steps.count)\(oldest)  requests \(requests)  "
                + "set aside \(status.setAside.count)  definitions in error \(status.problems.count)",
            "store \(ByteCount.text(condition.store))  log \(condition.log.map(ByteCount.text) ?? "–")  disk \(free) free",
            "",
        ]
    }

    private func lists(selected: Int, width: Int) -> [String] {
        guard companies.indices.contains(selected) else { return ["no company yet: tf-web company add"] }
        let lists = status.queues.filter { $0.company == companies[selected].slug }.sorted { $0.open > $1.open }
        let nameWidth = lists.map(\.name.count).max() ?? 0
        let most = max(1, lists.map(\.open).max() ?? 0)
        let room = max(1, width - nameWidth - 24)
        return lists.map { list in
            let state = list.isAvailable.map { $0 ? "available" : "away" } ?? "nobody"
            let bar = String(repeating: "█", count: most <= room ? list.open : list.open * room / most)
            let drift = list.length == nil || list.isRight ? "" : "  Redis has \(list.length ?? 0)"
            let columns = [
                "   ", Self.left(list.name, nameWidth), " " + Self.left(state, 9), " " + Self.right("\(list.open)", 6),
                " " + bar + drift,
            ]
            return columns.joined(separator: " ")
        }
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
