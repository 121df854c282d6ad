import TFExpression

@testable import TFStore

extension CompanyStore {
    /// Takes events, checked before the transaction as the web process does.
    func receive(_ events: [JSON], now: Int64) async throws -> [Bool] {
        let checked = try events.map { try CheckedEvent($0) }
        return try await write { try $0.receive(checked, now: now) }
    }
}
