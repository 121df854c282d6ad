import CTime
import Foundation

/// Dates: seconds since 1970, and the broken-down time `[year, month from 0, day, hours, minutes, seconds, day of the
/// week, day of the year]`, always UTC.
extension Builtin {
    static let dates: [Builtin] = [
        Builtin("gmtime") { (input) throws(ExpressionError) in
            guard let seconds = input.doubleValue else { throw .raised("gmtime() requires numeric inputs") }
            return try broken(seconds)
        },
        Builtin("mktime") { (input) throws(ExpressionError) in
            guard let parts = input.arrayValue else { throw .raised("mktime requires array inputs") }
            guard var time = moment(parts) else { throw .raised("mktime requires parsed datetime inputs") }
            guard let seconds = normalize(&time) else { throw .raised("invalid gmtime representation") }
            return .int(seconds)
        },
        Builtin("strftime") { (input, format) throws(ExpressionError) in
            guard input.arrayValue != nil || input.doubleValue != nil else {
                throw .raised("strftime/1 requires parsed datetime inputs")
            }
            guard let format = format.stringValue else { throw .raised("strftime/1 requires a string format") }
            let parts = try input.doubleValue.map { seconds throws(ExpressionError) in try broken(seconds) } ?? input
            // The days of the week and of the year are computed from the date, whatever the parts say.
            guard var time = moment(parts.arrayValue ?? []), normalize(&time) != nil else {
                throw .raised("strftime/1 requires parsed datetime inputs")
            }
            return .string(try text(time, format))
        },
        Builtin("strptime") { (input, format) throws(ExpressionError) in
            guard let text = input.stringValue else {
                throw .raised(.string("strptime/1 requires string inputs and arguments"))
            }
            guard let format = format.stringValue else {
                throw .raised(.string("strptime/1 requires string inputs and arguments"))
            }
            return try parsed(text, format)
        },
        // TicketFlower's own function: the duration from the task's start to a date or a date with a time.
        Builtin(
            "_duration_until", 2,
            .values { (evaluator, _, arguments) throws(ExpressionError) in
                guard let text = arguments[0].stringValue,
                    let moment = ISODate.seconds(text, offset: evaluator.limits.offset)
                else {
                    throw .raised(
                        .string("duration_until needs a date or a date with a time, not \(arguments[0].errorText)"))
                }
                let start = arguments[1]["startedAt"]["epoch"]["milliseconds"].doubleValue ?? 0
                return [.string(ISODate.duration(milliseconds: moment * 1000 - start))]
            }),
    ]

    /// The seconds whose year is in the range of C.
    private static let range = -67_768_040_609_740_800.0...67_768_036_191_676_799.0

    private static func broken(_ seconds: Double) throws(ExpressionError) -> JSON {
        guard range.contains(seconds) else {
            throw .raised("error converting number of seconds since epoch to datetime")
        }
        var whole = time_t(seconds.rounded(.down))
        var time = tm()
        guard gmtime_r(&whole, &time) != nil else {
            throw .raised("error converting number of seconds since epoch to datetime")
        }
        let fraction = seconds - seconds.rounded(.down)
        let second: JSON = fraction == 0 ? .int(Int(time.tm_sec)) : .double(Double(time.tm_sec) + fraction)
        return json(time, second: second)
    }

    private static func json(_ time: tm, second: JSON) -> JSON {
        [
            .int(Int(time.tm_year) + 1900), .int(Int(time.tm_mon)), .int(Int(time.tm_mday)), .int(Int(time.tm_hour)),
            .int(Int(time.tm_min)), second, .int(Int(time.tm_wday)), .int(Int(time.tm_yday)),
        ]
    }

    /// Nil if a part is not a number; a part beyond C's range becomes the limit of the range.
    private static func moment(_ parts: [JSON]) -> tm? {
        var fields: [Int32] = []
        for (index, part) in parts.prefix(8).enumerated() {
            guard let number = part.doubleValue, let whole = Int64(clamping: number - (index == 0 ? 1900 : 0)) else {
                return nil
            }
            fields.append(Int32(clamping: whole))
        }
        fields += Array(repeating: 0, count: 8 - fields.count)
        var time = tm()
        time.tm_year = fields[0]
        time.tm_mon = fields[1]
        time.tm_mday = fields[2]
        time.tm_hour = fields[3]
        time.tm_min = fields[4]
        time.tm_sec = fields[5]
        return time
    }

    /// Brings every part into its range, and computes the days of the week and of the year from the date.
    /// - Returns: the seconds since 1970; nil for a year beyond C's range.
    private static func normalize(_ time: inout tm) -> Int64? {
        time.tm_wday = -1  // stays -1 if C fails; the result -1 alone might be a valid second
        let seconds = timegm(&time)
        return time.tm_wday == -1 ? nil : Int64(seconds)
    }

    private static func text(_ time: tm, _ format: String) throws(ExpressionError) -> String {
        guard !format.isEmpty else { return "" }
        guard format.utf8.count <= 1_024 else { throw .raised("strftime/1: the format is too long") }
        var buffer = [CChar](repeating: 0, count: 16_384)
        let written = "UTC".withCString { zone in
            var time = time
            time.tm_zone = zone
            return strftime(&buffer, buffer.count, format, &time)
        }
        guard written > 0 else { throw .raised("strftime/1: unknown system failure") }
        return String(decoding: buffer[..<written].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func parsed(_ text: String, _ format: String) throws(ExpressionError) -> JSON {
        var time = tm()
        time.tm_wday = 8
        time.tm_yday = 367
        let left = text.withCString { start in strptime(start, format, &time).map { strlen($0) } }
        let rest = left.flatMap { left in left <= text.utf8.count ? Array(text.utf8.suffix(left)) : nil }
        // The remaining text may start with a blank. For C the text ends at U+0000, but not for us.
        let isBlank = rest?.first.map { $0 == 0x20 || (0x09...0x0D).contains($0) } ?? true
        guard let rest, isBlank, !text.utf8.contains(0), !format.utf8.contains(0) else {
            let (text, format) = (String(text.unicodeScalars.prefix(100)), String(format.unicodeScalars.prefix(100)))
            throw .raised(.string("date \"\(text)\" does not match format \"\(format)\""))
        }
        // If the format has a date but neither day, they are computed from it.
        var exact = time
        if time.tm_mday != 0, (0...11).contains(time.tm_mon), normalize(&exact) != nil {
            if time.tm_wday == 8 { time.tm_wday = exact.tm_wday }
            if time.tm_yday == 367 { time.tm_yday = exact.tm_yday }
        }
        let parts = json(time, second: .int(Int(time.tm_sec)))
        guard !rest.isEmpty, case .array(let known) = parts else { return parts }
        return .array(known + [.string(String(decoding: rest, as: UTF8.self))])
    }
}

/// ISO 8601, as far as definitions use it.
package enum ISODate {
    /// Seconds since 1970 of `2026-01-31` (the start of the day) or `2026-01-31T12:30:00.5+01:00`; without a zone, by
    /// `offset`; nil for anything else.
    package static func seconds(_ text: String, offset: (Int64) -> Int) -> Double? {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 3, let year = number(date[0], digits: 4), let month = number(date[1], digits: 2),
            let day = number(date[2], digits: 2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var time = tm()
        time.tm_year = year - 1900
        time.tm_mon = month - 1
        time.tm_mday = day
        let midnight = Int64(timegm(&time))
        guard time.tm_mday == day else { return nil }
        guard parts.count == 2 else { return Double(LocalTime.moment(midnight, offset: offset)) }
        var clock = parts[1]
        var zone: Double?
        if clock.hasSuffix("Z") {
            clock = clock.dropLast()
            zone = 0
        } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let shift = timeOfDay(clock[clock.index(after: sign)...]) else { return nil }
            zone = clock[sign] == "-" ? -shift : shift
            clock = clock[..<sign]
        }
        guard let seconds = timeOfDay(clock) else { return nil }
        if let zone { return Double(midnight) + seconds - zone }
        let whole = seconds.rounded(.down)
        return Double(LocalTime.moment(midnight + Int64(whole), offset: offset)) + (seconds - whole)
    }

    private static func timeOfDay(_ text: Substring) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hours = number(parts[0], digits: 2),
            let minutes = number(parts[1], digits: 2), let seconds = parts.count == 3 ? seconds(parts[2]) : 0,
            hours < 24, minutes < 60, seconds < 61
        else { return nil }
        return Double(hours) * 3600 + Double(minutes) * 60 + seconds
    }

    /// Two digits, and the fraction after them if there is one.
    private static func seconds(_ text: Substring) -> Double? {
        let whole = text.prefix { $0 != "." }
        let fraction = text.dropFirst(whole.count).dropFirst()
        guard number(whole, digits: 2) != nil, text.count == whole.count || !fraction.isEmpty,
            fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Double(text)
    }

    /// Exactly this many ASCII digits.
    private static func number(_ text: Substring, digits: Int) -> Int32? {
        text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32(text) : nil
    }

    /// A duration such as `PT36H` or `PT1M30.5S`; `PT0S` for 0 and less.
    package static func duration(milliseconds: Double) -> String {
        guard milliseconds >= 1 else { return "PT0S" }
        let whole = Int64(min(milliseconds, 9e15))
        let (hours, minutes) = (whole / 3_600_000, whole / 60_000 % 60)
        var text = "PT"
        if hours > 0 { text += "\(hours)H" }
        if minutes > 0 { text += "\(minutes)M" }
        let rest = whole % 60_000
        if rest > 0 { text += JSONNumber(Double(rest) / 1000).text + "S" }
        return text
    }
}
