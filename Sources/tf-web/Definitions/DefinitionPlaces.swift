import TFDefinition
import TFStore

/// How the files of a company's definitions are named to its people and programs: by their paths from the directory of
/// definitions. Where the server has that directory concerns only those who run it.
struct DefinitionPlaces: Sendable {
    private let root: String
    private let company: String

    init(_ company: Company, _ site: Site) {
        root = site.settings.definitions
        self.company = company.slug
    }

    /// The path from the directory of definitions. The daemon that published it may have the directory elsewhere, on
    /// another host: then the company's own directory tells where in it the file lies.
    func shown(_ path: String) -> String {
        if path.hasPrefix(root + "/") { return String(path.dropFirst(root.count + 1)) }
        let parts = path.split(separator: "/")
        guard let start = parts.lastIndex(where: { $0 == company }) ?? parts.indices.last else { return path }
        return parts[start...].joined(separator: "/")
    }

    func shown(_ problem: Diagnostic) -> Diagnostic {
        Diagnostic(
            file: shown(problem.file), position: problem.position, severity: problem.severity,
            message: problem.message, suggestion: problem.suggestion)
    }
}
