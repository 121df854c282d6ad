/// A statement of the store for PostgreSQL: with `$1`, `$2`, … instead of each `?`.
///
/// Strings, quoted names and comments are left alone. PostgreSQL's own quotes (`E'\''`, `$$`) are not supported; the
/// statements for both engines use none.
struct PostgresStatement: Sendable, Hashable {
    let sql: String
    /// The number of its parameters.
    let parameters: Int

    init(_ sql: String) {
        var text: [UInt8] = []
        var count = 0
        var scanner = Scanner(bytes: Array(sql.utf8))
        while let piece = scanner.next() {
            switch piece {
            case .parameter:
                count += 1
                text += Array("$\(count)".utf8)
            case .text(let bytes): text += bytes
            }
        }
        self.sql = String(decoding: text, as: UTF8.self)
        parameters = count
    }
}

private enum Piece {
    case parameter
    case text(ArraySlice<UInt8>)
}

private struct Scanner {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Piece? {
        guard position < bytes.count else { return nil }
        let start = position
        position += 1
        switch bytes[start] {
        case UInt8(ascii: "?"): return .parameter
        // A quote inside a string is written twice, which reads as the end of one string and the start of the next.
        case UInt8(ascii: "'"), UInt8(ascii: "\""): skip(behind: [bytes[start]])
        case UInt8(ascii: "-") where follows("-"): skip(behind: [UInt8(ascii: "\n")])
        case UInt8(ascii: "/") where follows("*"):
            position += 1
            skip(behind: Array("*/".utf8))
        default: break
        }
        return .text(bytes[start..<position])
    }

    private func follows(_ byte: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: byte)
    }

    /// Moves behind the next occurrence of `end`, or to the end of the statement.
    private mutating func skip(behind end: [UInt8]) {
        while position < bytes.count, !bytes[position...].starts(with: end) { position += 1 }
        position = min(position + end.count, bytes.count)
    }
}
