import TFDefinition
import Testing

/// Conditions that hold always or never, and steps that nothing leads to.
@Suite struct FlowMistakesTests {
    private static let steps = Mistake.list(
        #"""
        - a: { set: x, if: '.outcome = "renew"' }
        > 1:20: error: this condition assigns a value and so always holds; compare with "=="

        - a: { switch: [ { b: { when: '.outcome = "renew"', then: end } } ] }
        > 1:31: error: this condition assigns a value and so always holds; compare with "=="

        - a: { switch: [ { b: { when: '.x == 1 and (.outcome |= "renew")', then: end } } ] }
        > 1:31: error: this condition assigns a value and so always holds; compare with "=="

        - a: { for: { in: .x }, while: '.go = true', do: [ { b: { set: x } } ] }
        > 1:32: error: this condition assigns a value and so always holds; compare with "=="

        - a: { listen: { to: { any: [], until: '.x = 1' } } }
        > 1:40: error: this condition assigns a value and so always holds; compare with "=="

        - a: { listen: { to: { one: { with: { type: x, data: '${ .id = 5 }' } } } } }
        > 1:54: error: this condition assigns a value and so always holds; compare with "=="

        - a: { try: [ { b: { set: x } } ], catch: { when: '.status = 1', exceptWhen: '.status = 2', retry: { when: '.status = 3', exceptWhen: '.x += 1' }, do: [ { c: { set: x } } ] } }
        > 1:51: error: this condition assigns a value and so always holds; compare with "=="
        > 1:78: error: this condition assigns a value and so always holds; compare with "=="
        > 1:108: error: this condition assigns a value and so always holds; compare with "=="
        > 1:135: error: this condition assigns a value and so always holds; compare with "=="

        - a: { set: '${ [.list[] | select(.kind = "x")] }' }
        > 1:13: error: this condition assigns a value and so always holds; compare with "=="

        - a: { set: '${ .list | map(.kind = "x") }' }

        - a: { switch: [ { b: { when: '.outcome == "a" or "b"', then: end } } ] }
        > 1:31: error: "b" beside "and" or "or" is always true; write a comparison on each side, as in .a == "x" or .a == "y"

        - a: { set: x, if: true }
        > 1:20: warning: this condition always holds

        - a: { set: x, if: '"approve"' }
        > 1:20: error: this condition always holds, since "approve" is the same whatever happens

        - a: { for: { in: .x }, while: true, do: [ { b: { set: x } } ] }

        - a: { listen: { to: { any: [], until: '${ false }' } } }

        - a: { set: x, then: end }
        - b: { set: x }
        > 2:3: warning: nothing leads to the task "b"

        - a: { switch: [ { x: { when: .x, then: c } }, { y: { then: c } } ] }
        - b: { set: x }
        - c: { set: x }
        > 2:3: warning: nothing leads to the task "b"

        - a: { do: [ { x: { raise: { error: { type: 'https://x', status: 400 } } } }, { y: { set: x } } ] }
        - b: { set: x }
        > 1:81: warning: nothing leads to the task "y"
        > 2:3: warning: nothing leads to the task "b"

        - a: { try: [ { x: { raise: { error: { type: 'https://x', status: 400 } } } } ], catch: {} }
        - b: { set: x, if: .x, then: end }
        - c: { set: x, then: e }
        - d: { set: x }
        - e: { fork: { branches: [ { f: { set: x } }, { g: { wait: PT1S } } ] } }
        - h: { set: x }
        > 4:3: warning: nothing leads to the task "d"

        - a: { set: x, then: c }
        - b: { set: x, then: end }
        - c: { set: x, then: b }

        - a: { call: t }
        - b: { switch: [ { x: { when: . == "done", then: end } } ] }
        > 2:31: error: the output of a task is an object and never equal to a text; compare ".outcome" or another member of it
        """#)

    private static let document = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo:\n"

    @Test(arguments: steps)
    func `of one workflow are told at their place`(_ mistake: Mistake) {
        #expect(mistake.found("x.workflow.yaml", before: Self.document) == mistake.messages)
    }

    private static let companies = CompanyMistake.list(
        #"""
        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { call: t }
          - b: { switch: [ { x: { when: .outcome == "aprove", then: end } }, { y: { then: a } } ] }
        # t.task.yaml
        outcomes: [approve, reject]
        > w.workflow.yaml:4:33: error: the task "t" never ends with "aprove"; the outcomes are approve, reject; did you mean "approve"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { call: t }
          - b: { if: .outcome == "approve", call: u }
          - c: { if: '.outcome == "yes" or .outcome == "approve" or .outcome == "done"', set: x }
          - d: { if: '$tasks.a.outcome != "rejected"', set: x }
        # t.task.yaml
        outcomes: [approve, reject]
        # u.task.yaml
        outcomes: [done]
        > w.workflow.yaml:5:14: error: none of the tasks t, u ends with "yes"; the outcomes are approve, reject, done
        > w.workflow.yaml:6:14: error: the task "t" never ends with "rejected"; the outcomes are approve, reject; did you mean "reject"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { call: t, if: .ticket.number > 3 }
          - b: { switch: [ { x: { when: .outcome == "other", then: end } }, { y: { when: .outcome == "aprove", then: end } } ] }
        # t.task.yaml
        outcomes: [approve, reject]
        > w.workflow.yaml:4:82: error: the task "t" never ends with "aprove"; the outcomes are approve, reject; did you mean "approve"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { call: t, output: { as: '{ outcome: .comment }' } }
          - b: { switch: [ { x: { when: .outcome == "aprove", then: end } } ] }
        # t.task.yaml
        outcomes: [approve, reject]
        body: [ { type: input, id: comment, attributes: { label: Comment } } ]

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { call: t }
          - b: { if: .outcome == "undecided", set: x }
          - c: { if: '$tasks.a.outcome == "undecidd"', set: x }
        # t.task.yaml
        assign: { strategy: each, role: it }
        outcomes: [agree, refuse]
        > w.workflow.yaml:5:14: error: the task "t" never ends with "undecidd"; the outcomes are agree, refuse, undecided; did you mean "undecided"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { try: [ { x: { call: t, timeout: { after: P1D } } } ], catch: { do: [ { y: { call: u } } ] } }
          - b: { if: .outcome == "dome", set: x }
        # t.task.yaml
        outcomes: [approve]
        # u.task.yaml
        outcomes: [done]
        > w.workflow.yaml:4:14: error: none of the tasks t, u ends with "dome"; the outcomes are approve, done; did you mean "done"?
        """#)

    @Test(arguments: companies)
    func `of outcomes are told at their place`(_ mistake: CompanyMistake) {
        #expect(mistake.found() == mistake.messages)
    }
}
