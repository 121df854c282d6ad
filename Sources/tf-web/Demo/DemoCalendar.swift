import TFDefinition
import TFStore

/// Turns the demo's moments into milliseconds, in the companies' time zone.
struct DemoCalendar: Sendable {
    /// The demo's past in working days, and the time in milliseconds in which they fit whatever day it is.
    static let workdays = 21
    static let length: Int64 = 35 * 86_400_000

    /// When the demo is filled in.
    let now: Int64
    let company: Company

    func moment(_ moment: DemoMoment) -> Int64 {
        switch moment {
        case .workday(let number, let time): company.moment("\(workday(number))T\(time)") ?? now
        case .ago(let minutes): now - Int64(minutes) * 60_000
        }
    }

    /// The date so many days after today, as a form's answer.
    func date(inDays days: Int) -> String { CalendarDate(days: today + days).description }

    /// The beginning of the next working day.
    var nextMorning: Int64 {
        let days = (1...3).map { today + $0 }
        let next = days.first(where: Self.isWorkday) ?? today + 1
        return company.moment("\(CalendarDate(days: next))T08:00") ?? now
    }

    private var today: Int { company.today(now: now).days }

    private func workday(_ number: Int) -> CalendarDate {
        var (day, left) = (today, number)
        while left > 0 {
            day -= 1
            if Self.isWorkday(day) { left -= 1 }
        }
        return CalendarDate(days: day)
    }

    /// The first of January 1970 was a Thursday, the third day after Monday.
    private static func isWorkday(_ day: Int) -> Bool { (day + 3) % 7 < 5 }
}
