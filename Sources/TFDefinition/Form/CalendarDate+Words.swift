/// Dates in words.
extension CalendarDate {
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The day of the week: `Tuesday`.
    package var dayInWords: String { Self.days[weekday] }

    /// The day of the week in three letters: `Tue`.
    package var shortDay: String { String(dayInWords.prefix(3)) }

    /// Without the year: `4 Dec`.
    package var withoutYear: String { "\(civil.day) \(Self.months[civil.month - 1])" }

    /// `4 Dec 2026`.
    package var inWords: String { "\(withoutYear) \(civil.year)" }
}
