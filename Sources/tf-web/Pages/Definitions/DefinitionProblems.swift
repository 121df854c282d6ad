import TFDefinition

/// Shows the problems of files, each with a link to its line.
struct DefinitionProblems {
    /// How the page's form turns to another text that it carries.
    struct Turn {
        /// The text's value in the field `part`.
        let part: String
        let label: String
        let action: String
    }

    private let problems: [Diagnostic]
    /// What else is wrong with the form in which a text is changed.
    private let errors: [FieldError]
    /// What came of what the reader wanted: `Not published`. The page then begins with a summary, and has the errors of the
    /// form beside their fields.
    private let outcome: String?
    /// The file whose text the page shows; problems of others name theirs.
    private let file: String?
    /// Where the link to a line leads.
    private let target: (Int) -> String
    /// The text's lines, for buttons that put the right word; nil: it cannot be changed here.
    private let changeable: [Substring]?
    /// How to turn to the texts of other files.
    private let turns: [String: Turn]

    /// - Parameters:
    ///   - source: the text, if the page's form can change it.
    ///   - target: the id of a line on the page.
    init(
        _ problems: [Diagnostic], _ errors: [FieldError] = [], of file: String? = nil, changing source: String? = nil,
        outcome: String? = nil, turns: [String: Turn] = [:], target: @escaping (Int) -> String = { "L\($0)" }
    ) {
        self.problems = problems
        self.errors = errors.map(\.forPeople)
        self.outcome = outcome
        self.file = file
        self.turns = turns
        self.target = target
        changeable = source?.sourceLines
    }

    /// The id of where they stand first.
    static let id = "problems"

    var count: Int { errors.count + problems.count }
    var hasErrors: Bool { !errors.isEmpty || problems.contains { $0.severity == .error } }

    /// The problems of the page's own file, by line.
    var lines: [Int: [Diagnostic]] {
        Dictionary(grouping: problems.filter { file == nil || $0.file == file }, by: \.position.line)
    }

    /// All of them in a banner, where no summary tells those of the form; nothing if there are none.
    var banner: HTML {
        let told = outcome == nil ? errors : []
        let count = told.count + problems.count
        guard count > 0 else { return .empty }
        let title = [outcome, counted(count, "problem")].compactMap { $0 }.joined(separator: ": ")
        return """
            <section class="banner \(hasErrors ? "fail" : "wait")"\(when(outcome == nil, " id=\"\(Self.id)\""))>\
            <h2>\(title)</h2>\(listed(told))</section>
            """
    }

    /// The errors as the summary of the page, each with a link to its field or its line; nothing if nothing was refused.
    var summary: HTML {
        guard outcome != nil else { return .empty }
        let lines = problems.filter { $0.severity == .error }.map { problem -> HTML in
            let line = problem.position.line
            guard let file, problem.file == file else {
                let text = turns[problem.file]?.label ?? problem.file.split(separator: "/").last.map(String.init) ?? ""
                return "<li><a href=\"#result\">\(text), line \(line): \(sentence(problem))</a>"
            }
            return "<li><a href=\"#\(target(line))\" data-line=\"\(line)\">Line \(line): \(sentence(problem))</a>"
        }
        return Elements.errorSummary(errors.map(Elements.errorItem) + lines, id: Self.id)
    }

    /// Whether the text itself has an error.
    var isTextWrong: Bool {
        errors.contains { $0.field == "source" } || problems.contains { $0.severity == .error && $0.file == file }
    }

    /// What is wrong with a field of the form, where the page tells it beside the field.
    func error(_ field: String) -> String? {
        outcome == nil ? nil : errors.first { $0.field == field }?.message
    }

    var list: HTML { listed(errors) }

    private func listed(_ errors: [FieldError]) -> HTML {
        var seen: Set<Int> = []
        let items = problems.map { problem -> HTML in
            let line = problem.position.line
            guard let file, problem.file == file else {
                return "<li>\(place(problem)): \(sentence(problem))</li>"
            }
            let id: HTML = seen.insert(line).inserted ? #" id="p\#(line)""# : .empty
            return """
                <li\(id)><a href="#\(target(line))" data-line="\(line)">Line \(line)</a>: \(sentence(problem))\(change(problem))</li>
                """
        }
        return #"<ol class="sm">\#(errors.map(Elements.errorItem))\#(items)</ol>"#
    }

    /// A text that the form carries has no file yet: its tab is named instead.
    private func sentence(_ problem: Diagnostic) -> String {
        for (file, turn) in turns {
            let seen = ", see \(file.split(separator: "/").last ?? "")"
            guard problem.message.hasSuffix(seen) else { continue }
            return "\(problem.message.dropLast(seen.count)), see the tab “\(turn.label)”"
        }
        return problem.sentence
    }

    /// Puts the word that was meant.
    private func change(_ problem: Diagnostic) -> HTML {
        guard let changeable, let fix = SuggestedFix(problem, in: changeable) else { return .empty }
        return #" <button class="quiet small" name="fix" value="\#(fix.text)">Change it</button>"#
    }

    private func place(_ problem: Diagnostic) -> HTML {
        // What was typed goes along. The page then shows the text, from the problem that has this place.
        if let turn = turns[problem.file] {
            let line = problem.position.line
            return """
                <button class="quiet small" name="part" value="\(turn.part)" formaction="\(turn.action)#p\(line)">\
                \(turn.label), line \(line)</button>
                """
        }
        let name = problem.file.split(separator: "/").last.map(String.init) ?? problem.file
        return file == nil ? "Line \(problem.position.line)" : "<code>\(name)</code>, line \(problem.position.line)"
    }
}
