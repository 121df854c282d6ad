extension Unicode.Scalar {
    /// Whether the scalar controls what shows it (a terminal, a browser, a spreadsheet) instead of being visible:
    /// control characters, line and paragraph separators, marks that turn the direction of writing, joiners, and
    /// unassigned scalars.
    package var isSteering: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}

extension String {
    /// The text made safe for terminals and logs: one line, with each such character as `\u{…}`; a very long text is
    /// cut. Titles, names and messages come from people, programs and files that anybody may have written.
    package var onOneLine: String {
        let most = 2_000
        let isPlain = utf8.count <= most && utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        if isPlain { return self }
        var line = ""
        for scalar in unicodeScalars {
            guard line.utf8.count < most else { return line + "…" }
            if scalar.isSteering {
                line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    /// JSON text with each such character but line breaks as `\u…`, which means the same to a parser. In JSON they
    /// occur only in strings.
    package var jsonForTerminals: String {
        guard unicodeScalars.contains(where: { $0.isSteering && $0 != "\n" }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isSteering, scalar != "\n" {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
