import Foundation

/// The one place where the programs read the time of day.
package enum WallClock {
    /// Milliseconds since 1970, UTC.
    package static func now() -> Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }
}
