/// The texts of the templates: our own, and checked by a test.
extension WorkbenchTemplate {
    static let approval = [
        WorkbenchTemplate(
            "approval", of: "Approval", "Workflow",
            """
            # Somebody decides. What lacks something goes back to the person who asked, and comes again.
            document: { dsl: '1.0.3', namespace: COMPANY, name: NAME, version: '1.0.0', title: TITLE }
            do:
              - decide:
                  call: NAME-decide
                  metadata: { ticketStatus: waiting for a decision }
              - decision:
                  switch:
                    - approved: { when: .outcome == "approve", then: approved }
                    - sentBack: { when: .outcome == "rework", then: amend }
                    - refused: { then: refused }
              - amend:
                  call: NAME-amend
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
            "approval-decide", of: "Approval", "Task: decide",
            """
            # Anybody who works on tasks may decide, but not about a request of their own.
            task: NAME-decide
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
            "approval-amend", of: "Approval", "Task: amend",
            """
            # The person who asked changes the answers, or withdraws.
            task: NAME-amend
            title: Add what is missing
            description: "The question: ${ .question }"
            assign: { strategy: requester }
            form: ticket
            outcomes:
              - { value: resubmit, label: Send again }
              - { value: withdraw, label: Withdraw, validate: false }

            """),
        WorkbenchTemplate(
            "approval-form", of: "Approval", "Form",
            """
            ticket: NAME
            name: TITLE
            description: Ask for a yes or a no.
            workflow: NAME
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
            "purchase", of: "Buying", "Workflow",
            """
            # One approval, above 1,000 EUR a second one by somebody else; then somebody buys it.
            document: { dsl: '1.0.3', namespace: COMPANY, name: NAME, version: '1.0.0', title: TITLE }
            do:
              - approval:
                  call: NAME-approve
                  metadata: { ticketStatus: waiting for approval }
              - secondApproval:
                  if: .outcome == "approve" and $ticket.form.amount > 1000
                  call: NAME-approve
                  with: { assign: { exclude: '${ [$tasks.approval.by] }' } }
              - decision:
                  switch:
                    - approved: { when: .outcome == "approve", then: buy }
                    - refused: { then: refused }
              - buy:
                  call: NAME-buy
                  metadata: { ticketStatus: being bought }
              - bought: { set: { status: bought }, then: end }
              - refused: { set: { status: refused } }

            """),
        WorkbenchTemplate(
            "purchase-approve", of: "Buying", "Task: approve",
            """
            task: NAME-approve
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
            "purchase-buy", of: "Buying", "Task: buy",
            """
            task: NAME-buy
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
            "purchase-form", of: "Buying", "Form",
            """
            ticket: NAME
            name: TITLE
            description: Something that you need for your work.
            workflow: NAME
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
            "incident", of: "Outage", "Workflow",
            """
            # Somebody repairs it. What takes more than four hours becomes urgent, without taking the work away.
            document: { dsl: '1.0.3', namespace: COMPANY, name: NAME, version: '1.0.0', title: TITLE }
            do:
              - handle:
                  metadata: { ticketStatus: being repaired }
                  fork:
                    branches:
                      - repair: { call: NAME-repair }
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
            "incident-repair", of: "Outage", "Task",
            """
            task: NAME-repair
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
            "incident-form", of: "Outage", "Form",
            """
            ticket: NAME
            name: TITLE
            description: People cannot go on with their work.
            workflow: NAME
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
