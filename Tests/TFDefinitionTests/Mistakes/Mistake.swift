import Testing

@testable import TFDefinition

/// A text with what a person reads about it.
///
/// Written as the text's lines, then one line `> line:column: severity: message` for each problem; mistakes are
/// parted by empty lines.
struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let messages: [String]

    static func list(_ source: String) -> [Mistake] {
        source.split(separator: "\n\n").map { block in
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            return Mistake(
                text: lines.filter { !$0.hasPrefix("> ") }.joined(separator: "\n"),
                messages: lines.filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) })
        }
    }

    var testDescription: String { text }

    /// What the checker says, its places counted from where `text` starts in the file.
    func found(_ file: String, before: String = "", indentation: Int = 0, after: String = "") -> [String] {
        let whole = before + text + after
        let lines = before.filter { $0 == "\n" }.count
        return Definition.parse(Array(whole.utf8), file: file, company: "acme").diagnostics.map { problem in
            let place = problem.position
            return "\(place.line - lines):\(place.column - indentation): \(problem.severity): \(problem.sentence)"
        }
    }
}
