import Foundation
import TFDefinition

extension Company {
    /// The date in the company's time zone at a moment in milliseconds since 1970.
    package func today(now: Int64) -> CalendarDate {
        CalendarDate(secondsSince1970: now / 1000, offset: offset(now / 1000))
    }

    /// The moment of a date and time that was entered in the company's time zone, in milliseconds since 1970; nil: it
    /// is not a valid one.
    package func moment(_ text: String) -> Int64? {
        TypedMoment(text, offset: offset).map { $0.seconds * 1000 }
    }

    /// The offset of the company's time zone from UTC in seconds (east is positive), for a moment in seconds since
    /// 1970.
    package var offset: @Sendable (Int64) -> Int {
        let zone = TimeZone(identifier: timezone) ?? .gmt
        return { seconds in zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))) }
    }

    /// The context of a form without people and files: date, time zone and logins.
    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - me: the login of the person who fills the form in.
    ///   - requester: the login of the person whose ticket it is.
    package func formContext(now: Int64, me: String? = nil, requester: String? = nil) -> FormContext {
        var context = FormContext(today: today(now: now), offset: offset)
        context.now = now / 1000
        context.me = me
        context.requester = requester
        return context
    }
}
