/// Reads a table that a spreadsheet has written (RFC 4180): quoted fields, either line ending, commas or semicolons.
struct CSVReader {
    struct Row: Sendable, Hashable {
        /// The line that it begins in, from 1.
        let line: Int
        let fields: [String]
    }

    /// A quoted field without its end.
    struct OpenQuote: Error {
        let line: Int
    }

    private var scalars: Substring.UnicodeScalarView
    private var line = 1
    private let separator: Unicode.Scalar

    private init(_ text: Substring) {
        scalars = text.unicodeScalars
        let head = text.unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }
        separator = head.contains(";") && !head.contains(",") ? ";" : ","
    }

    /// The rows of a text; empty lines are left out.
    /// - Throws: `OpenQuote`.
    static func rows(_ text: String) throws(OpenQuote) -> [Row] {
        var reader = CSVReader(text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...])
        var rows: [Row] = []
        while !reader.scalars.isEmpty {
            let row = try reader.row()
            if row.fields != [""] { rows.append(row) }
        }
        return rows
    }

    private mutating func row() throws(OpenQuote) -> Row {
        let start = line
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard let next = scalars.popFirst() else { break }
            if next == separator { continue }
            // The end of the line, or the first half of it.
            if next == "\r", scalars.first == "\n" { scalars.removeFirst() }
            line += 1
            break
        }
        return Row(line: start, fields: fields)
    }

    /// Reads up to the separator or the end of the line, which stays.
    private mutating func field() throws(OpenQuote) -> String {
        var text = String.UnicodeScalarView()
        guard scalars.first == "\"" else {
            while let next = scalars.first, next != separator, next != "\n", next != "\r" {
                text.append(next)
                scalars.removeFirst()
            }
            return String(text)
        }
        let start = line
        scalars.removeFirst()
        while let next = scalars.popFirst() {
            if next == "\n" { line += 1 }
            guard next == "\"" else {
                text.append(next)
                continue
            }
            guard scalars.first == "\"" else { return String(text) + rest() }
            scalars.removeFirst()
            text.append("\"")
        }
        throw OpenQuote(line: start)
    }

    /// What stands behind a closing quote, as some programs write it.
    private mutating func rest() -> String {
        var text = String.UnicodeScalarView()
        while let next = scalars.first, next != separator, next != "\n", next != "\r" {
            text.append(next)
            scalars.removeFirst()
        }
        return String(text)
    }
}
