import Testing

@testable import TFDefinition

/// Versions by semver.org: its own examples of what is one, and of their order.
@Suite struct SemanticVersionTests {
    @Test(arguments: [
        "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.0.0-alpha", "1.0.0-alpha.beta.1",
        "1.0.0-alpha0.valid", "1.0.0-rc.1+build.1", "1.2.3----RC-SNAPSHOT.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa",
        "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal", "1.0.0-0",
    ])
    func `a version is read`(_ text: String) { #expect(SemanticVersion(text) != nil) }

    @Test(arguments: [
        "1", "1.2", "", "01.1.1", "1.01.1", "1.1.01", "1.0.0-01", "1.0.0-a.01", "1.2.3.4", "1.2.3-", "1.2.3+",
        "1.2.3-a..b",
        "1.2.3+a..b", "v1.2.3", "a.b.c", "-1.0.0", "1.2.3-a_b", "1.2.3+a+b", " 1.2.3", "1.2.3 ", "١.٢.٣", "1.0.0-é",
        "1.0.0-" + String(repeating: "a", count: 200),
    ])
    func `another text is none`(_ text: String) { #expect(SemanticVersion(text) == nil) }

    @Test func `versions are ordered as Semantic Versioning orders them`() throws {
        let ordered = [
            "0.9.99", "1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "9.0.0", "10.0.0",
            "10.0.18446744073709551616", "10.0.99999999999999999999",
        ]
        for (place, text) in ordered.enumerated() {
            for (other, larger) in ordered.enumerated() {
                #expect(SemanticVersion.isLower(text, larger) == (place < other), "\(text) \(larger)")
            }
        }
        #expect(SemanticVersion("1.0.0+a") == SemanticVersion("1.0.0+b"))
        #expect(ordered.shuffled().sorted(by: SemanticVersion.isLower) == ordered)
    }

    @Test(
        arguments: [
            ("approve:1.0.0-rc.1", "1.0.0-rc.1"), ("approve:1.0.0-rc.1+b1@default", "1.0.0-rc.1+b1"),
            ("approve:1.0", nil),
            ("approve:01.0.0", nil),
        ] as [(String, String?)])
    func `a reference names a version whole`(_ text: String, _ version: String?) {
        #expect(DefinitionName(text)?.version == version)
    }

    @Test(arguments: ["1.0.0", "1.0.3", "1.0.99", "1.0.0-alpha5", "1.0.0-alpha1"])
    func `every 1.0 of the language is read`(_ dsl: String) {
        #expect(problems(dsl: dsl, version: "1.0.0").isEmpty)
    }

    @Test(arguments: [
        ("1.1.0", "the language's version 1.1.0 is newer than what is read here: 1.0.0 to 1.0.x, such as '1.0.3'"),
        ("2.0.0", "the language's version 2.0.0 is newer than what is read here: 1.0.0 to 1.0.x, such as '1.0.3'"),
        ("0.8.0", "the language's version 0.8.0 is older than what is read here: 1.0.0 to 1.0.x, such as '1.0.3'"),
        ("1.0", "\"dsl\" must be a version of the language, such as '1.0.3', not \"1.0\""),
    ])
    func `another version of the language is refused with what is read`(_ dsl: String, _ message: String) {
        #expect(problems(dsl: dsl, version: "1.0.0") == [message])
    }

    @Test(
        arguments: [
            ("1", "1.0.0"), ("1.0", "1.0.0"), ("01.0.0", "1.0.0"), ("v2.1.0", "2.1.0"), ("1.0.0-01", nil), ("one", nil),
        ] as [(String, String?)])
    func `a version that is none is told with what was meant`(_ version: String, _ meant: String?) {
        let hint = meant.map { "; did you mean \"\($0)\"?" } ?? ""
        let message =
            "\"version\" must be three numbers such as 1.2.0, or before a release 1.2.0-rc.1, not \"\(version)\""
        #expect(problems(dsl: "1.0.3", version: version) == [message + hint])
        let task = Definition.parse(Array("task: x\nversion: \(version)\n".utf8), file: "x.task.yaml", company: nil)
        #expect(task.diagnostics.map(\.sentence) == [message + hint])
    }

    @Test func `versions with a pre-release and a build are published`() {
        #expect(problems(dsl: "1.0.0", version: "1.0.0-rc.1+b1").isEmpty)
    }

    private func problems(dsl: String, version: String) -> [String] {
        let text = """
            document: { dsl: '\(dsl)', namespace: acme, name: w, version: '\(version)' }
            do: [ { a: { set: x } } ]
            """
        return Definition.parse(Array(text.utf8), file: "w.workflow.yaml", company: "acme").diagnostics.map(\.sentence)
    }
}
