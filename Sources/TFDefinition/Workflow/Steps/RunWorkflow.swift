import TFExpression

/// `run: workflow`: another workflow of the company as a step.
package struct RunWorkflow: Sendable, Hashable, Codable {
    /// The workflow's name; a version of nil is the highest.
    package let workflow: DefinitionName
    package let input: ValueExpression?
    /// Whether the step waits for the end of the other workflow.
    package let isAwaited: Bool

    static let keys = KeyTable(
        "\"run\"",
        [
            Key("workflow", .mapping(workflowKeys), "The workflow to run.", isRequired: true),
            Key("await", .flag, "false: go on without waiting for it.", standard: true),
            Key("return", .choice(["stdout", "stderr", "code", "all", "none"]), "Of processes; without effect here."),
        ])
    private static let workflowKeys = KeyTable(
        "\"workflow\"",
        [
            Key("namespace", .text, "The company's slug, or default.", isRequired: true),
            Key("name", .text, "Its name.", isRequired: true),
            Key("version", .text, "Its version, or latest.", standard: "latest"),
            Key("input", .any, "Its input."),
        ])
    private static let processes = ["container", "script", "shell"]

    static func read(_ fields: Fields, _ reader: inout DefinitionReader) -> RunWorkflow? {
        guard let node = fields.value("run"),
            let run = Fields(node, keys, besides: processes, &reader.diagnostics)
        else { return nil }
        for process in processes where run.has(process) {
            reader.diagnostics.error(
                "\"run: \(process)\" is not in the profile; workflows start no processes", at: run.keyPosition(process))
            return nil
        }
        guard let workflow = run.value("workflow"), let inner = Fields(workflow, workflowKeys, &reader.diagnostics)
        else {
            run.need("workflow", of: "\"run\"", &reader.diagnostics)
            return nil
        }
        if let namespace = inner.requiredText("namespace", of: "\"workflow\"", &reader.diagnostics),
            let company = reader.company, namespace != company, namespace != "default"
        {
            reader.diagnostics.error(
                "\"namespace\" must be the company \"\(company)\" or \"default\", not \"\(namespace)\"",
                at: inner.position("namespace"))
        }
        guard let name = inner.requiredText("name", of: "\"workflow\"", &reader.diagnostics) else { return nil }
        let version = inner.text("version", &reader.diagnostics).flatMap { $0 == "latest" ? nil : $0 }
        guard let reference = DefinitionName(version.map { "\(name):\($0)" } ?? name) else {
            reader.diagnostics.error(
                "\"\(version.map { "\(name):\($0)" } ?? name)\" cannot be a workflow", at: inner.position("name"))
            return nil
        }
        reader.refer(to: .workflow(reference), at: inner.position("name"))
        return RunWorkflow(
            workflow: reference, input: inner.value("input").map { ValueExpression.read($0, &reader) },
            isAwaited: run.flag("await", &reader.diagnostics) ?? true)
    }
}
