import Foundation
import TFSystem

/// What programs on other machines show as their bearer token to read the figures: one of the site's keys.
package struct MetricsToken: Sendable {
    private let text: String

    /// - Returns: nil if there is nothing in it.
    package init?(_ bytes: [UInt8]) {
        text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if text.isEmpty { return nil }
    }

    /// - Parameter token: what a request shows; nil: nothing.
    package func isSame(as token: String?) -> Bool { token.map { ConstantTime.areEqual($0, text) } ?? false }
}
