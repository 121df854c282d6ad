import TFDefinition
import Testing

/// Mistakes that people bring from other languages: the message says how it is written here.
@Suite struct MisleadingMessagesTests {
    private static let steps = Mistake.list(
        #"""
        - a: { set: x, if: ".outcome == 'approve'" }
        > 1:33: error: a text is written in double quotes: "…"

        - a: { set: x, if: .a == 1 && .b == 2 }
        > 1:28: error: "and" joins conditions, not "&&"

        - a: { set: x, if: '.a == 1 || .b == 2' }
        > 1:30: error: "or" joins conditions, not "||"

        - a: { set: x, if: '!.a' }
        > 1:21: error: "not" stands behind what it denies: (… | not)

        - a: { set: x, if: '.a === 1' }
        > 1:26: error: values are compared by == and !=, of two characters

        - a: { set: x, if: .a == approve }
        > 1:26: error: unknown function "approve"; a text is written in double quotes

        - a: { set: x, if: x == 5 and form.amount > 3 and other }
        > 1:20: error: unknown function "x"; a member of the data is written .x
        > 1:31: error: unknown function "form"; a member of the data is written .form
        > 1:51: error: unknown function "other"

        - a: { set: x, if: .a == True }
        > 1:26: error: unknown function "True"; did you mean "true"?

        - a: { set: x, timeout: P3D }
        > 1:25: error: "timeout" is a mapping, or the name of one in "use.timeouts"; write timeout: { after: P3D }

        - a: { try: [ { b: { set: x } } ], catch: { retry: 3 } }
        > 1:52: error: "retry" is a mapping, or the name of one in "use.retries"; write retry: { limit: { attempt: { count: 3 } } }

        - a: { try: [ { b: { set: x } } ], catch: { retry: PT5S } }
        > 1:52: error: "retry" is a mapping, or the name of one in "use.retries"; write retry: { delay: PT5S }

        - a: { do: { b: { set: x } } }
        > 1:12: error: "do" must be a list: each name stands behind a dash, as in "- b: { … }"

        - a: { try: { call: x }, catch: {} }
        > 1:13: error: "try" must be a list: each task stands behind a dash and under a name, as in "- name: { call: … }"

        - a: { fork: { branches: { b: { set: x } } } }
        > 1:26: error: "branches" must be a list: each name stands behind a dash, as in "- b: { … }"

        - a: { switch: { ok: { then: end } } }
        > 1:16: error: "switch" must be a list: each name stands behind a dash, as in "- ok: { … }"

        - call: approve
          with: { x: 1 }
        > 1:3: error: a task stands under a name of its own: write "- name: { call: … }"

        - set: x
        > 1:3: error: a task stands under a name of its own: write "- name: { set: … }"

        - a: { call: http, method: get, endpoint: 'https://x' }
        > 1:20: error: "method" belongs in "with"
        > 1:33: error: "endpoint" belongs in "with"

        - a: { set: { x: .outcome, y: '$tasks.b.by', z: ./file, e: 'No. 5', p: .5 } }
        > 1:18: warning: ".outcome" is this very text; an expression is written ${ .outcome }
        > 1:31: warning: "$tasks.b.by" is this very text; an expression is written ${ $tasks.b.by }

        - a: { listen: { to: { one: { with: { type: x }, correlate: { id: { from: .data.id, expect: .id } } } } } }
        > 1:93: warning: ".id" is this very text; an expression is written ${ .id }

        - a: { set: x, if: '$authorization.scheme == "Bearer"' }
        > 1:21: error: $authorization is known only in what a task does and in its output.as and export.as

        - a: { set: '${ $authorization.schem }' }
        > 1:13: error: $authorization has no "schem"; it has parameter, scheme; did you mean "scheme"?

        - a: { call: ticket-open, with: { type: 'No Slug', requester: 'Bob B', form: [ 1 ] } }
        > 1:41: error: "type" must be the name of a ticket type, not "No Slug"
        > 1:63: error: "requester" must be a login, not "Bob B"
        > 1:78: error: "form" must be a mapping, not a list

        - a: { call: ticket-open, with: { type: t, requester: system, form: 5 } }
        > 1:55: error: "system" is no member of a company; leave "requester" out, and the ticket's own requester opens it, or the system where there is none
        > 1:69: error: "form" must be a mapping, not "5"

        - a: { call: ticket-update, with: { status: '', labels: it, title: 5 } }
        > 1:45: error: "status" must be a text of 1 to 60 characters, not ""
        > 1:57: error: "labels" must be a list of texts, not "it"
        > 1:68: error: "title" must be a text of 1 to 200 characters, not "5"
        """#)

    private static let document = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo:\n"

    @Test(arguments: steps)
    func `of workflows say what is right`(_ mistake: Mistake) {
        #expect(mistake.found("x.workflow.yaml", before: Self.document) == mistake.messages)
    }

    @Test(arguments: [
        ("@daily", "\"cron\" has no names such as \"@daily\"; write '0 0 * * *'"),
        (
            "0 25 * * *",
            "the hour of \"cron\" cannot be \"25\"; it is *, or numbers from 0 to 23, as in 1, 1-5, 1,3 or */2"
        ),
        (
            "60 * * * *",
            "the minute of \"cron\" cannot be \"60\"; it is *, or numbers from 0 to 59, as in 1, 1-5, 1,3 or */2"
        ),
        (
            "0 0 0 * *",
            "the day of the month of \"cron\" cannot be \"0\"; it is *, or numbers from 1 to 31, as in 1, 1-5, 1,3 or */2"
        ),
        (
            "0 0 * janu *",
            "the month of \"cron\" cannot be \"janu\"; it is *, or numbers from 1 to 12 or jan to dec, as in 1, 1-5, 1,3 or */2"
        ),
        (
            "0 0 * * fri-mon",
            "the weekday of \"cron\" cannot be \"fri-mon\"; it is *, or numbers from 0 to 7 or sun to sat, as in 1, 1-5, 1,3 or */2"
        ),
        (
            "0 0 7 * * *",
            "\"cron\" must be minute, hour, day, month and weekday, as in '0 7 * * mon-fri', not \"0 0 7 * * *\"; it has no seconds"
        ),
        ("0 0 31 2 *", "\"cron\" never comes: there is no such day"),
    ])
    func `of a schedule say which part`(_ cron: String, _ message: String) {
        let text = """
            document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
            schedule: { cron: '\(cron)' }
            do: [ { a: { set: x } } ]
            """
        let parsed = Definition.parse(Array(text.utf8), file: "w.workflow.yaml", company: "acme")
        #expect(parsed.diagnostics.map(\.sentence) == [message])
    }

    @Test func `events that are read as data have no envelope`() {
        let text = """
            document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
            schedule: { on: { one: { with: { type: x } } } }
            do: [ { a: { set: '${ $workflow.input[0].data.patient }' } }, { b: { set: '${ $workflow.input[0].patient }' } } ]
            """
        let message =
            "the input holds the data of events, not their envelopes: write \"read: envelope\" into \"schedule\", or leave \".data\" out"
        let parsed = Definition.parse(Array(text.utf8), file: "w.workflow.yaml", company: "acme")
        #expect(parsed.diagnostics.map(\.description) == ["w.workflow.yaml:3:19: warning: \(message)"])
        let envelope = text.replacing("} }\ndo", with: "}, read: envelope }\ndo")
        #expect(Definition.parse(Array(envelope.utf8), file: "w.workflow.yaml", company: "acme").diagnostics.isEmpty)
    }

    private static let tasks = Mistake.list(
        #"""
        assign: { strategy: person, person: etl, exclude: [ uma, bob ] }

        assign: { strategy: person, person: $tasks.a.by }
        > 1:37: error: "person" must be a login; an expression is written "${ $tasks.a.by }", not "$tasks.a.by"

        assign: { strategy: each, people: [ uma, Bob B ] }
        > 1:42: error: "people" must be a login or an expression "${ … }", not "Bob B"

        body: [ { type: integer, id: a, attributes: { label: A } } ]
        > 1:17: error: "type" cannot be "integer"; it is one of markdown, section, input, textarea, email, url, tel, number, date, time, datetime, dropdown, radio, checkboxes, checkbox, user, upload; did you mean "number"?

        body: [ { type: input, id: a, label: A } ]
        > 1:31: error: "label" belongs in "attributes"

        body: [ { type: input, id: a, required: true, attributes: { label: A, max_length: 5 } } ]
        > 1:31: error: "required" belongs in "validations"
        > 1:71: error: "max_length" belongs in "validations"

        role: it
        > 1:1: error: "role" belongs in "assign"

        title: '${ $ticket.priorty } and ${ $ticket.priorty }'
        > 1:8: error: $ticket has no "priorty"; it has form, labels, number, priority, requester, status, title, type, url; did you mean "priority"?
        """#)

    @Test(arguments: tasks)
    func `of tasks say what is right, each once`(_ mistake: Mistake) {
        #expect(mistake.found("x.task.yaml") == mistake.messages)
    }

    private static let tickets = CompanyMistake.list(
        #"""
        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:
          - a: { call: ticket-open, with: { type: tool, form: { amuont: 5 } } }
          - b: { call: ticket-open, with: { type: tol } }
          - c: { call: ticket-open, with: { type: tool } }
          - d: { call: ticket-open, with: { type: tool, form: { amount: many, kind: large } } }
          - e: { call: ticket-open, with: { type: tool, form: { amount: '${ .x }', kind: small } } }
          - f: { call: ticket-open, with: { type: tool, form: '${ .form }' } }
          - g: { call: ticket-open, with: { type: asks, form: '${ .form }' } }
          - h: { call: ticket-open, with: { type: old, form: '${ .form }' } }
        # tool.ticket.yaml
        name: Tool
        description: Buy a tool
        title: A tool
        body:
          - { type: number, id: amount, attributes: { label: Amount }, validations: { required: true } }
          - { type: dropdown, id: kind, attributes: { label: Kind, options: [ small, big ] } }
        # asks.ticket.yaml
        name: Asks
        description: Asks for a title
        body: [ { type: input, id: x, attributes: { label: X } } ]
        # old.ticket.yaml
        name: Old
        description: Retired
        title: Old
        state: retired
        body: [ { type: input, id: x, attributes: { label: X } } ]
        > w.workflow.yaml:3:55: error: the form of ticket "tool" refuses this: Fill in “Amount”
        > w.workflow.yaml:3:57: error: the form of ticket "tool" has no field "amuont"; did you mean "amount"?
        > w.workflow.yaml:4:43: error: there is no ticket "tol"; did you mean "tool"?
        > w.workflow.yaml:5:43: error: the form of ticket "tool" refuses this: Fill in “Amount”
        > w.workflow.yaml:6:55: error: the form of ticket "tool" refuses this: Amount must be a number, like 289.50
        > w.workflow.yaml:6:55: error: the form of ticket "tool" refuses this: Kind has no option "large"
        > w.workflow.yaml:9:43: error: the ticket "asks" asks for a title, which a workflow cannot give; write a "title" into its definition
        > w.workflow.yaml:10:43: error: the ticket "old" is retired; nothing new is opened of it
        """#)

    @Test(arguments: tickets)
    func `of tickets that are opened are told at load`(_ mistake: CompanyMistake) {
        #expect(mistake.found() == mistake.messages)
    }
}
