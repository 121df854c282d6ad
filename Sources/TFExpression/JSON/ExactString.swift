/// Text that equals another only if both have the same Unicode scalars.
///
/// Swift's `String` takes `é` and `e` with a combining accent as equal. JSON, jq and SQLite do not: they compare names
/// and strings by their bytes in UTF-8, whose order is that of the code points. Source: RFC 8259, section 8.3.
package struct ExactString: Sendable, Hashable, Comparable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: ExactString, right: ExactString) -> Bool { left.text.isExactly(right.text) }

    package static func < (left: ExactString, right: ExactString) -> Bool {
        left.text.exactOrder(against: right.text) < 0
    }

    package func hash(into hasher: inout Hasher) { text.hashExactly(into: &hasher) }
}

extension ExactString: Codable {
    package init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension String {
    /// Whether both have the same scalars.
    package func isExactly(_ other: String) -> Bool {
        withBytes { left in other.withBytes { right in left.count == right.count && left.elementsEqual(right) } }
    }

    /// Less than 0, 0 or more: the order of code points, as jq sorts strings.
    package func exactOrder(against other: String) -> Int {
        withBytes { left in
            other.withBytes { right in
                for (left, right) in zip(left, right) where left != right { return Int(left) - Int(right) }
                return left.count - right.count
            }
        }
    }

    /// Whether both are the same text in memory; short texts have no storage of their own and are compared.
    func isSame(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        if utf8.count < 32 { return isExactly(other) }
        return withBytes { left in other.withBytes { right in left.baseAddress == right.baseAddress } }
    }

    fileprivate func hashExactly(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)  // ends the text, so that two in a row do not run together
    }

    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
