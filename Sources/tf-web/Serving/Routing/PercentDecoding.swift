import Foundation

extension StringProtocol {
    /// The text without percent encoding; nil if what it encodes is no UTF-8. Most parts of addresses encode nothing, and
    /// Foundation would still take them apart.
    var percentDecoded: String? {
        utf8.contains(UInt8(ascii: "%")) ? removingPercentEncoding : String(self)
    }
}
