import Foundation

/// Real files from elsewhere, read in place where they are; none where they are not.
package enum Corpus {
    package static func issueForms() throws -> [(name: String, bytes: [UInt8])] { try files("issue-forms") }

    private static func files(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let directory = root.appendingPathComponent("shared/corpus/\(folder)")
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }
            .map { ($0, Array(try Data(contentsOf: directory.appendingPathComponent($0)))) }
    }
}
