import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Names are replaced in texts and JSON, and nothing else is.
@Suite(.onBothEngines) struct NameReplacementTests {
    @Test(arguments: [
        ("bob", "erased-7"), ("@bob!", "@erased-7!"), ("bob-smith bobby _bob", "bob-smith bobby _bob"),
        ("Bob Berger’s mail: bob@example.org.", "Erased person 7’s mail: [erased]."), ("Bob Bergers", "Bob Bergers"),
        ("no bob may", "no bob may"), ("by @bob", "by @erased-7"), ("Bob Berger\u{301}", "Bob Berger\u{301}"),
    ])
    func `names are replaced as whole words`(_ text: String, _ expected: String) throws {
        #expect(try Self.bob.text(text) == expected)
    }

    @Test func `in what the program composed, every word that is a login is replaced`() throws {
        let bob = try Self.bob
        #expect(bob.text("/users/bob?x=bob", isOurs: true) == "/users/erased-7?x=erased-7")
        #expect(bob.replaced("user bob", .ours) == "user erased-7")
    }

    @Test func `a name that may be a word of the language stays in what others wrote`() throws {
        let may = try Self.person("may", "May", email: "may@example.org")
        let sentence = "May Day: you may go, said May"
        #expect(may.text(sentence) == sentence)
        #expect(
            may.json(["a": .string(sentence), "to": "may", "name": "May"]) == [
                "a": .string(sentence), "to": "erased-7", "name": "Erased person 7",
            ])
        #expect(may.text("ask @may, may@example.org") == "ask @erased-7, [erased]")
        // One with a digit or a hyphen is no word.
        #expect(try Self.person("may-2", "May Day", email: nil).text("may-2, May Day") == "erased-7, Erased person 7")
    }

    private static var bob: NameReplacement {
        get throws { try person("bob", "Bob Berger", email: "bob@example.org") }
    }

    private static func person(_ login: String, _ name: String, email: String?) throws -> NameReplacement {
        let row = Row(
            columns: [
                "id", "login", "name", "kind", "password", "email", "totp_confirmed_at_ms", "disabled_at_ms",
                "created_at_ms", "version",
            ],
            values: [
                .integer(7), .text(login), .text(name), .text("person"), .null, email.map { .text($0) } ?? .null,
                .null, .null, .integer(1), .integer(1),
            ])
        let account = try Account(row: row)
        return NameReplacement(account, by: Pseudonym(account.id))
    }

    @Test func `in JSON, words of ours stay, and values that are kept as texts are gone through`() throws {
        let replacement = try Self.bob
        let old: JSON = [
            "to": "bob", "kind": "bob", "roles": ["bob"], "form": ["bob": 3],
            "value": .string((["by": "bob"] as JSON).text), "n": 1,
        ]
        let new = replacement.json(old)
        #expect(new["to"] == "erased-7")
        #expect(new["kind"] == "bob")
        #expect(new["roles"] == ["bob"])
        #expect(new["form"] == ["bob": 3], "the name of a field")
        #expect(new["value"].stringValue?.contains("\"by\":\"erased-7\"") == true)
        // The engine's own record: only the values in it are people's.
        let state = replacement.json(["status": "bob", "input": .string("{\"a\":\"bob\"}")], isState: true)
        #expect(state["status"] == "bob")
        #expect(state["input"] == .string("{\"a\":\"erased-7\"}"))
        let removing = NameReplacement(removing: ["yes", "a long story"])
        #expect(
            removing.json(["a": "yes", "b": "oh yes", "c": "it is a long story."]) == [
                "a": "[erased]", "b": "oh yes", "c": "it is [erased].",
            ])
    }
}
