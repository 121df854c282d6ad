import Testing

@testable import TFDefinition

/// Files that are no YAML, YAML that is not read here, and YAML of another shape.
@Suite struct YAMLMistakesTests {
    private static let mistakes = Mistake.list(
        #"""
        - task: x
        > 1:1: error: a definition must be a mapping, not a list

        just text
        > 1:1: error: a definition must be a mapping, not "just text"

        task: [x
        > 2:1: error: not valid YAML: while parsing a flow sequence that starts on line 1, did not find expected ',' or ']'

        task: x
          y: z
        > 2:4: error: not valid YAML: mapping values are not allowed in this context

        task: T: U
        > 1:8: error: not valid YAML: mapping values are not allowed in this context; a text with ": " in it is written in quotes

        task: x
        title: @home
        > 2:8: error: not valid YAML: no text starts with @ unless it is in quotes

        task: x
        assign:
        \#trole: it
        > 3:1: error: not valid YAML: a tab stands here; indent with blanks

        task: {name: ${ .x }}
        > 1:15: error: not valid YAML: while parsing a flow mapping that starts on line 1, did not find expected ',' or '}'; quote the expression: "${ … }"

        ? [a]
        : b
        task: x
        > 1:3: error: a key must be text

        <<: {}
        task: x
        > 1:1: error: merge keys (<<) are not read

        task: x
        description: "a\0b"
        > 2:14: error: a text must not hold the character U+0000 (\0)

        task: x
        description: *b
        > 2:14: error: aliases (*name) are not read

        task: &n x
        assign: *n
        outcomes: [*n]
        body: *n
        kind: form
        > 1:7: error: anchors (&name) are not read
        > 2:9: error: aliases (*name) are not read
        > 3:12: error: aliases (*name) are not read
        > 4:7: error: aliases (*name) are not read

        task: "x
        > 1:9: error: not valid YAML: while scanning a quoted scalar that starts on line 1, found unexpected end of stream

        a: 1
        > 1:1: error: unknown key "a"; a task has task, version, title, kind, description, assign, priority, due, outcomes, form, body, retry, lease

        task: x
        description: {a: b}
        > 2:14: error: "description" must be text, not a mapping

        task: x
        title: 
        > 2:1: warning: "title" has no value and no effect

        task:
        > 1:1: warning: "task" has no value and no effect

        task: ''
        > 1:7: error: "" cannot be a task's name: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit

        task: x
        assign: it
        > 2:9: error: "assign" must be a mapping, not "it"

        task: x
        body: hi
        > 2:7: error: "body" must be a list, not "hi"
        """#)

    @Test(arguments: mistakes)
    func `is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.task.yaml") == mistake.messages)
    }

    /// What editors and mailers do to a file without being asked.
    @Test(arguments: mistakes)
    func `a byte order mark and other line ends change nothing`(_ mistake: Mistake) {
        for end in ["\r\n", "\r"] {
            let other = Mistake(text: mistake.text.replacing("\n", with: end), messages: [])
            #expect(other.found("x.task.yaml") == mistake.messages, "\(end.debugDescription)")
        }
        let marked = Mistake(text: "\u{FEFF}" + mistake.text, messages: [])
        #expect(marked.found("x.task.yaml") == mistake.messages)
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `places and hints are those of the text in an editor`(_ end: String) {
        let lines = [
            "\u{FEFF}task: x", "title: \"\u{85}\u{2028}e\u{301} ${ .a | }\"", "description: |", "  one",
            "  two ${ .b | }",
            "assign: { person: ${ .c } }",
        ]
        let found = Definition.parse(Array(lines.joined(separator: end).utf8), file: "x.task.yaml", company: nil)
        #expect(found.diagnostics.map(\.position) == [Position(line: 6, column: 20)], "\(found.diagnostics)")
        #expect(found.diagnostics.first?.message.contains("quote the expression") == true)
        let read = lines.dropLast().joined(separator: end)
        let places = Definition.parse(Array(read.utf8), file: "x.task.yaml", company: nil).diagnostics.map(\.position)
        #expect(places == [Position(line: 2, column: 22), Position(line: 5, column: 15)])
    }

    @Test(arguments: ["\n%YAML 1.1\n", "\r\n%YAML 1.1\r\n", "\r%TAG ! x", "\u{FEFF}%YAML 1.1"])
    func `a directive is found whatever ends the lines`(_ text: String) {
        let found = Definition.parse(Array(text.utf8), file: "x.task.yaml", company: nil).diagnostics
        #expect(found.map(\.message) == ["\"%\" directives are not read"])
    }

    /// YAML 1.2 knows no other line ends than CR and LF.
    @Test func `a text keeps its line and paragraph separators`() throws {
        let text = "a: x\u{2028}y\nb: \"x\u{85}y\u{2029}z\"\nc: |\n  x\u{85}\n  y\r\n"
        let json = try #require(YAMLNode.json(of: Array(text.utf8)))
        #expect(json["a"] == "x\u{2028}y")
        #expect(json["b"] == "x\u{85}y\u{2029}z")
        #expect(json["c"] == "x\u{85}\ny\n")
    }
}
