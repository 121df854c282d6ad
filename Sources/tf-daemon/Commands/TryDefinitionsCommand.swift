import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFSystem

/// A hidden command that the daemon starts as a child process, to see whether reading some definitions ends it.
struct TryDefinitionsCommand: ParsableCommand {
    static let name = "try-definitions"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Read a company's definitions from standard input, as the daemon would.",
        shouldDisplay: false)

    @Argument var company: String

    func run() throws {
        let texts = DefinitionTrial.decode(RawBytes.read(STDIN_FILENO) ?? [])
        var tree = CompanyTree(company: company, path: company)
        tree.files = texts.map { text in
            DefinitionFile(path: text.file, bytes: text.bytes, company: company, stamp: nil, aside: FilesSetAside())
        }.sorted { $0.path < $1.path }
        for publication in CompanyCheck(tree, roles: nil).publications {
            // Encoded as the store encodes it, since that might end the process too. The store refuses what fails to
            // encode.
            _ = try? JSONEncoder().encode(publication.definition)
        }
    }
}
