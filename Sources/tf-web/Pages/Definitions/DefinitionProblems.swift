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
    /// What came of what the reader wanted, so that they are led here: `Not published`.
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

    var count: Int { errors.count + problems.count }
    var hasErrors: Bool { !errors.isEmpty || problems.contains { $0.severity == .error } }

    /// The problems of the page's own file, by line.
    var lines: [Int: [Diagnostic]] {
        Dictionary(grouping: problems.filter { file == nil || $0.file == file }, by: \.position.line)
    }

    /// All of them in a banner; nothing if there are none.
    var banner: HTML {
        guard count > 0 else { return .empty }
        let isLedHere = outcome != nil
        let told = [outcome, counted(count, "problem")].compactMap { $0 }.joined(separator: ": ")
        return """
            <section class="banner \(hasErrors ? "fail" : "wait")" id="problems"\(when(isLedHere, #" tabindex="-1" autofocus"#))>\
            <div\(when(isLedHere, #" role="alert""#))><h2>\(told)</h2>\(list)</div></section>
            """
    }

    var list: HTML {
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
