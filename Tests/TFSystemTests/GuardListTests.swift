import Foundation
import Testing

/// `make test-guards` takes hours, so it is not run with every change. What it needs is held here: a guard that was
/// rewritten, or a test that was renamed, would otherwise be noticed months later.
@Suite struct GuardListTests {
    private struct Guard: Decodable {
        let guarantee: String
        let file: String
        let `guard`: String
        let without: String
        let suite: String
        let test: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func `each guard is once in its file, and its test is there`() throws {
        let list = try Data(contentsOf: Self.root.appendingPathComponent("Tests/guards/guards.json"))
        let guards = try JSONDecoder().decode([Guard].self, from: list)
        #expect(guards.count > 20)
        let tests = try Self.tests()
        for one in guards {
            let file = try String(contentsOf: Self.root.appendingPathComponent(one.file), encoding: .utf8)
            #expect(file.components(separatedBy: one.guard).count == 2, "\(one.guarantee): \(one.file)")
            #expect(one.guard != one.without, "\(one.guarantee)")
            #expect(tests[one.suite]?.contains("`\(one.test)`") == true, "\(one.guarantee): \(one.suite), \(one.test)")
        }
    }

    /// The text of each suite's file, by the suite's name.
    private static func tests() throws -> [String: String] {
        let base = root.appendingPathComponent("Tests")
        let files = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return try files.filter { $0.hasSuffix("Tests.swift") }.reduce(into: [:]) { tests, file in
            let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
            tests[name] = try String(contentsOf: base.appendingPathComponent(file), encoding: .utf8)
        }
    }
}
