import TFConfiguration
import TFExpression
import TFStore
import TFSystem

/// The store: its file, its log, and its clock.
struct StoreExam {
    static let afterDamage =
        "stop the programs, keep a copy of the data directory, restore the last backup into an empty one"
    /// How far the clocks of people who set one may be apart.
    private static let tolerance: Int64 = 60_000

    let store: Store
    let settings: Settings
    let now: Int64

    func findings() async throws -> [Finding] {
        let condition = try await SiteCondition.read(store, settings, now: now)
        return [log(condition), clock(condition), events(condition), failed(condition)]
            + [try await secrets()]
    }

    func integrity() async throws -> Finding {
        guard settings.storeURL == nil else {
            return .ok("integrity", "not looked at here: PostgreSQL has its own checks, such as pg_amcheck")
        }
        let faults = try await store.faults()
        guard faults.isEmpty else {
            return .fault(
                "integrity", faults.joined(separator: "; "),
                remedy: Self.afterDamage)
        }
        return .ok("integrity", "pages, indexes and references are in order")
    }

    /// nil: there are no keys yet.
    private func home() async throws -> KeyHome? {
        try await KeyHome.existing(of: store, data: settings.data, masterKey: settings.masterKeyFile)
    }

    /// What a backup without keys leaves behind: secrets that nobody can open.
    private func secrets() async throws -> Finding {
        // Why a key cannot be read is told about the keys.
        let box: SecretBox? = if let home = try? await home() { try? await SecretBox(reading: home) } else { nil }
        let shut = try await store.read { try $0.unopenedSecrets(box?.opener) }
        guard !shut.isEmpty else { return .ok("secrets", "all can be opened") }
        return .fault(
            "secrets",
            "the key \(settings.storeURL == nil ? "in \(settings.data)/keys" : "in the store") does not open "
                + shut.joined(separator: ", "),
            remedy:
                "put back secrets.key from where the keys are kept, or, if it is lost for good, remove them and set them anew: "
                + "tf-daemon secret remove COMPANY NAME, then secret set"
        )
    }

    private func log(_ condition: SiteCondition) -> Finding {
        guard let log = condition.log else { return .ok("log", "not looked at here: PostgreSQL looks after its own") }
        guard !condition.isLogTooLarge else {
            return .fault(
                "log", "\(ByteCount.text(log)) of write-ahead log",
                remedy: "see that a daemon runs and that no program keeps the store open")
        }
        return .ok("log", "\(ByteCount.text(log)) of write-ahead log")
    }

    private func clock(_ condition: SiteCondition) -> Finding {
        guard let newest = condition.figures.newestAtMs, newest > now + Self.tolerance else {
            return .ok("clock", Moment.iso8601(now))
        }
        return .fault(
            "clock", "it is \(Moment.iso8601(now)) here, and the store's newest entry is of \(Moment.iso8601(newest))",
            remedy:
                "set the clock (timedatectl set-ntp true); if it was ahead before, timers and leases wait for that time"
        )
    }

    private func events(_ condition: SiteCondition) -> Finding {
        let count = condition.figures.eventsAside
        guard count > 0 else { return .ok("events", "none is set aside") }
        return .fault(
            "events", "\(count) wait, since their workflow is set aside",
            remedy: "a ticket admin tries the tickets again or cancels them: tf-daemon status names them")
    }

    private func failed(_ condition: SiteCondition) -> Finding {
        let companies = condition.figures.companiesWithFailures
        guard !companies.isEmpty else { return .ok("failures", "no workflow has failed") }
        let failed = companies.map { "\($0): \(condition.failures(in: $0))" }.joined(separator: ", ")
        return .note(
            "failures", "workflows have failed in \(failed)",
            remedy: "ticket admins retry, skip or cancel those of tickets; the others are named at /admin/queues")
    }
}
