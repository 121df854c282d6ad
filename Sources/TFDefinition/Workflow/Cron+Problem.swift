/// Why a text is not a cron expression: which field is wrong, and what it may hold.
extension Cron {
    private static let fields: [(name: String, range: ClosedRange<Int>, names: [String], first: Int)] = [
        ("minute", 0...59, [], 0), ("hour", 0...23, [], 0), ("day of the month", 1...31, [], 0),
        ("month", 1...12, monthNames, 1), ("weekday", 0...7, dayNames, 0),
    ]

    /// Names for whole expressions in other programs, such as `@daily`.
    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    static func problem(of source: String) -> String {
        if let meant = nicknames[source.lowercased()] {
            return "\"cron\" has no names such as \"\(source)\"; write '\(meant)'"
        }
        let given = source.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard given.count == fields.count else {
            let hint = given.count == 6 && read(given[0], 0...59) != nil ? "; it has no seconds" : ""
            return
                "\"cron\" must be minute, hour, day, month and weekday, as in '0 7 * * mon-fri', not \"\(source)\"\(hint)"
        }
        for (text, field) in zip(given, fields)
        where read(text, field.range, names: field.names, first: field.first) == nil {
            let names = field.names.isEmpty ? "" : " or \(field.names[0]) to \(field.names[field.names.count - 1])"
            return
                "the \(field.name) of \"cron\" cannot be \"\(text)\"; it is *, or numbers from \(field.range.lowerBound) to \(field.range.upperBound)\(names), as in 1, 1-5, 1,3 or */2"
        }
        return "\"cron\" cannot be \"\(source)\""
    }

    /// Whether there is any such moment; there is none on 31 February.
    var happens: Bool { next(after: 0) { _ in 0 } != nil }
}
