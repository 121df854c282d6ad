import TFDefinition

/// Shows the problems of files as the command line prints them.
struct DefinitionProblems {
    private let problems: [Diagnostic]

    init(_ problems: [Diagnostic]) { self.problems = problems }

    var html: HTML {
        guard !problems.isEmpty else { return .empty }
        let items = problems.map { problem -> HTML in
            """
            <li><code>\(problem.file):\(problem.position.line):\(problem.position.column)</code> \
            <strong class="tag \(problem.severity == .error ? "bad" : "wait")">\(problem.severity.rawValue)</strong> \
            \(problem.sentence)</li>
            """
        }
        return "<h2>Problems</h2><ul>\(items)</ul>"
    }
}
