/// The texts of the templates: our own, and checked by a test.
extension WorkbenchTemplate {
    static let approval = [
        WorkbenchTemplate(
            "approval", "Workflow",
            """
            # Somebody decides. What lacks something goes back to the person who asked, and comes again.
            document: { dsl: '1.0.3', namespace: COMPANY, name: approval-NUMBER, version: '1.0.0' }
            do:
              - decide:
                  call: decide-approval-NUMBER
                  metadata: { ticketStatus: waiting for a decision }
              - decision:
                  switch:
                    - approved: { when: .outcome == "approve", then: approved }
                    - sentBack: { when: .outcome == "rework", then: amend }
                    - refused: { then: refused }
              - amend:
                  call: amend-approval-NUMBER
                  with: { question: '${ .comment // "Please add what is missing." }' }
                  metadata: { ticketStatus: to be amended }
              - amended:
                  switch:
                    - again: { when: .outcome == "resubmit", then: decide }
                    - withdrawn: { then: withdrawn }
              - approved: { set: { status: approved }, then: end }
              - refused: { set: { status: refused }, then: end }
              - withdrawn: { set: { status: withdrawn } }

            """),
        WorkbenchTemplate(
            "approval-decide", "Task: decide",
            """
            # Anybody who works on tasks may decide, but not about a request of their own.
            task: decide-approval-NUMBER
            title: Decide about the request
            description: "What is asked for: ${ $ticket.form.what }"
            assign:
              exclude: "${ [$ticket.requester] }"
            due: 2d
            outcomes:
              - approve
              - { value: rework, label: Send back }
              - { value: refuse, label: Refuse, confirm: "Refuse for good?" }
            body:
              - type: textarea
                id: comment
                attributes: { label: Comment }
                validations: { required_for: [rework, refuse] }

            """),
        WorkbenchTemplate(
            "approval-amend", "Task: amend",
            """
            # The person who asked changes the answers, or withdraws.
            task: amend-approval-NUMBER
            title: Add what is missing
            description: "The question: ${ .question }"
            assign: { strategy: requester }
            form: ticket
            outcomes:
              - { value: resubmit, label: Send again }
              - { value: withdraw, label: Withdraw, validate: false }

            """),
        WorkbenchTemplate(
            "approval-form", "Form",
            """
            ticket: approval-NUMBER
            name: Approval NUMBER
            description: Ask for a yes or a no.
            workflow: approval-NUMBER
            title: "${ .form.what }"
            body:
              - type: input
                id: what
                attributes: { label: What do you ask for? }
                validations: { required: true, max_length: 120 }
              - type: textarea
                id: why
                attributes: { label: Why? }
                validations: { required: true }

            """),
    ]

    static let purchase = [
        WorkbenchTemplate(
            "purchase", "Workflow",
            """
            # One approval, above 1,000 EUR a second one by somebody else; then somebody buys it.
            document: { dsl: '1.0.3', namespace: COMPANY, name: buying-NUMBER, version: '1.0.0' }
            do:
              - first:
                  call: approve-buying-NUMBER
                  metadata: { ticketStatus: waiting for approval }
              - second:
                  if: .outcome == "approve" and $ticket.form.amount > 1000
                  call: approve-buying-NUMBER
                  with: { assign: { exclude: '${ [$tasks.first.by] }' } }
              - decision:
                  switch:
                    - approved: { when: .outcome == "approve", then: buy }
                    - refused: { then: refused }
              - buy:
                  call: buy-it-NUMBER
                  metadata: { ticketStatus: being bought }
              - bought: { set: { status: bought }, then: end }
              - refused: { set: { status: refused } }

            """),
        WorkbenchTemplate(
            "purchase-approve", "Task: approve",
            """
            task: approve-buying-NUMBER
            title: Approve the purchase
            description: "${ $ticket.form.item } for ${ $ticket.form.amount } EUR. What for: ${ $ticket.form.why }"
            assign:
              exclude: "${ [$ticket.requester] }"
            due: 2d
            outcomes: [approve, { value: refuse, label: Refuse }]
            body:
              - type: textarea
                id: comment
                attributes: { label: Comment }
                validations: { required_for: [refuse] }

            """),
        WorkbenchTemplate(
            "purchase-buy", "Task: buy",
            """
            task: buy-it-NUMBER
            title: Buy it
            description: "${ $ticket.form.item }, for ${ $ticket.form.amount } EUR at most."
            due: 5d
            outcomes: [{ value: bought, label: It is bought }]
            body:
              - type: input
                id: order
                attributes: { label: Order number }
                validations: { required: true }

            """),
        WorkbenchTemplate(
            "purchase-form", "Form",
            """
            ticket: buying-NUMBER
            name: Buy something NUMBER
            description: Something that you need for your work.
            workflow: buying-NUMBER
            title: "Buy ${ .form.item }"
            body:
              - type: input
                id: item
                attributes: { label: What shall we buy? }
                validations: { required: true, max_length: 120 }
              - type: number
                id: amount
                attributes: { label: Price, unit: EUR, step: 0.01 }
                validations: { required: true, min: 0.01 }
              - type: textarea
                id: why
                attributes: { label: What for? }
                validations: { required: true }

            """),
    ]

    static let incident = [
        WorkbenchTemplate(
            "incident", "Workflow",
            """
            # Somebody repairs it. What takes more than four hours becomes urgent, without taking the work away.
            document: { dsl: '1.0.3', namespace: COMPANY, name: outage-NUMBER, version: '1.0.0' }
            do:
              - handle:
                  metadata: { ticketStatus: being repaired }
                  fork:
                    branches:
                      - repair: { call: repair-outage-NUMBER }
                      - escalate:
                          metadata: { background: true }
                          do:
                            - fourHours: { wait: PT4H }
                            - urgent: { call: ticket-update, with: { priority: urgent } }
                            - tell:
                                call: ticket-comment
                                with: { internal: true, body: 'Not repaired after four hours: it is urgent now.' }
              - repaired: { set: { status: repaired } }

            """),
        WorkbenchTemplate(
            "incident-repair", "Task",
            """
            task: repair-outage-NUMBER
            title: Find the cause and repair it
            description: "What is broken: ${ $ticket.form.what }"
            due: 4h
            outcomes: [{ value: repaired, label: It works again }]
            body:
              - type: textarea
                id: cause
                attributes: { label: What was the cause? }
                validations: { required: true }

            """),
        WorkbenchTemplate(
            "incident-form", "Form",
            """
            ticket: outage-NUMBER
            name: Something does not work NUMBER
            description: People cannot go on with their work.
            workflow: outage-NUMBER
            title: "${ .form.what }"
            priority: high
            body:
              - type: input
                id: what
                attributes: { label: What is broken? }
                validations: { required: true, max_length: 120 }
              - type: dropdown
                id: who
                attributes:
                  label: Whom does it keep from working?
                  options: [Everybody, A team, Only me]
                validations: { required: true }

            """),
    ]
}
