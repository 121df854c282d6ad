import Foundation
import TFExpression
import Testing

@testable import TFDefinition

@Suite struct DatesTests {
    @Test func `dates count days from 1970 and back`() throws {
        for text in ["1970-01-01", "2000-02-29", "1969-12-31", "2026-11-22", "9999-12-31", "0001-01-01"] {
            #expect(CalendarDate(text)?.description == text)
        }
        #expect(CalendarDate("1970-01-01")?.days == 0)
        #expect(CalendarDate("2026-11-22")?.days == 20_779)
        #expect(CalendarDate("2025-02-29") == nil)
        #expect(CalendarDate("2025-2-9") == nil)
    }

    @Test(arguments: [
        ("2026-11-22T09:30", "2026-11-22T08:30:00Z"), ("2026-11-22 09:30:15", "2026-11-22T08:30:15Z"),
        ("2026-11-22T09:30Z", "2026-11-22T09:30:00Z"), ("2026-11-22T00:30:00.5+02:00", "2026-11-21T22:30:00Z"),
        ("1969-12-31T23:00-01:30", "1970-01-01T00:30:00Z"),
    ])
    func `a moment is typed in the company's zone and kept in UTC`(_ typed: String, _ kept: String) {
        #expect(TypedMoment(typed, offset: { _ in 3600 })?.utc == kept)
    }

    @Test(arguments: ["2026-11-22", "T09:30", "2026-11-22T9:30", "2026-11-22T25:00", "2026-11-22T09:30+1", "x"])
    func `other texts are no moments`(_ text: String) { #expect(TypedMoment(text, offset: { _ in 0 }) == nil) }

    @Test(arguments: [("today", 0), ("today+3d", 3), ("today-10d", -10)])
    func `a bound counts from today`(_ text: String, _ days: Int) {
        let today = CalendarDate(days: 20_000)
        #expect(DateBound(text)?.resolved(today: today) == CalendarDate(days: 20_000 + days))
    }

    @Test(arguments: [
        ("30m", 1_800.0), ("4h", 14_400), ("2d", 172_800), ("PT1H30M", 5_400), ("P1DT2H", 93_600), ("P1W", 604_800),
        ("P1M", 2_592_000), ("P1Y", 31_536_000),
    ])
    func `durations are read`(_ text: String, _ seconds: Double) { #expect(TimeSpan(text)?.seconds == seconds) }

    @Test(arguments: ["", "P", "PT", "4", "h", "4 h", "P1H", "PT1D", "-4h", "P1D2H"])
    func `other texts are no durations`(_ text: String) { #expect(TimeSpan(text) == nil) }

    @Test(arguments: [
        "today-9223372036854775808d", "today+9223372036854775807d", "today+9223372036854775808d", "today+36501d",
        "today-36501d", "today+-3d", "today--3d", "today+d", "today + 3d", "today+3", "today+1e3d",
        "99999999999999999999d", "10000-01-01", "-0001-01-01",
    ])
    func `a bound that no calendar holds is none`(_ text: String) { #expect(DateBound(text) == nil) }

    @Test func `days beyond the calendar are its first and its last`() {
        #expect(CalendarDate(days: .max).description == "9999-12-31")
        #expect(CalendarDate(days: .min).description == "0000-01-01")
        #expect(CalendarDate(secondsSince1970: .max, offset: 3600).description == "9999-12-31")
        #expect(CalendarDate(secondsSince1970: .min, offset: -3600).description == "0000-01-01")
        #expect(TimeOfDay(secondsSince1970: .min, offset: -3600).seconds < 86_400)
        #expect(DateBound("today+36500d")?.resolved(today: CalendarDate(days: .max)).description == "9999-12-31")
        #expect(TypedMoment("9999-12-31T23:59-23:59", offset: { _ in 0 }) == nil)
        #expect(TypedMoment("0001-01-01T00:00+00:01", offset: { _ in 0 }) == nil)
        #expect(TypedMoment("9999-12-31T23:59:59Z", offset: { _ in 0 })?.utc == "9999-12-31T23:59:59Z")
    }

    /// Gaps move forward by their length; of a repeated time the first counts.
    @Test(arguments: [
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z"),
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("America/Santiago", "2026-09-06T00:30", "2026-09-06T04:30:00Z"),
        ("America/Santiago", "2026-04-04T23:30", "2026-04-05T02:30:00Z"),
        ("Asia/Beirut", "2024-03-31T00:00", "2024-03-30T22:00:00Z"),
        ("Africa/Cairo", "2024-04-26T00:15", "2024-04-25T22:15:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z"),
        ("Pacific/Apia", "2011-12-31T02:00", "2011-12-30T12:00:00Z"),
        ("UTC", "2026-03-08T02:30", "2026-03-08T02:30:00Z"),
    ])
    func `a local time is one moment, everywhere the same`(_ zone: String, _ typed: String, _ kept: String) throws {
        let zone = try #require(TimeZone(identifier: zone))
        let offset = { (seconds: Int64) in zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))) }
        let moment = try #require(TypedMoment(typed, offset: offset))
        #expect(moment.utc == kept)
        #expect(ISODate.seconds("\(typed):00", offset: offset) == Double(moment.seconds))
        #expect(DueRule.moment(typed, now: 0, offset: offset) == moment.seconds * 1000)
    }

    @Test(arguments: [
        "2026-3-08", "+026-03-08", "2026-03-08T1e1:00", "2026-03-08T10:0x1", "2026-03-08T10:00:1e1",
        "2026-03-08T10:00:00.",
        "2026-02-30", "999999-1-1", "2026-03-08T24:00", "2026-03-08T10:00+1:00", "2026-03-08T",
    ])
    func `other texts are no ISO dates`(_ text: String) { #expect(ISODate.seconds(text, offset: { _ in 0 }) == nil) }

    @Test(arguments: [
        "999999999999999999999999h", "P99999999999999999999Y", "1\u{301}h", "..h", "1.2.3h", "P1.1.1D", "\u{0663}h",
        "PT\u{0663}H",
        "36525d", "P100Y1000D",
    ])
    func `a duration of more than a hundred years is none`(_ text: String) { #expect(TimeSpan(text) == nil) }

    @Test(arguments: [
        "999999999999GB", "999999999999MB", "99999999999999999999999999", "1e99KB", "-1KB", "", "KB", "1.5.5MB",
    ])
    func `a size beyond the limit is refused where it stands`(_ size: String) {
        let text =
            "name: A\ndescription: B\nbody:\n  - type: upload\n    attributes: { label: L }\n"
            + "    validations: { max_size: \"\(size)\" }\n"
        let parsed = Definition.parse(Array(text.utf8), file: "a.ticket.yaml", company: nil)
        #expect(parsed.diagnostics.map(\.position) == [Position(line: 6, column: 30)], "\(parsed.diagnostics)")
    }
}
