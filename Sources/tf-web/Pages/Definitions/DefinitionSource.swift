import TFDefinition

/// A definition's text with numbered lines, and what is wrong under its line.
struct DefinitionSource {
    let source: String
    var problems: [Int: [Diagnostic]] = [:]

    /// The lines without the empty one behind the last line end.
    static func lines(_ source: String) -> [Substring] {
        let lines = source.sourceLines
        return lines.count > 1 && lines.last?.isEmpty == true ? lines.dropLast() : lines
    }

    var html: HTML {
        let lines = Self.lines(source).enumerated().map { index, text -> HTML in
            let number = index + 1
            let own = problems[number] ?? []
            let kind = own.contains { $0.severity == .error } ? "fail" : "wait"
            let said = own.map { problem -> HTML in #"<em class="\#(kind)">\#(problem.sentence)</em>"# }
            let mark: HTML = own.isEmpty ? .empty : #" class="\#(kind)""#
            // An empty line keeps its height.
            return #"<span id="L\#(number)"\#(mark)>\#(text.isEmpty ? " " : YAMLLine(text).html)</span>\#(said)"#
        }
        return """
            <pre class="src" tabindex="0" role="region" aria-label="Lines of the source">\(lines)</pre>
            """
    }
}
