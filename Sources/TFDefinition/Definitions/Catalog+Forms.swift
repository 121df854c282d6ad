import TFExpression

/// Checks the fields of tickets' forms that workflows and tasks read.
///
/// Several forms may reach one workflow, and several workflows one task, each of another author. A field that none of
/// the forms has is a mistake of the definition that reads it. If some of them have it, the definition is right, and
/// the mistake is of the ticket or of the call that brought the form without it: so a further file takes none of those
/// in use out of force.
extension Catalog {
    /// The tickets whose forms a definition's expressions may read.
    func tickets(for definition: Definition) -> [TicketDefinition] {
        let workflowNames: Set<String> =
            switch definition {
            case .workflow(let workflow): [workflow.name]
            case .task(let task): Set(callers(of: task).map(\.workflow.name))
            case .ticket: []
            }
        return workflowNames.sorted().flatMap { ticketsByWorkflow[$0] ?? [] }
    }

    /// Reports a field that no form has.
    func checkFormField(
        _ field: String, of definition: Definition, _ reference: Reference, _ diagnostics: inout Diagnostics
    ) {
        let tickets = tickets(for: definition)
        guard !tickets.contains(where: { $0.has(field) }) else { return }
        for ticket in tickets {
            let names = ticket.form.fields.map(\.id)
            let hyphenated = names.first { $0.hasPrefix("\(field)-") }
            let hint = hyphenated.map { "; a name with \"-\" is written .form[\"\($0)\"]" } ?? ""
            diagnostics.error(
                "the form of ticket \"\(ticket.name)\" has no field \"\(field)\"\(hint)", at: reference.position,
                suggestion: hyphenated == nil ? nearestName(to: field, among: names) : nil)
        }
    }

    func checkNumberComparison(
        _ field: String, of definition: Definition, _ reference: Reference, _ diagnostics: inout Diagnostics
    ) {
        for ticket in tickets(for: definition) {
            guard let element = ticket.form.field(field), element.isText else { continue }
            diagnostics.warning(
                "\"\(field)\" of ticket \"\(ticket.name)\" is \(element.type.phrase) and so a text; compared with a number it is never equal, and always more",
                at: reference.position)
        }
    }

    /// Reports the fields that a ticket's workflow and its tasks read, that other tickets of the workflow have, and
    /// this one lacks.
    func checkForm(
        of ticket: TicketDefinition, for workflow: DefinitionName, _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        let others = ticketsByWorkflow[workflow.name, default: []].filter { $0.name != ticket.name }
        guard !others.isEmpty else { return }
        let workflows = entries(.workflow, workflow)
        let tasks = workflows.flatMap { entry in calledTasks(of: entry.definition) }
        var told: Set<String> = []
        for reader in workflows + tasks.flatMap({ entries(.task, $0) }) {
            for field in formFields(of: reader)
            where !ticket.has(field) && others.contains(where: { $0.has(field) }) && told.insert(field).inserted {
                diagnostics.error(
                    "the form of ticket \"\(ticket.name)\" has no field \"\(field)\", which the \(reader.definition.kind.rawValue) \"\(reader.definition.name)\" reads",
                    at: reference.position)
            }
        }
    }

    /// Reports the fields that a called task reads, that the forms of other callers have, and those of this workflow
    /// all lack.
    func checkForms(
        of workflow: WorkflowDefinition, for task: DefinitionName, _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        let own = ticketsByWorkflow[workflow.name, default: []]
        guard !own.isEmpty else { return }
        var told: Set<String> = []
        for reader in entries(.task, task) {
            let fields = formFields(of: reader)
            // All callers are looked through for it.
            let all = fields.isEmpty ? [] : tickets(for: reader.definition)
            for field in fields
            where !own.contains(where: { $0.has(field) }) && all.contains(where: { $0.has(field) })
                && told.insert(field).inserted
            {
                let forms = own.map { "\"\($0.name)\"" }.sorted()
                diagnostics.error(
                    "the task \"\(task.name)\" reads the field \"\(field)\", which the form of \(forms.count == 1 ? "ticket" : "tickets") \(forms.joined(separator: ", ")) does not have",
                    at: reference.position)
            }
        }
    }

    private func calledTasks(of definition: Definition) -> [DefinitionName] {
        guard case .workflow(let workflow) = definition else { return [] }
        return workflow.allSteps.compactMap { step in
            if case .call(let call) = step.kind { call.task } else { nil }
        }
    }

    /// The fields of tickets' forms that a definition reads.
    private func formFields(of entry: Entry) -> [String] {
        entry.references.compactMap { reference in
            if case .formField(let field) = reference.target { field } else { nil }
        }
    }
}

extension TicketDefinition {
    fileprivate func has(_ field: String) -> Bool { form.field(field) != nil }
}
