import Testing

@testable import TFDefinition

/// What can be wrong in a workflow file.
@Suite struct WorkflowMistakesTests {
    private static let whole = Mistake.list(
        #"""
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        > 1:1: error: a workflow needs "do"

        do: []
        > 1:1: error: a workflow needs "document"

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: []
        > 2:5: error: a list of tasks must not be empty

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: x
        > 2:5: error: "do" must be a list, not "x"

        document: { dsl: '1.1.0', namespace: other, name: W w, version: one }
        do:
          - a: { set: x }
        > 1:18: error: the language's version 1.1.0 is newer than what is read here: 1.0.0 to 1.0.x, such as '1.0.3'
        > 1:38: error: "namespace" must be the company "acme" or "default", not "other"
        > 1:51: error: "W w" cannot be a workflow's name: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit
        > 1:65: error: "version" must be three numbers such as 1.2.0, or before a release 1.2.0-rc.1, not "one"

        document: { dsl: '1.0.3', namespace: acme, name: handle, version: '1.0.0' }
        do:
          - a: { set: x }
        > 1:50: error: "handle" is the name of the built-in workflow; choose another

        document: { namespace: acme }
        do:
          - a: { set: x }
        > 1:11: error: "document" needs "dsl"
        > 1:11: error: "document" needs "name"
        > 1:11: error: "document" needs "version"

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        metadata: { tickt: purchase }
        do:
          - a: { set: x }
        > 2:13: error: "tickt" does nothing here; the type of ticket to open is named in document.metadata.ticket

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0', title: 'For ${ .a }', summary: '${ .b }' }
        do:
          - a: { set: x }
        > 1:78: warning: "${ }" is not computed in "title"; it is shown as it stands
        > 1:102: warning: "${ }" is not computed in "summary"; it is shown as it stands

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        schedule: { on: { one: { with: { type: a } } } }
        do:
          - a: { call: ticket-open, with: { type: t } }
          - b: { try: [ { c: { call: ticket-update, with: { status: s } } } ], catch: {} }
        > 2:1: error: a workflow that starts with an event has no ticket, and "ticket-update" needs one; name the type of ticket to open in document.metadata.ticket

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        schedule: { every: PT1H }
        use: { functions: { say: { call: ticket-comment, with: { body: b } } } }
        do:
          - a: { call: say }
        > 2:1: error: a workflow that starts by the clock has no ticket, and "ticket-comment" needs one; name the type of ticket to open in document.metadata.ticket

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        use: { functions: { f: { do: [ { x: { call: f } } ] }, g: { call: h }, h: { try: [ { y: { call: i } } ], catch: {} }, i: { call: g, if: .n } } }
        do:
          - a: { call: f }
        > 2:21: error: the function "f" calls itself; to go round, write "for" or "then"
        > 2:56: error: the function "g" calls itself by way of h, i; to go round, write "for" or "then"

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        use: { functions: { f: { do: [ { x: { call: g } }, { y: { call: g } } ] }, g: { call: h }, h: { set: x } } }
        do:
          - a: { call: f }

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        extensions: []
        do:
          - a: { set: x }
        > 2:1: error: unknown key "extensions"; a workflow has document, input, output, use, do, timeout, schedule, evaluate, metadata
        """#)

    @Test(arguments: whole)
    func `of a whole file is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.workflow.yaml") == mistake.messages)
    }

    private static let steps = Mistake.list(
        #"""
        - a
        > 1:3: error: an entry of a list of tasks must be "name: { … }" with one name

        - a: { set: x }
          b: { set: x }
        > 1:3: error: an entry of a list of tasks must be "name: { … }" with one name

        - a: 5
        > 1:6: error: task "a" must be a mapping, not "5"

        - a: {}
        > 1:3: error: task "a" does nothing: it needs one of for, do, set, switch, call, fork, try, raise, wait, emit, listen, run

        - a: { cal: x }
        > 1:8: error: unknown key "cal"; did you mean "call"?

        - a: { set: }
        > 1:8: error: "set" needs a value

        - a: { set: 3 }
        > 1:13: error: "set" takes a mapping with at least one member, or an expression: write "${ 3 }"

        - a: { set: [1] }
        > 1:13: error: "set" takes a mapping with at least one member, or an expression: write "${ [1] }"

        - a: { set: {} }
        > 1:13: error: "set" takes a mapping with at least one member, or an expression: write "${ {} }"

        - a: { set: x, output: { as: 3 } }
        > 1:30: error: "as" takes a mapping with at least one member, or an expression: write "${ 3 }"

        - exit: { set: x }
        > 1:3: error: a task cannot be named "exit"

        - a: { set: x }
        - a: { set: x }
        > 2:3: error: the task "a" stands twice in this list

        - a: { set: x, then: b }
        > 1:22: error: task "a" continues at "b", which is not in this list; it has a

        - a: { set: x, iff: x }
        > 1:16: error: unknown key "iff"; did you mean "if"?

        - a: { set: x, if: '.a ==' }
        > 1:26: error: the end of the expression is not expected here

        - a: { set: { x: 'text ${ .b }' } }
        > 1:18: error: text around "${ }" is not computed in a workflow; write '${ "text \(.b )" }'

        - a: { set: '${ $foo }' }
        > 1:17: error: unknown variable "$foo"

        - a: { switch: [] }
        > 1:16: error: "switch" must list at least one case

        - a: { switch: [ { b: { when: .x } } ] }
        > 1:23: error: case "b" needs "then"

        - a: { switch: [ { b: { then: end } }, { c: { then: exit } } ] }
        > 1:42: error: a second case without "when"

        - a: { switch: [ { b: { when: .x, then: end } }, { b: { then: exit } } ] }
        > 1:52: error: the case "b" stands twice in this "switch"

        - a: { call: A b }
        > 1:14: error: "call" must name a task definition, such as approve or approve:1.0.0, or a function, not "A b"

        - a: { call: x, with: 5 }
        > 1:23: error: "with" must be a mapping, not "5"

        - a: { call: x, with: { assign: { rol: it } } }
        > 1:35: error: unknown key "rol"; did you mean "role"?

        - a: { set: x, metadata: x }
        > 1:26: error: "metadata" must be a mapping, not "x"

        - a: { set: x, metadata: { ticketStatus: '' } }
        > 1:42: error: "ticketStatus" must be a text of 1 to 60 characters

        - a: { set: x, input: { frm: x } }
        > 1:25: error: unknown key "frm"; did you mean "from"?

        - a: { set: x, output: x }
        > 1:24: error: "output" must be a mapping, not "x"

        - a: { do: [] }
        > 1:12: error: a list of tasks must not be empty

        - a:
            do:
              - b: { set: x, then: c }
        - c: { set: x }
        > 3:28: error: task "b" continues at "c", which is not in this list; it has b
        """#)

    private static let document = """
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:

        """

    @Test(arguments: steps)
    func `of one task is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.workflow.yaml", before: Self.document) == mistake.messages)
    }
}
