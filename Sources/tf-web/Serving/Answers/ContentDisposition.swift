import TFExpression

/// Builds the `Content-Disposition` header of a download.
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

    /// Whether both forms of the name take this byte as it is: letters, digits and a few marks.
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

    /// The name under which a file is stored, shown and downloaded: the last part of its path, without control
    /// characters and marks that change the direction of text, cut to its last 200 scalars so that the extension stays.
    /// `file` if that is empty.
    static func shown(_ name: String) -> String {
        let last = name.utf8.split(omittingEmptySubsequences: true) {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\")
        }.last
        let seen = (last.map { String(decoding: $0, as: UTF8.self) } ?? "").unicodeScalars.filter { !$0.isSteering }
        let name = String(String.UnicodeScalarView(seen.suffix(longest)))
        return name.utf8.allSatisfy { $0 == UInt8(ascii: ".") } ? "file" : name
    }
}
