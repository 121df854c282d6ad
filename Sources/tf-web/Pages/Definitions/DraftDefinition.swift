import TFDefinition
import TFStore

/// A text that is not published, with what it defines.
struct DraftDefinition: Sendable {
    let source: String
    let definition: Definition

    /// - Returns: nil for a text with errors.
    init?(_ source: String, in company: Company) {
        let parsed = Definition.parse(Array(source.utf8), file: "draft.yaml", company: company.slug)
        guard let definition = parsed.definition else { return nil }
        self.source = source
        self.definition = definition
    }

    /// As a file whose name says the same as the text.
    var text: DryRun.Text {
        DryRun.Text(file: "\(definition.name).\(definition.kind.rawValue).yaml", source: source)
    }

    var name: DefinitionUses.Name { DefinitionUses.Name(kind: definition.kind, name: definition.name) }
}

extension Definition {
    var task: TaskDefinition? { if case .task(let task) = self { task } else { nil } }
    var ticket: TicketDefinition? { if case .ticket(let ticket) = self { ticket } else { nil } }
}
