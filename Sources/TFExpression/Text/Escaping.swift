// Text from outside is searched, replaced and cut by its bytes or its Unicode scalars, never by `Character`.
//
// A `Character` is what a person sees as one: a quote with a combining accent, CR LF, or emoji with joiners. So
// `text.replacing("\"", with: …)` or `text.split(separator: ",")` does not find such a quote or comma, which would then
// end a field, a header or a string.

extension String {
    /// The text with some of its ASCII characters written in another way.
    /// - Parameter replacement: the replacement of a byte below 0x80; nil keeps the byte.
    package func escaped(_ replacement: (UInt8) -> String?) -> String {
        guard utf8.contains(where: { $0 < 0x80 && replacement($0) != nil }) else { return self }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 16)
        for byte in utf8 {
            if byte < 0x80, let text = replacement(byte) {
                bytes.append(contentsOf: text.utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text with every occurrence of another text replaced, whatever stands before or after it.
    package func replacingBytes(of wanted: String, with replacement: String) -> String {
        let (text, wanted) = (Array(utf8), Array(wanted.utf8))
        let places = text.places(of: wanted, overlapping: false)
        guard !places.isEmpty else { return self }
        var bytes: [UInt8] = []
        var start = 0
        for place in places {
            bytes.append(contentsOf: text[start..<place])
            bytes.append(contentsOf: replacement.utf8)
            start = place + wanted.count
        }
        bytes.append(contentsOf: text[start...])
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the text contains another one, which is not empty; in linear time for all texts.
    package func contains(bytes wanted: String) -> Bool {
        !Array(utf8).places(of: Array(wanted.utf8), overlapping: false).isEmpty
    }

    /// The first scalars of the text; a single `Character` may be of any length.
    package func prefix(scalars most: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(most))) }
}
