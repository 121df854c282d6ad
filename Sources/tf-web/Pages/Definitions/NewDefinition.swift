import TFDefinition
import TFStore

/// What a new definition begins with: a template, or a copy of another.
struct NewDefinition: RequestFields {
    let template: WorkbenchTemplate?
    /// The definition to copy: `workflow:purchase`.
    let original: String?

    init(_ fields: inout FieldReader) {
        let slug = fields.optional("template", .choice(WorkbenchTemplate.parts.map(\.slug)))
        template = WorkbenchTemplate.parts.first { $0.slug == slug }
        original = fields.optional("copy", .text(1, .search))
    }

    /// The text of the definition to copy; nil: none is asked for, or it is not there.
    func copied(_ session: CompanyReadSession) throws -> String? {
        let parts = original?.split(separator: ":").map(String.init) ?? []
        guard parts.count == 2, let kind = DefinitionKind(rawValue: parts[0]) else { return nil }
        return try session.definition(kind, parts[1])?.source
    }
}
