import Testing

@testable import TFDefinition

@Suite struct SlugTests {
    @Test(arguments: [
        ("a", true, true, true), ("a-b", true, true, true), ("a_b", false, true, true), ("9", true, true, true),
        ("-a", false, false, true), ("a-", false, false, true), ("A", false, false, true), ("", false, false, false),
        ("a b", false, false, false), ("ä", false, false, false), ("e\u{301}", false, false, false),
        (String(repeating: "a", count: 63), true, true, true), (String(repeating: "a", count: 64), false, false, false),
    ])
    func `a slug, a login and a word each take what the rule says`(
        text: String, isSlug: Bool, isLogin: Bool, isWord: Bool
    ) {
        #expect(Slug.isValid(text) == isSlug)
        #expect(Slug.isLogin(text) == isLogin)
        #expect(Slug.isWord(text) == isWord)
    }

    @Test func `a label of any script gives an id, and the same one each time`() {
        #expect(Slug.id(ofLabel: "What happened?") == "what_happened")
        #expect(Slug.id(ofLabel: "Größe") == "gr_e", "as on GitHub")
        #expect(Slug.id(ofLabel: "申請") == "shen_qing")
        #expect(Slug.id(ofLabel: "???") == "u3f_u3f_u3f")
        #expect(Slug.id(ofLabel: String(repeating: "?", count: 500)).utf8.count == Slug.longestID)
    }

    @Test func `a form of GitHub's without a letter of ASCII is a ticket type`() throws {
        let text = """
            name: 申請
            description: 申請
            body:
              - { type: input, attributes: { label: 申請 } }
              - { type: input, attributes: { label: 🎉 } }
            """
        let parsed = Definition.parse(Array(text.utf8), file: "acme/申請.yml", company: "acme")
        guard case .ticket(let type)? = parsed.definition else {
            Issue.record("\(parsed.diagnostics)")
            return
        }
        #expect(type.name == "shen-qing")
        #expect(type.form.fields.map { $0.id } == ["shen_qing", "u1f389"])
        for (file, kind) in [("🎉.ticket.yaml", "ticket"), ("🎉.task.yaml", "task")] {
            let text = kind == "ticket" ? text : "title: T\n"
            let told = Definition.parse(Array(text.utf8), file: file, company: "acme").diagnostics.map(\.message)
            #expect(told == ["the file's name gives the \(kind) no name; write one as \"\(kind)\": \(Slug.rule)"])
        }
    }

    @Test func `the rules name the limit that they keep`() {
        #expect(Slug.rule.contains("1 to 63 "))
        #expect(Slug.loginRule.contains("1 to 63 "))
    }
}
