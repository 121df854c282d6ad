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
    ])
    func `durations are read`(_ text: String, _ seconds: Double) { #expect(TimeSpan(text)?.seconds == seconds) }

    @Test(arguments: ["", "P", "PT", "4", "h", "4 h", "P1H", "PT1D", "-4h", "P1D2H"])
    func `other texts are no durations`(_ text: String) { #expect(TimeSpan(text) == nil) }
}
