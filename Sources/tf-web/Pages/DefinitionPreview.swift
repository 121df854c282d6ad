import TFDefinition
import TFEngine
import TFStore

/// What a definition will look like: its form as people see it, its diagram, and what changes.
struct DefinitionPreview {
    let desk: PageDesk
    let company: Company

    /// - Parameter current: the definition as it is in force; nil: a new one.
    func html(_ checked: DefinitionDesk.Checked?, _ current: DefinitionRow?) async throws -> HTML {
        guard let checked, let definition = checked.definition else { return .empty }
        let changes: HTML =
            current.map { row -> HTML in
                let diff = LineDiff(from: row.source, to: String(decoding: checked.source, as: UTF8.self))
                return "<h2>Changes</h2>\(diff.html)"
            } ?? .empty
        return """
            <p>Nothing is in force yet: look at it, then publish.</p>\
            \(try await picture(definition, revision: nil))\(changes)
            """
    }

    /// The form or the diagram.
    /// - Parameter revision: nil: of a text that is not published, whose workflow is shown in words.
    func picture(_ definition: Definition, revision: RevisionID?) async throws -> HTML {
        switch definition {
        case .ticket(let ticket): return try await form(ticket.form)
        case .task(let task): return task.form.own.isEmpty ? .empty : try await form(task.form.own)
        case .workflow(let workflow):
            let diagram = try await desk.site.store.read(in: company.id) { session in
                try WorkflowDiagram(WorkflowGraph(workflow), revision: revision, session)
            }
            return "<h2>Diagram</h2>\(diagram.html())"
        }
    }

    private func form(_ form: Form) async throws -> HTML {
        let surroundings = FormSurroundings(
            context: company.formContext(now: desk.site.now), timezone: company.timezone, people: [:], files: [:],
            unseen: [])
        let fields = FormFields(
            form: form, answers: form.initialAnswers(surroundings.context), errors: [], surroundings: surroundings)
        return """
            <h2>The form as people see it</h2>\
            <fieldset class="preview" disabled><legend class="hidden">Preview</legend>\(fields.html)</fieldset>
            """
    }
}

extension TaskDefinition.FormSource {
    fileprivate var own: Form {
        if case .body(let form) = self { form } else { Form(elements: []) }
    }
}

extension Form {
    fileprivate var isEmpty: Bool { elements.isEmpty }
}

/// The problems of files, as the command line would print them.
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
