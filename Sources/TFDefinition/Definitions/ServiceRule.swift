/// Tries and lease of a program's task: the keys that only tasks of the kind `service` have.
package struct ServiceRule: Sendable, Hashable, Codable {
    /// How often it is tried, the first time included.
    package let attempts: Int
    /// The pause before the second try, in milliseconds; doubled with each further failure.
    package let backoff: Int64
    /// How long a program has a job without a sign of life, in milliseconds.
    package let lease: Int64

    /// The longest pause between two tries, in milliseconds.
    private static let longestBackoff: Int64 = 3_600_000

    package static let standard = ServiceRule(attempts: 5, backoff: 10_000, lease: 300_000)

    static let retryKeys = KeyTable(
        "\"retry\"",
        [
            Key("attempts", .count, "How often it is tried in all; without it, 5.", standard: 5),
            Key(
                "backoff", .duration, "The wait before the second try, doubled with each further; without it, 10s.",
                standard: "10s"),
        ])

    /// How long to wait after a number of failures, in milliseconds.
    package func wait(afterFailures failures: Int) -> Int64 {
        let doublings = min(max(failures - 1, 0), 20)
        return min(backoff << Int64(doublings), Self.longestBackoff)
    }

    static func read(_ fields: Fields, isService: Bool, _ reader: inout DefinitionReader) -> ServiceRule? {
        guard isService else {
            for key in ["retry", "lease"] where fields.has(key) {
                reader.diagnostics.error(
                    "\"\(key)\" goes with \"kind: service\", work that a program does", at: fields.keyPosition(key))
            }
            return nil
        }
        let retry = fields.value("retry").flatMap { Fields($0, retryKeys, &reader.diagnostics) }
        let attempts = retry?.count("attempts", in: 1...100, &reader.diagnostics) ?? standard.attempts
        let backoff = retry?.duration("backoff", &reader.diagnostics)?.milliseconds
        let lease = fields.duration("lease", &reader.diagnostics)
        if let lease, !(1...86_400).contains(lease.seconds) {
            reader.diagnostics.error(
                "\"lease\" must be from 1s to 24h, not \(lease.text)", at: fields.position("lease"))
        }
        return ServiceRule(
            attempts: attempts, backoff: min(backoff ?? standard.backoff, longestBackoff),
            lease: lease?.milliseconds ?? standard.lease)
    }
}
