/// The name of a definition with the version that was asked for: `approve-access` or `approve-access:1.2.0`.
package struct DefinitionName: Sendable, Hashable, Codable, CustomStringConvertible {
    package let name: String
    /// nil: the newest of the highest version.
    package let version: String?

    package init(name: String, version: String? = nil) {
        self.name = name
        self.version = version
    }

    /// Reads `name`, `name:version`, and the DSL's `name:version@default`.
    package init?(_ text: String) {
        var text = text[...]
        if text.hasSuffix("@default") { text = text.dropLast("@default".count) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard Slug.isValid(String(parts[0])) else { return nil }
        name = String(parts[0])
        version = parts.count == 2 ? String(parts[1]) : nil
        if let version, SemanticVersion(version) == nil { return nil }
    }

    package var description: String { version.map { "\(name):\($0)" } ?? name }
}

/// `major.minor.patch`; a missing part counts 0.
package struct SemanticVersion: Sendable, Hashable, Comparable {
    private let parts: [Int]

    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...3).contains(parts.count) else { return nil }
        self.parts = parts.compactMap { $0.flatMap { $0 >= 0 ? $0 : nil } }
        if self.parts.count != parts.count { return nil }
    }

    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.parts.lexicographicallyPrecedes(right.parts)
    }
}

/// Something a definition names that lies outside its file, with the place; checked when its neighbours are known.
package struct Reference: Sendable, Hashable {
    package enum Target: Sendable, Hashable {
        case workflow(DefinitionName)
        case task(DefinitionName)
        /// The type of ticket that a scheduled workflow opens.
        case ticket(String)
        case role(String)
        /// A field of the form of every ticket that names this workflow.
        case formField(String)
        /// A field of those forms that is compared with a number.
        case numberComparison(field: String)
        /// A task that shows the ticket's own form.
        case ticketForm
    }

    package let target: Target
    package let position: Position
}
