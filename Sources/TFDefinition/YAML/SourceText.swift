extension String {
    /// The text with every line end (CR LF, CR or LF) as one LF: browsers and editors change line ends.
    package var foldingLineEnds: String {
        guard utf8.contains(0x0D) else { return self }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        var isBehindReturn = false
        for byte in utf8 {
            if byte == 0x0D { bytes.append(0x0A) } else if byte != 0x0A || !isBehindReturn { bytes.append(byte) }
            isBehindReturn = byte == 0x0D
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The lines of a source as editors count them, without their ends. A byte order mark is no part of the first.
    package var sourceLines: [Substring] {
        let text = foldingLineEnds
        let start =
            text.unicodeScalars.first == "\u{FEFF}"
            ? text.unicodeScalars.index(after: text.startIndex) : text.startIndex
        return text[start...].utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { Substring($0) }
    }
}

/// A definition's text as libyaml gets it, so that positions and meaning are those of the text in an editor.
///
/// Line ends become LF and a byte order mark goes. U+0085, U+2028 and U+2029 end a line for libyaml but not for YAML
/// 1.2 (chapter 5.4) nor for an editor: each is replaced by a character that the text does not have, and put back
/// later.
struct SourceText {
    let lines: [Substring]
    let bytes: [UInt8]
    private let replacements: [Unicode.Scalar: Unicode.Scalar]

    init(_ source: String) {
        lines = source.sourceLines
        let text = lines.joined(separator: "\n")
        let separators: [Unicode.Scalar] = ["\u{85}", "\u{2028}", "\u{2029}"]
        let present = separators.filter(text.unicodeScalars.contains)
        guard !present.isEmpty else {
            bytes = Array(text.utf8)
            replacements = [:]
            return
        }
        let known = Set(text.unicodeScalars)
        let unused = (0xF0000...UInt32(0xFFFFD)).lazy.compactMap(Unicode.Scalar.init).filter { !known.contains($0) }
        replacements = Dictionary(zip(present, unused), uniquingKeysWith: { first, _ in first })
        bytes = Array(Self.text(text, by: replacements).utf8)
    }

    /// A scalar's text as it stands in the source.
    func restored(_ text: String) -> String {
        replacements.isEmpty
            ? text : Self.text(text, by: Dictionary(uniqueKeysWithValues: replacements.map { ($1, $0) }))
    }

    private static func text(_ text: String, by replacements: [Unicode.Scalar: Unicode.Scalar]) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.lazy.map { replacements[$0] ?? $0 })
        return String(scalars)
    }
}
