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
        description: *b
        > 2:14: error: aliases (*name) are not read

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
}
