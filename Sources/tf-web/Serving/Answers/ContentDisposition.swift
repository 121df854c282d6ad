import TFExpression

/// The header that gives a download its name.
enum ContentDisposition {
    /// Both forms of the name: `filename` in plain ASCII for old programs, `filename*` with every character.
    /// Source: RFC 6266, RFC 8187.
    static func attachment(_ name: String) -> String {
        let name = FileName.shown(name)
        let isPlain = name.utf8.allSatisfy(isToken)
        guard !isPlain else { return "attachment; filename=\"\(name)\"" }
        let plain = name.unicodeScalars.map { $0.isASCII && isToken(UInt8($0.value)) ? String($0) : "_" }.joined()
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded(name))"
    }

    /// Letters, digits and the few marks that stand for themselves in both forms.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func encoded(_ name: String) -> String {
        name.utf8.map { byte in
            isToken(byte)
                ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

/// The names of files that people send.
enum FileName {
    private static let longest = 200

    /// A file's name as it is kept, shown and given out: the last part of a path, without what steers a screen or turns the
    /// direction of writing, and at most 200 scalars, the last ones, where the extension is. `file` where nothing is left.
    static func shown(_ name: String) -> String {
        let last = name.utf8.split(omittingEmptySubsequences: true) {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\")
        }.last
        let seen = (last.map { String(decoding: $0, as: UTF8.self) } ?? "").unicodeScalars.filter { !$0.isSteering }
        let name = String(String.UnicodeScalarView(seen.suffix(longest)))
        return name.utf8.allSatisfy { $0 == UInt8(ascii: ".") } ? "file" : name
    }
}
