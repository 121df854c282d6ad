import TFDefinition
import Testing

/// Causes come before what follows from them, and each consequence says whose mistake it is.
@Suite struct ConsequenceTests {
    private static let companies = CompanyMistake.list(
        #"""
        # a.ticket.yaml
        name: A
        description: A
        workflow: a
        body: [ { type: input, id: x, attributes: { label: X } } ]
        # a.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }
        do: [ { a: { call: order } } ]
        # order.task.yaml
        task: order
        assing: { role: it }
        > order.task.yaml:2:1: error: unknown key "assing"; did you mean "assign"?
        > a.ticket.yaml:3:11: error: the workflow "a" has errors, see a.workflow.yaml
        > a.workflow.yaml:2:20: error: the task "order" has errors, see order.task.yaml
        """#)

    @Test func `one mistake in a task is told first, then what it keeps from being offered`() {
        #expect(Self.companies[0].found() == Self.companies[0].messages)
    }

    @Test func `a file that is no YAML is the cause for what names it`() {
        let mistake = CompanyMistake(
            files: [
                (
                    "a.workflow.yaml",
                    "document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }\ndo: [ { a: { call: order } } ]\n"
                ),
                ("order.task.yaml", "task: [\n"),
            ], messages: [])
        #expect(
            mistake.found().last == "a.workflow.yaml:2:20: error: the task \"order\" has errors, see order.task.yaml")
        #expect(mistake.found().count == 2)
    }

    @Test func `a file with an error of its own is told the names as well that nothing has`() {
        let mistake = CompanyMistake(
            files: [
                (
                    "a.workflow.yaml",
                    "document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }\ndo: [ { a: { call: ordr } }, { b: { swich: [] } } ]\n"
                ),
                ("order.task.yaml", "task: order\n"),
            ], messages: [])
        #expect(
            mistake.found() == [
                "a.workflow.yaml:2:20: error: there is no task \"ordr\"; did you mean \"order\"?",
                "a.workflow.yaml:2:37: error: unknown key \"swich\"; did you mean \"switch\"?",
            ])
    }

    private static let misspelt: [(file: String, text: String, messages: [String])] = [
        (
            "x.yaml", "taks: look\ntitle: Look\nbody: [ { type: input, attributes: { label: What } } ]\n",
            ["1:1: error: unknown key \"taks\"; did you mean \"task\"?"]
        ),
        (
            "x.yaml", "name: A\ndescription: B\nbdoy: [ { type: input, attributes: { label: What } } ]\n",
            ["3:1: error: unknown key \"bdoy\"; did you mean \"body\"?"]
        ),
        (
            "x.yaml",
            "name: A\ndescription: B\ndocuments: x\nbody: [ { type: input, attributes: { label: What } } ]\n",
            [
                "3:1: error: unknown key \"documents\"; a ticket has ticket, name, description, about, workflow, assign, outcomes, submit_roles, view_roles, title, priority, due, labels, type, state, body"
            ]
        ),
        (
            "x.yaml",
            "documnt: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo: [ { a: { set: x } } ]\n",
            ["1:1: error: unknown key \"documnt\"; did you mean \"document\"?"]
        ),
        (
            "x.task.yaml", "kind: form\nboddy: [ { type: input, attributes: { label: What } } ]\n",
            ["2:1: error: unknown key \"boddy\"; did you mean \"body\"?"]
        ),
        (
            "x.task.yaml", "assign: { strategy: person, persn: bob }\n",
            ["1:29: error: unknown key \"persn\"; did you mean \"person\"?"]
        ),
        (
            "x.task.yaml", "assign: { strategy: each, rol: it }\n",
            ["1:27: error: unknown key \"rol\"; did you mean \"role\"?"]
        ),
        (
            "x.task.yaml",
            "outcome: [ a, b ]\nbody: [ { type: input, attributes: { label: W }, validations: { required_for: [ a ] } } ]\n",
            ["1:1: error: unknown key \"outcome\"; did you mean \"outcomes\"?"]
        ),
        (
            "x.task.yaml",
            "outcomes: [ { valeu: a } ]\nbody: [ { type: input, attributes: { label: W }, validations: { required_for: [ a ] } } ]\n",
            ["1:15: error: unknown key \"valeu\"; did you mean \"value\"?"]
        ),
        (
            "x.task.yaml", "body: [ { type: dropdown, attributes: { label: W, optons: [ a ] } } ]\n",
            ["1:51: error: unknown key \"optons\"; did you mean \"options\"?"]
        ),
        (
            "x.task.yaml",
            """
            body:
              - { type: input, id: a, attributes: { label: A } }
              - { type: input, attributes: { label: B }, visible_if: { feld: a, equals: x } }
              - { type: input, attributes: { label: C }, visible_if: { field: a, eqals: x } }
            """,
            [
                "3:60: error: unknown key \"feld\"; did you mean \"field\"?",
                "4:70: error: unknown key \"eqals\"; did you mean \"equals\"?",
            ]
        ),
        (
            "x.workflow.yaml",
            """
            document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
            use: { retris: { slow: { delay: PT1M } } }
            do:
              - a: { try: [ { b: { set: x } } ], catch: { retry: slow } }
              - c: { switch: [ { d: { whn: .a, then: end } }, { e: { then: continue } } ] }
              - f: { listen: { to: { on: { with: { type: x } } } } }
              - g: { call: ticket-comment, with: { bdy: x } }
            """,
            [
                "2:8: error: unknown key \"retris\"; did you mean \"retries\"?",
                "5:27: error: unknown key \"whn\"; did you mean \"when\"?",
                "6:26: error: unknown key \"on\"; did you mean \"one\"?",
                "7:40: error: unknown key \"bdy\"; \"ticket-comment\" has body, internal; did you mean \"body\"?",
            ]
        ),
    ]

    @Test(arguments: misspelt.indices)
    func `what is missing because its key is misspelt is not told too`(index: Int) {
        let mistake = Self.misspelt[index]
        #expect(Mistake(text: mistake.text, messages: []).found(mistake.file) == mistake.messages)
    }

    @Test func `workflows that run each other settle`() {
        let run = { (other: String) in
            "do: [ { r: { run: { workflow: { namespace: acme, name: \(other), version: latest } } } }, { c: { call: gone } } ]\n"
        }
        let mistake = CompanyMistake(
            files: [
                (
                    "a.workflow.yaml",
                    "document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }\n" + run("b")
                ),
                (
                    "b.workflow.yaml",
                    "document: { dsl: '1.0.3', namespace: acme, name: b, version: '1.0.0' }\n" + run("a")
                ),
            ], messages: [])
        #expect(
            mistake.found() == [
                "a.workflow.yaml:2:97: error: there is no task \"gone\"",
                "b.workflow.yaml:2:97: error: there is no task \"gone\"",
                "a.workflow.yaml:2:56: error: the workflow \"b\" has errors, see b.workflow.yaml",
                "b.workflow.yaml:2:56: error: the workflow \"a\" has errors, see a.workflow.yaml",
            ])
    }
}
