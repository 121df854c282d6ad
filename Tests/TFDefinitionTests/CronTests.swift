import Foundation
import TFDefinition
import Testing

@Suite struct CronTests {
    private static func seconds(_ text: String) throws -> Int64 {
        let formatter = ISO8601DateFormatter()
        return Int64(try #require(formatter.date(from: text)).timeIntervalSince1970)
    }

    /// Europe/Berlin's own rule: what an operator's `crontab` would do there.
    private static let berlin: @Sendable (Int64) -> Int = { seconds in
        TimeZone(identifier: "Europe/Berlin")?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))) ?? 0
    }

    @Test(arguments: [
        ("0 9 * * *", "2026-01-05T07:59:59Z", "2026-01-05T08:00:00Z"),
        ("0 9 * * *", "2026-01-05T08:00:00Z", "2026-01-06T08:00:00Z"),
        ("0 9 * * *", "2026-07-05T07:00:00Z", "2026-07-06T07:00:00Z"),
        ("*/15 * * * *", "2026-01-05T08:01:00Z", "2026-01-05T08:15:00Z"),
        ("0 0 1 1 *", "2026-01-05T08:00:00Z", "2026-12-31T23:00:00Z"),
        ("0 12 * * mon-fri", "2026-01-09T12:00:00Z", "2026-01-12T11:00:00Z"),
        ("0 12 * * 7", "2026-01-05T12:00:00Z", "2026-01-11T11:00:00Z"),
        ("0 0 29 2 *", "2026-01-05T00:00:00Z", "2028-02-28T23:00:00Z"),
        ("30 8,20 1-7/2 jan,jul *", "2026-01-07T20:00:00Z", "2026-07-01T06:30:00Z"),
        // Day of month or weekday, where both are given.
        ("0 12 13 * fri", "2026-01-05T12:00:00Z", "2026-01-09T11:00:00Z"),
        // 02:30 is not there on the day of the change: it counts as 03:30. In autumn it is there twice and counts once.
        ("30 2 * * *", "2026-03-28T23:00:00Z", "2026-03-29T01:30:00Z"),
        ("30 2 * * *", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"),
        ("30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
    ])
    func `the next time is that of the company's wall clock`(_ cron: String, _ after: String, _ next: String) throws {
        let found = try #require(Cron(cron)).next(after: try Self.seconds(after), offset: Self.berlin)
        #expect(found == (try Self.seconds(next)), "\(found.map { Date(timeIntervalSince1970: Double($0)) } as Any)")
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
        "a * * * *", "5-1 * * * *", "*/0 * * * *", "1,, * * * *", "-1 * * * *", "* * * foo *", "1-2-3 * * * *",
    ])
    func `what is no cron expression is none`(_ text: String) { #expect(Cron(text) == nil) }

    @Test func `a day that never comes has no next time`() throws {
        #expect(try #require(Cron("0 0 30 2 *")).next(after: 0, offset: { _ in 0 }) == nil)
    }
}
