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
        do {
            let store = try Store(
                reading: settings.data, at: StoreLocation(settings.storeURL), baseURL: settings.baseURL)
            findings.append(.ok("store", "opens, schema \(Migration.newest)"))
            findings += try await StoreExam(store: store, settings: settings, now: now).findings()
            findings += try await QueueExam(store: store, settings: settings, now: now).findings()
            try store.close()
        } catch let error as StoreOpenError {
            findings.append(.fault("store", "cannot be read", remedy: "\(error)"))
        }
        return findings
    }
}
