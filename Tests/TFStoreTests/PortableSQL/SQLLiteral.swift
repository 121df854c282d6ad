import Foundation
import TestSupport

/// A text in the sources that is a statement, or a part of one.
struct SQLLiteral {
    /// Below the package's root.
    let file: String
    let line: Int
    /// What stands between its interpolations, with single spaces.
    let pieces: [String]

    var place: String { "\(file):\(line)" }

    /// Those of a directory's Swift files.
    /// - Parameter isAny: whether every other text is wanted too.
    static func all(in directory: String, except: String? = nil, isAny: Bool = false) throws -> [SQLLiteral] {
        let path = ProjectFolder.url(directory).path
        let files = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        return try files.flatMap { name -> [SQLLiteral] in
            guard name.hasSuffix(".swift"), except.map({ !name.hasPrefix($0) }) ?? true else { return [] }
            var scanner = SwiftScanner(try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8))
            return scanner.literals().compactMap { literal -> SQLLiteral? in
                let pieces = literal.pieces.map { LoggedStatement.words(String(decoding: $0, as: UTF8.self)) }
                    .filter { !$0.isEmpty }
                guard isAny || isSQL(pieces.joined(separator: " ")) else { return nil }
                return SQLLiteral(file: "\(directory)/\(name)", line: literal.line, pieces: pieces)
            }
        }
    }

    /// Words in capitals that no message has, or a comparison with a parameter.
    private static func isSQL(_ text: String) -> Bool {
        let words = text.split { !$0.isLetter && $0 != "_" }
        let isSaid = words.contains { keywords.contains(String($0)) }
        return isSaid || ["= ?", "> ?", "< ?"].contains { text.contains($0) }
    }

    private static let keywords: Set = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "PRAGMA", "WITH", "WHERE", "EXISTS", "LIMIT", "UNION",
        "GROUP",
        "REPLACE", "NULL", "DESC", "AND",
    ]

    /// Whether a statement may begin with it, and has all of its pieces, one behind the other.
    func isBeginning(of words: String) -> Bool { pieces.first.map(words.hasPrefix) == true && isPart(of: words) }

    /// Whether a statement has all of its pieces, one behind the other.
    func isPart(of words: String) -> Bool {
        var rest = words[...]
        for piece in pieces {
            guard let found = rest.range(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

/// Finds the literals of a Swift file; knows as much of the language as our sources use.
private struct SwiftScanner {
    struct Literal {
        let line: Int
        var pieces: [[UInt8]] = [[]]
    }

    private let text: [UInt8]
    private var position = 0
    private var line = 1
    private var found: [Literal] = []

    init(_ text: String) { self.text = Array(text.utf8) }

    mutating func literals() -> [Literal] {
        while position < text.count { code() }
        return found
    }

    /// One step through what is no literal.
    private mutating func code() {
        if starts("//") {
            while position < text.count, text[position] != UInt8(ascii: "\n") { advance() }
        } else if starts("\"\"\"") {
            literal(until: "\"\"\"")
        } else if starts("\"") {
            literal(until: "\"")
        } else {
            advance()
        }
    }

    private mutating func literal(until end: StaticString) {
        var literal = Literal(line: line)
        advance(end.utf8CodeUnitCount)
        while position < text.count, !starts(end) {
            if starts("\\(") {
                advance(2)
                interpolation()
                literal.pieces.append([])
            } else {
                // A backslash stands before the end of a line that goes on, or before a quote.
                if starts("\\") { advance() }
                if position < text.count { literal.pieces[literal.pieces.count - 1].append(text[position]) }
                advance()
            }
        }
        advance(end.utf8CodeUnitCount)
        found.append(literal)
    }

    private mutating func interpolation() {
        var depth = 1
        while position < text.count, depth > 0 {
            if starts("(") { depth += 1 }
            if starts(")") { depth -= 1 }
            code()
        }
    }

    private func starts(_ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard position + count <= text.count else { return false }
        return (0..<count).allSatisfy { text[position + $0] == prefix.utf8Start[$0] }
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < text.count {
            if text[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }
}
