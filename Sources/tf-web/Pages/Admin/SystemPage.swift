import Foundation
import TFConfiguration
import TFDefinition
import TFStore

/// The page on which an operator sees whether the site is well, what it runs on, and how it is set.
struct SystemPage {
    let report: SystemReport
    let settings: [(key: SettingKey, value: String?)]
    let times: Times
    let now: Int64

    /// A backlog older than this means that nothing takes it to Redis, in milliseconds.
    private static let lateBacklog: Int64 = 10_000
    /// How many queues that are stuck are named.
    private static let limitNamed = 5

    /// One thing that has to be well.
    private struct Check {
        let label: String
        let tone: Tone
        let sentence: HTML
    }

    var page: Page {
        Page(
            "System",
            """
            \(SitePage.system.tabs)\(Elements.head("System", note: "as of \(times.clock(now)), \(times.zone)",
                actions: #"<a class="btn" href="/admin/system">Look again</a>"#))\(verdict(checks))\
            <div class="cols halves"><div class="stack">\(Elements.card("Health", health))\(aside)</div>\
            <div class="stack">\(Elements.card("Sizes", Elements.facts(sizes)))\
            \(Elements.card("Versions", Elements.facts(versions)))</div></div>\(settingsCard)
            """
        ).under(.admin)
    }

    private func verdict(_ checks: [Check]) -> HTML {
        let (bad, waiting) = (checks.filter { $0.tone == .fail }, checks.filter { $0.tone == .wait })
        guard let first = (bad + waiting).first else {
            return Elements.banner(.done, "All is well", "Tickets move, and nothing waits for you here.")
        }
        let shown = bad.isEmpty ? waiting : bad
        let count = shown.count == 1 ? "One thing" : "\(shown.count) things"
        return Elements.banner(
            first.tone, "\(count) \(bad.isEmpty ? "to look at" : shown.count == 1 ? "needs you" : "need you")",
            "\(Words.list(shown.map { "\($0.label)" })). What is wrong stands beside each.")
    }

    // MARK: Health

    private var health: HTML {
        let rows = checks.map { check -> HTML in
            """
            <tr><th scope="row">\(check.label)</th><td>\(Elements.glyph(check.tone, check.tone == .done ? "Well:" : "Look:")) \
            \(check.sentence)</td></tr>
            """
        }
        return #"<table><caption class="vh">What has to be well</caption><tbody>\#(rows)</tbody></table>"#
    }

    private var checks: [Check] {
        [daemon, redis, outbox, lists, standing, keys, failures, workflows, definitions, assignment]
    }

    private var daemon: Check {
        switch report.leader {
        case .leads: return Check(label: "Daemon", tone: .done, sentence: "Runs, and leads")
        case .hangs(let process, let silentMs):
            let reason = report.obstacle ?? "its log says why, such as a disk that is full or read-only"
            return Check(
                label: "Daemon", tone: .fail,
                sentence: """
                    Process \(Int(process.id)) runs and has done nothing for \(Times.length(silentMs)): \(reason). Nothing \
                    moves until then
                    """)
        case .waits:
            let reason = report.obstacle ?? "if it stays so, its log says why, such as a disk that is full or read-only"
            return Check(
                label: "Daemon", tone: .fail,
                sentence: "A daemon runs, and leads nothing yet: \(reason). Nothing moves until then")
        case .absent:
            let since: HTML =
                report.lease.map {
                    $0.isGivenUp ? "It was stopped" : "No daemon leads since \(times.moment($0.expiryMs))"
                }
                ?? "It has never run"
            return Check(
                label: "Daemon", tone: .fail,
                sentence: "\(since). Nothing moves until you start it: <code>systemctl start tf-daemon</code>")
        }
    }

    private var redis: Check {
        let problems = report.redis.compactMap(\.problem)
        guard problems.isEmpty else {
            let whose = report.redis.count > 1 ? " of its companies" : ""
            return Check(
                label: "Redis", tone: .fail,
                sentence: """
                    \(problems.joined(separator: "; ")). People work on from the store; programs\(whose) get no jobs until \
                    it answers.
                    """)
        }
        let primaries = report.redis.compactMap(\.primary)
        let count: HTML = report.redis.count > 1 ? "\(report.redis.count) servers answer" : "Answers"
        return Check(
            label: "Redis", tone: .done,
            sentence: primaries.isEmpty ? count : "\(count), primary <code>\(primaries.joined(separator: ", "))</code>")
    }

    private var outbox: Check {
        let (count, age) = report.outbox
        guard count > 0 else { return Check(label: "Outbox", tone: .done, sentence: "Empty: Redis knows everything") }
        return Check(
            label: "Outbox", tone: age > Self.lateBacklog ? .fail : .work,
            sentence: "\(count) on the way to Redis, the oldest for \(Times.length(age))")
    }

    private var lists: Check {
        let drifting = report.drifting
        return Check(
            label: "Lists", tone: drifting == 0 ? .done : .wait,
            sentence: """
                \(report.queues.lists.count) lists, \(drifting == 0
                    ? "all as the store has them" : "\(drifting) not as the store has them yet")
                """)
    }

    private var standing: Check {
        let stuck = report.queues.rows(now: now).filter { $0.state == .stuck }
        let look: HTML = #"<a href="/admin/queues">Look at them</a>"#
        guard !stuck.isEmpty else {
            return Check(label: "Queues", tone: .done, sentence: "None is stuck. \(look)")
        }
        let rows = stuck.prefix(Self.limitNamed).map { row -> HTML in
            let name: HTML = row.path.map { "<a href=\(HTML.value($0))>\(row.name)</a>" } ?? "\(row.name)"
            return "<li>\(name), \(row.note): \(row.cause)"
        }
        return Check(
            label: "Queues", tone: .wait,
            sentence: "\(stuck.count) \(stuck.count == 1 ? "is" : "are") stuck. \(look)<ul>\(rows)</ul>")
    }

    private var failures: Check {
        let failed = report.queues.failedCount
        guard failed > 0 else { return Check(label: "Failures", tone: .done, sentence: "No workflow has failed") }
        let words: HTML = failed == 1 ? "1 workflow has failed, and waits" : "\(failed) workflows have failed, and wait"
        return Check(
            label: "Failures", tone: .wait,
            sentence: "\(words) for a decision. <a href=\"/admin/queues#failed\">Decide</a>")
    }

    private var keys: Check {
        if let fault = report.wrongKeys.first {
            return Check(
                label: "Keys", tone: .fail,
                sentence: """
                    <code>\(fault.key.name)</code> is \(fault.found) instead of \(fault.expected); the daemon mends it
                    """)
        }
        let mended = report.mended
        guard let last = mended.first else { return Check(label: "Keys", tone: .done, sentence: "As they have to be") }
        return Check(
            label: "Keys", tone: .wait,
            sentence: """
                \(mended.count) mended within the last hour, such as <code>\(last.name)</code>: another program writes to \
                this Redis
                """)
    }

    private var workflows: Check {
        let count = report.setAside.count
        return Check(
            label: "Workflows", tone: count == 0 ? .done : .fail,
            sentence: count == 0 ? "None is set aside" : "\(count) set aside: see below")
    }

    private var definitions: Check {
        guard !report.broken.isEmpty else {
            return Check(label: "Definitions", tone: .done, sentence: "No file has an error")
        }
        let links = report.broken.map { company, errors -> HTML in
            #"<a href="/c/\#(company.slug)/definitions">\#(company.name)</a>: \#(errors). "#
        }
        return Check(label: "Definitions", tone: .fail, sentence: "Errors in files of \(links)")
    }

    private var assignment: Check {
        guard !report.paused.isEmpty else {
            return Check(label: "Assignment", tone: .done, sentence: "Runs in every company")
        }
        let links = report.paused.map { company -> HTML in
            #"<a href="/admin/companies/\#(company.slug)">\#(company.name)</a> "#
        }
        return Check(label: "Assignment", tone: .wait, sentence: "Paused in \(links)")
    }

    private var aside: HTML {
        guard !report.setAside.isEmpty else { return .empty }
        let rows = report.setAside.map { aside -> HTML in
            let ticket = aside.ticket.map { number -> HTML in
                #"<a href="/c/\#(aside.company)/tickets/\#(number)">ticket #\#(number)</a>: "#
            }
            return "<li>\(aside.company): \(ticket)\(aside.subject). \(aside.reason.sentence)</li>"
        }
        return Elements.card("Set aside", "<ul>\(rows)</ul>")
    }

    // MARK: Facts

    private var sizes: [(String, HTML)] {
        let sizes = report.sizes
        return [
            ("Store", "\(Self.size(report.disk.store))"),
            ("Its log", "\(report.disk.log.map(Self.size) ?? "PostgreSQL's own matter")"),
            (
                "Attachments",
                "\(Self.size(sizes.attachments.bytes)) in \(Elements.grouped(sizes.attachments.count)) files"
            ),
            ("Free", "\(report.disk.free.map(Self.size) ?? "unknown")"),
            ("Tickets", "\(Elements.grouped(sizes.tickets))"), ("Tasks", "\(Elements.grouped(sizes.tasks))"),
            ("History", "\(Elements.grouped(sizes.history)) entries"),
            ("Audit", "\(Elements.grouped(sizes.audit)) entries"),
            ("Redis", "\(report.redis.memory.map(Self.size) ?? "unknown")"),
        ]
    }

    private var versions: [(String, HTML)] {
        [
            ("Schema", "\(Migration.newest)"), ("Redis", "\(report.redis.version)"),
            ("Swift", "\(Self.swift)"), ("System", "\(ProcessInfo.processInfo.operatingSystemVersionString)"),
        ]
    }

    private static let swift: String = {
        #if swift(>=6.4)
            "6.4 or newer"
        #elseif swift(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }()

    private static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1024: "\(bytes) B"
        case ..<(1 << 20): "\(bytes >> 10) KB"
        case ..<(10 << 20): "\(bytes >> 20).\((bytes % (1 << 20)) * 10 >> 20) MB"
        case ..<(1 << 30): "\(bytes >> 20) MB"
        default: "\(bytes >> 30).\((bytes % (1 << 30)) * 10 >> 30) GB"
        }
    }

    private var settingsCard: HTML {
        // Addresses and paths are long: each has a line of its own, as wide as a telephone.
        let rows = settings.map { key, value -> HTML in
            let shown: HTML = value.map { "\($0)" } ?? #"<span class="soft">off</span>"#
            return "<div><dt class=sm>\(key.rawValue) · \(key.environmentName)</dt><dd>\(shown)</dd></div>"
        }
        return Elements.card(
            "Settings", note: "of this process; passwords are left out", "<dl class=grid>\(rows)</dl>")
    }
}
