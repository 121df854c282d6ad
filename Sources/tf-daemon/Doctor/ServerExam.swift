import TFExpression
import TFStore

/// The PostgreSQL that keeps the record.
struct ServerExam {
    /// Rows carry the time of the machine that wrote them: so far apart, the order of entries is seen to be wrong.
    private static let tolerance: Int64 = 1_000

    let condition: PostgresCondition

    var findings: [Finding] { [version, collation, durability, standby, clock, rights, sessions] }

    private var version: Finding { .ok("server", "PostgreSQL \(condition.version)") }

    /// Another order is refused by every program before it opens the store.
    private var collation: Finding { .ok("collation", condition.collation) }

    private var durability: Finding {
        let text = "synchronous_commit is \(condition.synchronousCommit)"
        guard condition.synchronousCommit == "off" else { return .ok("durability", text) }
        return .fault(
            "durability", "\(text): what was acknowledged last is lost when the server fails",
            remedy: "run: ALTER DATABASE … RESET synchronous_commit, and take it out of the server's configuration")
    }

    private var standby: Finding {
        let standbys = condition.standbys
        let text = "\(standbys.all) connected"
        let remedy = "add one and name it in synchronous_standby_names (Patroni: synchronous_mode)"
        guard !condition.standbyNames.isEmpty else {
            return .note(
                "standby", "\(text), and no commit waits for one: the last ones may be lost with the server",
                remedy: remedy)
        }
        guard condition.isReplicated else {
            return .note(
                "standby", "\(text), and synchronous_commit = \(condition.synchronousCommit) waits for none",
                remedy: "set synchronous_commit to on")
        }
        guard let synchronous = standbys.synchronous else {
            return .note(
                "standby", "\(text); \(condition.account) may not see whether one is synchronous",
                remedy: "run: GRANT pg_monitor TO \(condition.account)")
        }
        guard synchronous > 0 else {
            return .fault(
                "standby", "\(text), none of them synchronous, and commits wait until one is",
                remedy: "start one of \(condition.standbyNames)")
        }
        return .ok("standby", "\(text), \(synchronous) of them synchronous")
    }

    private var clock: Finding {
        let ahead = condition.clockAheadMs
        let text = "\(abs(ahead)) ms \(ahead < 0 ? "behind" : "ahead of") this machine's"
        guard abs(ahead) > Self.tolerance else { return .ok("server clock", text) }
        return .fault(
            "server clock", text, remedy: "keep the clocks of all machines together (timedatectl set-ntp true)")
    }

    private var rights: Finding {
        let (account, closed, foreign) = (condition.account, condition.closedTables, condition.foreignTables)
        guard closed.isEmpty else {
            return .fault(
                "rights", "\(account) may not read, add, change and delete rows of \(Self.named(closed))",
                remedy:
                    "run as their owner: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO \(account)")
        }
        guard foreign.isEmpty, condition.mayCreate else {
            let what =
                foreign.isEmpty
                ? "may not make tables" : "may not change \(Self.named(foreign)), which another account owns"
            return .fault(
                "rights", "\(account) \(what), as an upgrade has to",
                remedy: "make \(account) the owner of the database, its schema and its tables (REASSIGN OWNED)")
        }
        return .ok("rights", "\(account) may do all that the programs do, upgrades too")
    }

    private static func named(_ tables: [String]) -> String {
        tables.prefix(3).joined(separator: ", ") + (tables.count > 3 ? " and \(tables.count - 3) more" : "")
    }

    private var sessions: Finding {
        switch condition.pooling {
        case .none: .ok("sessions", "are the server's own")
        case .sessions:
            .note(
                "sessions", "come from a pooler between this machine and the server",
                remedy: "see that it hands out whole sessions (PgBouncer: pool_mode = session)")
        case .transactions:
            .fault(
                "sessions", "are handed out by transaction by a pooler, and statements are prepared in sessions",
                remedy: "let it hand out whole sessions (PgBouncer: pool_mode = session), or name the server itself")
        }
    }
}

extension PostgresCondition {
    /// Whether a commit waits for a standby, if one is named.
    fileprivate var isReplicated: Bool { !["off", "local"].contains(synchronousCommit) }
}
