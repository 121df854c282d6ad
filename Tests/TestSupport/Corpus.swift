import Foundation

/// Real files from elsewhere, read in place where they are; none where they are not.
package enum Corpus {
    package static func issueForms() throws -> [(name: String, bytes: [UInt8])] {
        try files("issue-forms", ".yml", ".yaml")
    }

    package static func workflowExamples() throws -> [(name: String, bytes: [UInt8])] {
        try files("workflow-examples", ".yaml")
    }

    /// The conformance features of the workflow language.
    package static func features() throws -> [(name: String, bytes: [UInt8])] { try files("ctk", ".feature") }

    /// jq's own tests, as one text.
    package static func jqTests() throws -> String {
        try files("jq", ".test").map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }

    private static func files(_ folder: String, _ endings: String...) throws -> [(name: String, bytes: [UInt8])] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let directory = root.appendingPathComponent("shared/corpus/\(folder)")
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .filter { name in endings.contains { name.hasSuffix($0) } }
            .map { ($0, Array(try Data(contentsOf: directory.appendingPathComponent($0)))) }
    }
}
