import TFDefinition
import TFExpression

/// Refuses what `check` and the daemon refuse.
extension SimulationFiles {
    /// - Throws: `Failure.problems` if the workflow, or the type of ticket that starts it, has errors among the folder's
    ///   definitions. Without a folder: if it calls a task that the script does not answer.
    func checkDefinitions() throws {
        let problems = library.map { crossingProblems(among: $0) } ?? unansweredTasks
        if problems.contains(where: { $0.severity == .error }) { throw Failure.problems(problems) }
    }

    /// The problems of what is given, as `check` tells them, behind those of the other files that cause them; none if it
    /// has no errors itself.
    private func crossingProblems(among library: Library) -> [Diagnostic] {
        let found = Catalog(entries, broken: library.broken, roles: nil).findings()
        var files = Set(given.map(\.file))
        guard files.contains(where: { found.byFile[$0]?.contains { $0.severity == .error } == true }) else { return [] }
        var waiting = files
        while let file = waiting.popFirst() {
            for cause in found.causes[file] ?? [] where files.insert(cause).inserted { waiting.insert(cause) }
        }
        return found.ordered(of: files, with: warnings + library.problems.filter { files.contains($0.file) })
    }

    /// The workflow's calls of tasks of which nothing is known: there is no folder, and the script does not answer them.
    private var unansweredTasks: [Diagnostic] {
        guard let entry = given.first else { return [] }
        var diagnostics = Diagnostics(file: entry.file)
        for reference in entry.references {
            guard case .task(let name, _) = reference.target, script.tasks[name.name] == nil else { continue }
            diagnostics.error(
                "there is no task \"\(name)\": give its folder with --definitions, or answer it in the script",
                at: reference.position, suggestion: nearestName(to: name.name, among: script.tasks.keys.sorted()))
        }
        return warnings + diagnostics.sorted
    }
}

extension ParsedDefinition {
    /// As an entry of a catalog; nil for a file with errors, or without a definition.
    func entry(file: String) -> Catalog.Entry? {
        definition.map { Catalog.Entry(file: file, definition: $0, references: references) }
    }
}
