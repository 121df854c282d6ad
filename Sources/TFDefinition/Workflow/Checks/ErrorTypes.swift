import TFExpression

/// The types of errors that a workflow raises and catches.
struct ErrorTypes {
    static let standard = [
        "configuration", "validation", "expression", "authentication", "authorization", "timeout", "communication",
        "runtime",
    ]
    private static let domains = ["https://open-workflow-specification.org/", "https://serverlessworkflow.io/"]
    private static let base = "https://open-workflow-specification.org/spec/1.0.0/errors/"

    /// Written types, with their positions.
    var raised: [(type: String, position: Position)] = []
    var caught: [(type: String, position: Position)] = []
    /// Whether a type is computed, so that any error may be raised.
    var hasComputed = false

    /// The name of one of the specification's own types, `…/errors/X` in either of its domains.
    private static func ownName(_ type: String) -> String? {
        guard let domain = domains.first(where: type.hasPrefix) else { return nil }
        let path = type.dropFirst(domain.count).split(separator: "/")
        guard let name = path.last, path.dropLast().contains("errors") else { return nil }
        return String(name)
    }

    func check(_ diagnostics: inout Diagnostics) {
        for (type, position) in raised {
            // Other types are free, but one that is close to a standard one is a mistake.
            guard let name = Self.ownName(type), !Self.standard.contains(name),
                let nearest = nearestName(to: name, among: Self.standard)
            else { continue }
            diagnostics.error(
                "there is no error \"\(name)\" among the standard ones", at: position,
                suggestion: type.dropLast(name.count) + nearest)
        }
        let known = Set(raised.map(\.type))
        let ownNames = Set(known.compactMap(Self.ownName))
        for (type, position) in caught {
            if known.contains(type) { continue }
            if let name = Self.ownName(type) {
                check(name, of: type, ownNames, at: position, &diagnostics)
            } else if !type.contains("://"), !type.hasPrefix("urn:"), type != "about:blank" {
                refuseShort(type, at: position, &diagnostics)
            } else if let nearest = nearestName(to: type, among: known.sorted()) {
                diagnostics.error("nothing raises the error \"\(type)\"", at: position, suggestion: nearest)
            }
        }
    }

    private func check(
        _ name: String, of type: String, _ own: Set<String>, at position: Position, _ diagnostics: inout Diagnostics
    ) {
        if Self.standard.contains(name) || own.contains(name) { return }
        let names = Self.standard + own.sorted()
        let nearest = nearestName(to: name, among: names)
        if nearest == nil, hasComputed { return }
        diagnostics.error(
            "there is no error \"\(name)\"; the standard ones are \(listed(Self.standard))", at: position,
            suggestion: nearest.map { type.dropLast(name.count) + $0 })
    }

    /// Reports a shortened type such as `timeout` or `errors/timeout`: types are compared whole.
    private func refuseShort(_ type: String, at position: Position, _ diagnostics: inout Diagnostics) {
        let name = type.split(separator: "/").last.map(String.init) ?? type
        let meant = Self.standard.contains(name) ? name : nearestName(to: name, among: Self.standard)
        diagnostics.error(
            "the type of an error is a whole URI, not \"\(type)\"", at: position,
            suggestion: meant.map { Self.base + $0 })
    }
}
