import Foundation
import TestSupport
import Testing

@testable import tf_daemon

/// Which texts are found to end the program.
@Suite struct DefinitionTrialTests {
    /// - Parameter faults: texts that end the program where they are read together.
    private static func culprits(of count: Int, _ faults: [Set<String>]) async throws -> [String] {
        let texts = (0..<count).map { DefinitionTrial.Text(file: "\($0)", bytes: []) }
        let trial = DefinitionTrial { texts in
            let files = Set(texts.map(\.file))
            return faults.contains { $0.isSubset(of: files) }
        }
        return try await trial.culprits(among: texts).map(\.file)
    }

    @Test(
        arguments: [
            ([], []),
            ([["3"]], ["3"]),
            ([["1"], ["6"]], ["1", "6"]),
            // Each half alone is harmless.
            ([["0", "7"]], ["0"]),
            ([["2", "3"]], ["2"]),
            ([["1", "5", "6"]], ["1"]),
            // One hides behind the other.
            ([["0", "7"], ["4"]], ["4", "0"]),
        ] as [([Set<String>], [String])])
    func `without the texts that are found the program goes on`(faults: [Set<String>], found: [String]) async throws {
        #expect(try await Self.culprits(of: 8, faults) == found)
    }

    @Test func `looks cut off in a row are counted`() throws {
        let directory = TestFolder.path("mark")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mark = LookMark(directory: directory)
        #expect(mark.cutOff() == nil)
        mark.set("acme")
        #expect(mark.cutOff() == LookMark.CutOff(company: "acme", times: 1))
        mark.set("acme", before: 1)
        #expect(mark.cutOff() == LookMark.CutOff(company: "acme", times: 2))
        mark.clear()
        #expect(mark.cutOff() == nil)
    }
}
