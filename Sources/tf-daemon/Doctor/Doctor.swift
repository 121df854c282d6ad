import Logging
import TFConfiguration
import TFQueue
import TFStore

/// Looks at everything that a site needs, and changes nothing.
struct Doctor {
    let settings: Settings
    let now: Int64

    func findings() async throws -> [Finding] {
        var findings = try await ProgramExam(settings: settings).findings()
        findings += FileExam(settings: settings, now: now).findings()
        findings.append(await WebCondition.read(settings).finding)
        do {
            let location = StoreLocation(settings.storeURL)
            try Store.demandUnlocked(settings.data, at: location)
            let store = try Store(reading: settings.data, at: location, baseURL: settings.baseURL)
            findings.append(.ok("store", "opens, schema \(Migration.newest)"))
            findings += await KeyExam(store: store, settings: settings).findings()
            findings += await Self.told("server") {
                try store.serverCondition { WallClock.now() }.map { ServerExam(condition: $0).findings } ?? []
            }
            let exam = StoreExam(store: store, settings: settings, now: now)
            findings += await Self.told("integrity") { try await [exam.integrity()] }
            findings += await Self.told("store") { try await exam.findings() }
            findings += await Self.told("queues") {
                try await QueueExam(store: store, settings: settings, now: now).findings()
            }
            try store.close()
        } catch {
            findings.append(.fault("store", "cannot be read", remedy: "\(error)"))
        }
        return findings
    }

    /// What an exam finds, or that it came to no end: a store that is damaged, locked or away fails the exam that first
    /// comes upon it, and all others are told still.
    private static func told(_ subject: String, _ exam: () async throws -> [Finding]) async -> [Finding] {
        do { return try await exam() } catch let failure as DatabaseFailure where failure.refusal == .damaged {
            return [
                .fault(subject, "could not be looked at, since the store is damaged", remedy: StoreExam.afterDamage)
            ]
        } catch {
            return [
                .fault(
                    subject, "could not be looked at: \(error)",
                    remedy: "run it again; a record that is damaged is restored from the last backup")
            ]
        }
    }
}
