import Foundation

/// Moments as they are shown outside.
package enum Moment {
    /// RFC 3339 in UTC: `2026-11-22T19:33:00Z`.
    package static func iso8601(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).ISO8601Format()
    }

    /// A moment in the name of a file, in UTC: `20261122T193300.125Z`. Names in order are moments in order.
    package static func stamp(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
            .filter { $0 != "-" && $0 != ":" }
    }
}
