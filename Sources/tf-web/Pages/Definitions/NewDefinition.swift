import Hummingbird
import TFDefinition
import TFStore

/// What a new definition begins with: a template, or a copy of another.
struct NewDefinition: Sendable {
    let template: WorkbenchTemplate?
    private let original: (kind: DefinitionKind, name: String)?

    init(_ request: Request) {
        let query = request.uri.queryParameters
        let slug = query["template"].map(String.init)
        template = WorkbenchTemplate.parts.first { $0.slug == slug }
        let parts = query["copy"]?.split(separator: ":").map(String.init) ?? []
        original = parts.count == 2 ? DefinitionKind(rawValue: parts[0]).map { ($0, parts[1]) } : nil
    }

    /// The text of the definition to copy; nil: none is asked for, or it is not there.
    func copied(_ session: CompanyReadSession) throws -> String? {
        guard let original else { return nil }
        return try session.definition(original.kind, original.name)?.source
    }
}
