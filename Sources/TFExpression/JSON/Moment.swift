import Foundation

/// Moments as they are shown outside.
package enum Moment {
    /// RFC 3339 in UTC: `2026-11-22T19:33:00Z`.
    package static func iso8601(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).ISO8601Format()
    }
}
