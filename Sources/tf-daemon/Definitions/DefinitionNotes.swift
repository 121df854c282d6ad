import Foundation
import TFExpression
import TFSystem

/// Notes of which text each file of a company had when it was last the same on this host and in the store; a file for
/// each company.
struct DefinitionNotes: Sendable {
    let directory: String

    enum Known: Sendable, Hashable {
        /// The SHA-256 of the text.
        case text(String)
        /// There was no file, and nothing in force that one defined.
        case gone
    }

    /// - Returns: the notes by the files' paths in the company's directory; none if they are lost: then the texts that
    ///   the store knows tell what is old.
    func read(_ slug: String) -> [String: Known] {
        guard let bytes = FileManager.default.contents(atPath: path(slug)),
            let members = (try? JSON(parsing: Array(bytes)))?.objectValue
        else { return [:] }
        return members.reduce(into: [:]) { known, member in
            known[member.key] = member.value.stringValue.map { .text($0) } ?? .gone
        }
    }

    func write(_ known: [String: Known], _ slug: String) throws {
        try PrivateFile.makeDirectory(directory)
        let members = known.sorted { $0.key < $1.key }.map { place, known -> (String, JSON) in
            if case .text(let sha256) = known { (place, .string(sha256)) } else { (place, .null) }
        }
        try PrivateFile.write(
            JSON.object(JSONObject(members, uniquingKeysWith: { $1 })).bytes, to: path(slug))
    }

    private func path(_ slug: String) -> String { "\(directory)/\(slug).json" }
}
