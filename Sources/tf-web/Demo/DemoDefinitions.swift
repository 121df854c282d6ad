import Foundation
import TFDefinition
import TFStore

/// The definitions of workflows/, which the demo's tickets are made from.
struct DemoDefinitions: Sendable {
    /// By the company's slug.
    let publications: [String: [Publication]]

    /// Reads what is right in the companies' directories; what is not, the daemon tells.
    init(root: String, roles: [String: Set<String>]) throws {
        let root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        publications = try roles.reduce(into: [:]) { publications, company in
            publications[company.key] = try Self.read("\(root)/\(company.key)", company.key, roles: company.value)
        }
    }

    /// The types of tickets that are missing or incomplete, such as `acme/purchase`.
    func missing(for tickets: [DemoTicket]) -> [String] {
        let present = publications.flatMap { company, publications in
            publications.filter { $0.isComplete && $0.definition.kind == .ticket }
                .map { "\(company)/\($0.definition.name)" }
        }
        return Set(tickets.map { "\($0.company)/\($0.type)" }).subtracting(present).sorted()
    }

    /// What each company published first. One type had another text then, so that there are revisions to compare and a
    /// ticket of the form before.
    var firstPublications: [String: [Publication]] {
        publications.mapValues { $0.map { Self.hasEarlierText($0) ? Self.earlier($0) ?? $0 : $0 } }
    }

    /// What was published again, by company.
    var republished: [(company: String, publication: Publication)] {
        publications.sorted { $0.key < $1.key }.flatMap { company, publications in
            publications.filter(Self.hasEarlierText).map { (company, $0) }
        }
    }

    private static func hasEarlierText(_ publication: Publication) -> Bool {
        publication.definition.kind == .ticket && publication.definition.name == "purchase"
    }

    /// The text from before people were asked where to buy it.
    private static func earlier(_ publication: Publication) -> Publication? {
        let lines = publication.source.split(separator: "\n", omittingEmptySubsequences: false)
        guard let field = lines.firstIndex(where: { $0.hasSuffix("id: link") }), field > 0, field + 1 < lines.count
        else {
            return nil
        }
        let text = (lines[..<(field - 1)] + lines[(field + 2)...]).joined(separator: "\n")
        let parsed = Definition.parse(Array(text.utf8), file: publication.file, company: nil)
        return Publication(parsed, source: text, file: publication.file, isComplete: publication.isComplete)
    }

    private static func read(_ directory: String, _ company: String, roles: Set<String>) throws -> [Publication] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        let files = try names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { name in
            let path = "\(directory)/\(name)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return (path, text, Definition.parse(Array(text.utf8), file: path, company: company))
        }
        let entries = files.compactMap { path, _, parsed in
            parsed.definition.map { Catalog.Entry(file: path, definition: $0, references: parsed.references) }
        }
        let problems = Catalog(entries, roles: roles).findings().byFile
        return files.compactMap { path, text, parsed in
            let isComplete = problems[path]?.contains { $0.severity == .error } != true
            return Publication(parsed, source: text, file: path, isComplete: isComplete)
        }
    }
}
