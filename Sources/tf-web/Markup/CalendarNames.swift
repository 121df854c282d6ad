import TFDefinition

/// Dates in words.
enum CalendarNames {
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The day of the week: «Tuesday».
    static func weekday(_ date: CalendarDate) -> String { days[date.weekday] }

    /// Without the year: «24 Nov».
    static func short(_ date: CalendarDate) -> String {
        let (_, month, day) = date.civil
        return "\(day) \(months[month - 1])"
    }
}
