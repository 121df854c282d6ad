extension [UInt8] {
    /// The offset of the first byte that is no UTF-8; nil if all are.
    package var firstBeyondUTF8: Int? {
        if String(validating: self, as: UTF8.self) != nil { return nil }
        // Decoding puts other bytes in the place of bad ones. One of these may be the first byte of what is put there.
        let mended = Array(String(decoding: self, as: UTF8.self).utf8)
        let differing = zip(self, mended).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? count
        let ends = stride(from: differing, through: Swift.max(0, differing - 3), by: -1)
        return ends.first { String(validating: self[..<$0], as: UTF8.self) != nil } ?? differing
    }
}
