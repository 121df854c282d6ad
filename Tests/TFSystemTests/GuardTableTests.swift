import Foundation
import TestSupport
import Testing

/// The table of guards, `Tests/guards/guards.json`: what keeps each guarantee, and the test that turns red without it.
/// `make test-guards` takes each of them out and sees the test fail. That takes hours, so with every change only this is
/// checked: that the table names what is there. Otherwise a renamed test would be noticed months later.
@Suite struct GuardTableTests {
    struct Guard: Decodable, Sendable, CustomTestStringConvertible {
        let guarantee: String
        /// Where it is, from the project's directory, and its text.
        let file: String
        let `guard`: String
        /// What stands in its place when it is taken out.
        let without: String
        let suite: String
        let test: String

        var testDescription: String { guarantee }
    }

    private static let guards: [Guard] = {
        let file = ProjectFolder.url("Tests/guards/guards.json")
        // An empty table fails the test below.
        return (try? JSONDecoder().decode([Guard].self, from: Data(contentsOf: file))) ?? []
    }()

    /// All sources of tests, by suite.
    private static let suites: [String: String] = {
        let tests = ProjectFolder.url("Tests")
        let names = FileManager.default.enumerator(atPath: tests.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix("Tests.swift") }.reduce(into: [:]) { suites, name in
            let suite = String(name.split(separator: "/").last?.dropLast(".swift".count) ?? "")
            // A file that cannot be read has no tests, which is told.
            suites[suite] = (try? String(contentsOf: tests.appendingPathComponent(name), encoding: .utf8)) ?? ""
        }
    }()

    @Test func `each of the nine guarantees has a guard`() {
        for number in 1...9 {
            #expect(Self.guards.contains { $0.guarantee.hasPrefix("\(number). ") }, "guarantee \(number)")
        }
    }

    @Test(arguments: guards) func `a guard stands in its file once, and its test exists`(_ entry: Guard) throws {
        let text = try String(contentsOf: ProjectFolder.url(entry.file), encoding: .utf8)
        #expect(text.components(separatedBy: entry.guard).count == 2, "\(entry.file): \(entry.guard)")
        #expect(entry.guard != entry.without)
        #expect(Self.suites[entry.suite]?.contains("func `\(entry.test)`") == true, "\(entry.suite): \(entry.test)")
    }
}
