import Testing

@testable import TFDefinition

/// Files of one company with what a person reads about them together.
///
/// Written as the files' lines, each file after a line `# name.kind.yaml`, then one line `> …` for each problem;
/// mistakes are parted by empty lines.
struct CompanyMistake: Sendable, CustomTestStringConvertible {
    let files: [(name: String, text: String)]
    let messages: [String]

    static func list(_ source: String) -> [CompanyMistake] {
        source.split(separator: "\n\n").map { block in
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            var files: [(name: String, text: String)] = []
            for line in lines where !line.hasPrefix("> ") {
                if line.hasPrefix("# ") {
                    files.append((String(line.dropFirst(2)), ""))
                } else if !files.isEmpty {
                    files[files.count - 1].text += line + "\n"
                }
            }
            return CompanyMistake(
                files: files, messages: lines.filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) })
        }
    }

    var testDescription: String { files.map { "\($0.name): \($0.text)" }.joined(separator: "\n") }

    /// What the checker says of all files, causes first.
    func found() -> [String] {
        var entries: [Catalog.Entry] = []
        var broken: [Catalog.Broken] = []
        var problems: [Diagnostic] = []
        for file in files {
            let parsed = Definition.parse(Array(file.text.utf8), file: file.name, company: "acme")
            problems += parsed.diagnostics
            if let definition = parsed.definition {
                entries.append(.init(file: file.name, definition: definition, references: parsed.references))
            } else if let file = parsed.broken {
                broken.append(file)
            }
        }
        return Catalog(entries, broken: broken, roles: nil).findings(alsoIn: broken).ordered(with: problems)
            .map(\.description)
    }
}
