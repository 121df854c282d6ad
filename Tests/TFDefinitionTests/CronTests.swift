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
        // 02:30 is not there on the day of the change: it is made up for at 03:00. In autumn it is there twice and counts
        // once.
        ("30 2 * * *", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
        ("30 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
        ("30 2 * * *", "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"),
        ("30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        // What comes every quarter of an hour, or every hour, neither waits nor hurries.
        ("*/15 * * * *", "2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z"),
        ("0 * * * *", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
        ("30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
        ("*/15 2 * * *", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
        ("*/15 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"),
    ])
    func `the next time is that of the company's wall clock`(_ cron: String, _ after: String, _ next: String) throws {
        let found = try #require(Cron(cron)).next(after: try Self.seconds(after), offset: Self.berlin)
        #expect(found == (try Self.seconds(next)), "\(found.map { Date(timeIntervalSince1970: Double($0)) } as Any)")
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
        "a * * * *", "5-1 * * * *", "*/0 * * * *", "1,, * * * *", "-1 * * * *", "* * * foo *", "1-2-3 * * * *",
        "+5 * * * *", "*/9223372036854775807 * * * *", "1-9223372036854775807 * * * *", "*/+5 * * * *",
        "0-59/9223372036854775808 * * * *",
    ])
    func `what is no cron expression is none`(_ text: String) { #expect(Cron(text) == nil) }

    @Test func `a day that never comes has no next time`() throws {
        #expect(try #require(Cron("0 0 30 2 *")).next(after: 0, offset: { _ in 0 }) == nil)
    }

    /// New York: an hour at 02:00. Santiago, Beirut, Cairo, Havana: at midnight. St John's of 2010: at one minute past.
    /// Lord Howe: half an hour. Apia of 2011: a whole day left out. Kathmandu: none.
    private static let zones: [(String, [String])] = [
        ("America/New_York", ["2026-03-08", "2026-11-01"]), ("Europe/Berlin", ["2026-03-29", "2026-10-25"]),
        ("America/Santiago", ["2026-04-05", "2026-09-06"]), ("Asia/Beirut", ["2024-03-31", "2024-10-27"]),
        ("Africa/Cairo", ["2024-04-26", "2024-11-01"]), ("America/Havana", ["2026-03-08", "2026-11-01"]),
        ("America/St_Johns", ["2010-03-14", "2010-11-07"]), ("Australia/Lord_Howe", ["2026-04-05", "2026-10-04"]),
        ("Pacific/Apia", ["2011-12-30"]), ("Asia/Kathmandu", ["2026-03-29"]),
    ]

    private static let crons = [
        "*/15 * * * *", "0 * * * *", "30 * * * *", "7-59/20 */2 * * *", "30 2 * * *", "15 2 * * *", "30 0 * * *",
        "0 0 * * *", "30 23 * * *", "45 1 * * *", "15,45 0-3 * * *", "*/10 0-2 * * *", "0 12 30 * *", "0 3 * * sun",
        "30 0-23 * * *", "* 2 * * *", "5 0 1,30 * *",
    ]

    @Test(arguments: zones)
    func `every time is that of a clock watched minute by minute`(_ zone: String, _ days: [String]) throws {
        let timeZone = try #require(TimeZone(identifier: zone))
        let offset = { (seconds: Int64) in
            timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        }
        for day in days {
            let noon = Int64(try #require(CalendarDate(day)).days) * 86_400 + 43_200
            let watch = WatchedClock(from: noon - 3 * 86_400, to: noon + 3 * 86_400, offset: offset)
            for text in Self.crons {
                let cron = try #require(Cron(text))
                var found: [Int64] = []
                var now = watch.start
                while let next = cron.next(after: now, offset: offset), next <= watch.end {
                    found.append(next)
                    now = next
                }
                #expect(found == watch.times(of: text), "\(zone) \(day) \(text)")
            }
        }
    }
}

/// The slow truth: somebody looks at the clock on the wall once a minute.
private struct WatchedClock {
    let start: Int64
    let end: Int64
    let offset: (Int64) -> Int

    init(from start: Int64, to end: Int64, offset: @escaping (Int64) -> Int) {
        self.start = start
        self.end = end
        self.offset = offset
    }

    func times(of cron: String) -> [Int64] {
        let fields = cron.split(separator: " ").map(String.init)
        let isHourly = ["*", "0-23"].contains(fields[1])
        let repeats = fields[0].hasPrefix("*") || fields[1].hasPrefix("*") || isHourly
        var found: [Int64] = []
        // The latest time that the clock has shown.
        var latest = start + Int64(offset(start))
        for moment in stride(from: start + 60, through: end, by: 60) {
            let local = moment + Int64(offset(moment))
            // Minutes that the clock jumps over; they may be due at this one.
            var skipped = isHourly ? local : latest + 60
            var isDue = false
            while skipped < local {
                if matches(skipped, fields) { isDue = true }
                skipped += 60
            }
            if matches(local, fields), repeats || local > latest { isDue = true }
            if isDue { found.append(moment) }
            latest = max(latest, local)
        }
        return found
    }

    private func matches(_ local: Int64, _ fields: [String]) -> Bool {
        let day = CalendarDate(secondsSince1970: local, offset: 0)
        let minute = Int((local % 86_400 + 86_400) % 86_400) / 60
        return holds(minute % 60, fields[0], 59) && holds(minute / 60, fields[1], 23)
            && holds(day.civil.day, fields[2], 31)
            && (fields[4] == "*" || (fields[4] == "sun" && day.weekday == 0))
    }

    private func holds(_ value: Int, _ field: String, _ last: Int) -> Bool {
        field.split(separator: ",").contains { part in
            let halves = part.split(separator: "/")
            let step = halves.count == 2 ? Int(halves[1]) ?? 1 : 1
            let ends = halves[0] == "*" ? [0, last] : halves[0].split(separator: "-").compactMap { Int($0) }
            return value >= ends[0] && value <= ends[ends.count - 1] && (value - ends[0]) % step == 0
        }
    }
}
