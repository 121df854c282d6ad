import TFDefinition
import TFStore

/// The way in which tests put definitions into force.
extension Store {
    /// Makes a company's definitions those of these files, as the daemon does when it has read them.
    /// - Parameters:
    ///   - files: texts by their files' names.
    ///   - kept: files whose definitions stay as they are; those of all others are retired.
    package func publish(
        _ files: [String: String], keeping kept: Set<String> = [], for company: Company, now: Int64
    ) async throws {
        let publications = try files.sorted { $0.key < $1.key }.map { file, text in
            try Publication(text, file: file, company: company.slug)
        }
        _ = try await inside(company.id).publish(publications, keeping: kept, problems: [], now: now)
    }
}

extension Publication {
    /// The definition that a file of this text holds.
    /// - Parameter company: the slug of the file's directory.
    package init(_ text: String, file: String, company: String) throws {
        let parsed = Definition.parse(Array(text.utf8), file: file, company: company)
        guard let publication = Publication(parsed, source: text, file: file, isComplete: true) else {
            throw UnreadableDefinition(problems: parsed.diagnostics)
        }
        self = publication
    }
}

/// A test's text is no definition.
package struct UnreadableDefinition: Error, CustomStringConvertible {
    let problems: [Diagnostic]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
