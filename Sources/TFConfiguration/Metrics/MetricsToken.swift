import Foundation
import TFSystem

/// What programs on other machines show as their bearer token to read the figures: the text of `<data>/metrics.token`.
package struct MetricsToken: Sendable {
    private let text: String

    /// Reads it from the data directory.
    /// - Returns: nil where there is no such file, or nothing in it.
    package init?(data: String) {
        guard let bytes = FileManager.default.contents(atPath: Self.path(data: data)) else { return nil }
        text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if text.isEmpty { return nil }
    }

    /// - Parameter token: what a request shows; nil: nothing.
    package func isSame(as token: String?) -> Bool { token.map { ConstantTime.areEqual($0, text) } ?? false }

    package static func path(data: String) -> String { data + "/metrics.token" }
}
