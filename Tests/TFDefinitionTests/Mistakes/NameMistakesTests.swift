import TFDefinition
import Testing

/// Names that are known when a definition is loaded: a misspelt one switches nothing off.
@Suite struct NameMistakesTests {
    private static let document = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\n"

    /// Steps of one workflow that nothing outside it is needed for.
    private static let steps = Mistake.list(
        #"""
        - first: { call: approve }
        - second: { call: approve, with: { assign: { exclude: '${ [$tasks.frist.by] }' } } }
        > 2:55: error: no step "frist" calls a task; $tasks has first, second; did you mean "first"?

        - first: { call: approve }
        - second: { call: approve, with: { assign: { exclude: '${ [$tasks["frist"].by] }' } } }
        > 2:55: error: no step "frist" calls a task; $tasks has first, second; did you mean "first"?

        - first: { call: approve }
        - second: { if: '($tasks | .frist.outcome) == "done"', call: approve }
        > 2:17: error: no step "frist" calls a task; $tasks has first, second; did you mean "first"?

        - first: { call: approve }
        - decide: { switch: [ { a: { when: .outcome == "done", then: end } } ] }
        - third: { set: '${ $tasks.decide.outcome }' }
        > 3:17: error: "decide" calls no task, so that $tasks has nothing of it; it has first

        - only: { set: '${ $tasks.gone }' }
        > 1:16: error: no step "gone" calls a task; this workflow calls no task

        - a: { set: '${ $ticket.priorty }' }
        > 1:13: error: $ticket has no "priorty"; it has form, labels, number, priority, requester, status, title, type, url; did you mean "priority"?

        - a: { set: '${ $task.definition }' }
        > 1:13: error: $task has no "definition"; it has input, name, output, reference, startedAt

        - a: { set: '${ $workflow.startdAt.iso8601 }' }
        > 1:13: error: $workflow has no "startdAt"; it has definition, id, input, startedAt; did you mean "startedAt"?

        - a: { set: '${ $task.startedAt.epoch.second }' }
        > 1:13: error: $task.startedAt.epoch has no "second"; it has milliseconds, seconds; did you mean "seconds"?

        - a: { set: x, metadata: { ticketstatus: open } }
        > 1:28: error: "ticketstatus" in "metadata" is near a reserved key and has no effect; did you mean "ticketStatus"?

        - a: { set: x, metadata: { ticket_status: open, owner: it, Background: true, idempotant: true } }
        > 1:28: error: "ticket_status" in "metadata" is near a reserved key and has no effect; did you mean "ticketStatus"?
        > 1:60: error: "Background" in "metadata" is near a reserved key and has no effect; did you mean "background"?
        > 1:78: error: "idempotant" in "metadata" is near a reserved key and has no effect; did you mean "idempotent"?

        - a: { try: [ { b: { set: x } } ], catch: { errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeuot' } } } }
        > 1:69: error: there is no error "timeuot"; the standard ones are configuration, validation, expression, authentication, authorization, timeout, communication, runtime; did you mean "https://serverlessworkflow.io/spec/1.0.0/errors/timeout"?

        - a: { try: [ { b: { set: x } } ], catch: { errors: { with: { type: errors/timeuot } } } }
        > 1:69: error: the type of an error is a whole URI, not "errors/timeuot"; did you mean "https://open-workflow-specification.org/spec/1.0.0/errors/timeout"?

        - a: { try: [ { b: { set: x } } ], catch: { errors: { with: { type: timeout } } } }
        > 1:69: error: the type of an error is a whole URI, not "timeout"; did you mean "https://open-workflow-specification.org/spec/1.0.0/errors/timeout"?

        - a: { raise: { error: { type: 'https://open-workflow-specification.org/spec/1.0.0/errors/comunication', status: 500 } } }
        > 1:32: error: there is no error "comunication" among the standard ones; did you mean "https://open-workflow-specification.org/spec/1.0.0/errors/communication"?

        - a: { try: [ { b: { raise: { error: { type: 'https://acme.example/late', status: 500 } } } } ], catch: { errors: { with: { type: 'https://acme.example/lte' } } } }
        > 1:131: error: nothing raises the error "https://acme.example/lte"; did you mean "https://acme.example/late"?

        - a: { try: [ { b: { raise: { error: { type: 'https://serverlessworkflow.io/errors/not-implemented', status: 500 } } } } ], catch: { errors: { with: { type: 'https://serverlessworkflow.io/dsl/errors/types/not-implemented' } } } }
        """#)

    @Test(arguments: steps)
    func `of one workflow are told at their place`(_ mistake: Mistake) {
        let found = mistake.found("x.workflow.yaml", before: Self.document + "do:\n")
        #expect(found == mistake.messages)
    }

    private static let companies = CompanyMistake.list(
        #"""
        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { propose: { call: propose } }, { a: { set: '${ $tasks.propose.summ }' } }, { b: { set: '${ $tasks.propose.visit }' } } ]
        # propose.task.yaml
        body: [ { type: input, id: summary, attributes: { label: Summary } } ]
        > w.workflow.yaml:2:51: error: the task "propose" gives no "summ"; did you mean "summary"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { propose: { call: propose } }, { a: { set: '${ .sumary }' } } ]
        # propose.task.yaml
        body: [ { type: input, id: summary, attributes: { label: Summary } } ]
        > w.workflow.yaml:2:51: error: the task "propose" gives no "sumary"; did you mean "summary"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { ask: { call: ask } }, { a: { set: '${ $tasks.ask.by }' } }, { b: { set: '${ [$tasks.ask.answers[].by, $tasks.ask.outcome] }' } } ]
        # ask.task.yaml
        assign: { strategy: each, role: it }
        > w.workflow.yaml:2:43: error: the task "ask" gives no "by"; there is outcome, answers, visit

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { run: { call: robot } }, { a: { set: '${ [.anything, $tasks.run.other] }' } } ]
        # robot.task.yaml
        kind: service

        # t.ticket.yaml
        name: T
        description: T
        workflow: w
        body: [ { type: number, id: amount, attributes: { label: Amount } } ]
        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { amend: { call: amend } }, { a: { set: '${ [$tasks.amend.amuont, $tasks.amend.amount] }' } } ]
        # amend.task.yaml
        form: ticket
        > w.workflow.yaml:2:47: error: the task "amend" gives no "amuont"; did you mean "amount"?
        > t.ticket.yaml:3:11: error: the workflow "w" has errors, see w.workflow.yaml

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { a: { call: t, with: { level: 1 } } } ]
        # t.task.yaml
        title: 'At ${ .levle }'
        > t.task.yaml:1:8: error: the workflow "w" passes no "levle" to this task; did you mean "level"?
        > w.workflow.yaml:2:20: error: the task "t" has errors, see t.task.yaml

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { a: { call: t, with: { level: 1 } } }, { b: { call: t, with: { levle: 1 } } } ]
        # t.task.yaml
        description: 'At ${ .level }'
        > w.workflow.yaml:2:71: error: the task "t" reads no input "levle"; did you mean "level"?

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { a: { call: t } } ]
        # t.task.yaml
        title: 'At ${ .level // "first" } ${ .place }'
        > t.task.yaml:1:8: error: the workflow "w" passes no "place" to this task
        > w.workflow.yaml:2:20: error: the task "t" has errors, see t.task.yaml

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { a: { call: t, with: { level: 1 } } } ]
        # t.task.yaml
        body: [ { type: input, id: x, attributes: { label: X, value: '${ .levl }' }, visible_if: { input: lvel, equals: 1 } } ]
        > t.task.yaml:1:62: error: the workflow "w" passes no "levl" to this task; did you mean "level"?
        > t.task.yaml:1:99: error: the workflow "w" passes no "lvel" to this task; did you mean "level"?
        > w.workflow.yaml:2:20: error: the task "t" has errors, see t.task.yaml

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do: [ { first: { call: t } } ]
        # t.task.yaml
        assign: { prefer: '${ $tasks.frist.by }', exclude: '${ [$tasks.first.bye] }' }
        > t.task.yaml:1:19: error: no step "frist" calls a task in w, which calls this task; $tasks has first; did you mean "first"?
        > t.task.yaml:1:52: error: the task "t" gives no "bye"; did you mean "by"?
        > w.workflow.yaml:2:24: error: the task "t" has errors, see t.task.yaml

        # t.task.yaml
        title: '${ .nobody } calls ${ $tasks.this.by }'

        # w.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        use: { functions: { notify: { set: x } } }
        do: [ { a: { call: notfy } }, { b: { call: ticket-updat } } ]
        > w.workflow.yaml:3:20: error: there is no task "notfy"; did you mean "notify"?
        > w.workflow.yaml:3:44: error: there is no task "ticket-updat"; did you mean "ticket-update"?
        """#)

    @Test(arguments: companies)
    func `of several files are told at their place`(_ mistake: CompanyMistake) {
        #expect(mistake.found() == mistake.messages)
    }
}
