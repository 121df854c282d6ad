import Foundation
import TFExpression

extension CSV {
    /// A CSV cell: quoted if it contains a separator of any country's spreadsheets, and with an apostrophe before text
    /// that a spreadsheet would take for a formula.
    ///
    /// If a file with commas is opened with semicolons or tabs as separators, our cells are split there despite the
    /// quotes, so a formula after one of these gets an apostrophe too. Source: RFC 4180; OWASP, "CSV Injection".
    static func cell(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        var begins = true
        for scalar in text.unicodeScalars {
            if begins, isFormula(scalar) {
                safe.append("'")
                begins = false
            } else if !isSkipped(scalar) {
                begins = false
            }
            safe.append(scalar)
            if separators.contains(scalar) { begins = true }
        }
        // A spreadsheet drops a leading tab or line break, or takes it for the start of a formula.
        if let first = text.unicodeScalars.first, first != ";", separators.contains(first) {
            safe.insert("'", at: safe.startIndex)
        }
        let cell = String(safe).withoutNUL
        guard safe.contains(where: needsQuotes) || safe.first == " " || safe.last == " " else { return cell }
        return "\"" + cell.escaped { $0 == UInt8(ascii: "\"") ? "\"\"" : nil } + "\""
    }

    private static let separators: Set<Unicode.Scalar> = [
        ";", "\t", "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}",
    ]

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "," || scalar == "\"" || scalar == "'" || separators.contains(scalar)
    }

    /// `=`, `+`, `-` and `@`, also full-width, small and superscript: East Asian spreadsheets treat these alike.
    private static func isFormula(_ scalar: Unicode.Scalar) -> Bool {
        let plain =
            scalar.isASCII ? scalar : String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars.first
        return plain == "=" || plain == "+" || plain == "-" || plain == "@" || scalar == "\u{2212}"
    }

    /// Characters that may come before a formula without making it text: space, quotes, invisible marks and accents.
    private static func isSkipped(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\"" || scalar == "'" || scalar.properties.isWhitespace || scalar.isSteering { return true }
        if scalar.properties.isDefaultIgnorableCodePoint { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .initialPunctuation, .finalPunctuation: return true
        default: return false
        }
    }
}
