import Testing

@testable import TFDefinition

/// What can be wrong in a ticket file, besides its form.
@Suite struct TicketMistakesTests {
    private static let whole = Mistake.list(
        #"""
        description: B
        body:
          - { type: input, id: a, attributes: { label: A } }
        > 1:1: error: a ticket needs "name"

        name: A
        body:
          - { type: input, id: a, attributes: { label: A } }
        > 1:1: error: a ticket needs "description"

        name: A
        description: B
        > 1:1: error: a ticket needs "body"

        name: &n A
        description: *n
        body:
          - { type: input, id: a, attributes: { label: *n } }
        > 1:7: error: anchors (&name) are not read
        > 2:14: error: aliases (*name) are not read
        > 4:48: error: aliases (*name) are not read

        <<: { name: A }
        description: B
        body:
          - { type: input, id: a, attributes: { <<: { label: A } } }
        > 1:1: error: merge keys (<<) are not read
        > 4:41: error: merge keys (<<) are not read

        name: A
        description: B
        body: []
        > 3:7: error: "body" must hold at least one element

        name: A
        description: B
        body:
        > 3:1: error: a ticket needs "body"

        ticket: Big One
        name: A
        description: B
        body:
          - { type: input, id: a, attributes: { label: A } }
        > 1:9: error: "Big One" cannot be a ticket's name: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit

        name: A
        description: B
        title: "${ .form.s }"
        body:
          - { type: input, id: s, audience: [ticket_admin], attributes: { label: S } }
        > 3:8: warning: everybody who reads the ticket will see "s" here; its "audience" is narrower

        name: A
        description: B
        title: "${ .form.a-b }"
        body:
          - { type: input, id: a-b, attributes: { label: A } }
        > 3:20: error: unknown function "b"; a name with "-" is written .["a-b"]
        """#)

    @Test(arguments: whole)
    func `of a whole file is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.ticket.yaml") == mistake.messages)
    }

    private static let keys = Mistake.list(
        #"""
        workflow: a b
        > 1:11: error: "workflow" must be a name such as access-request or access-request:1.2.0, not "a b"

        priority: asap
        > 1:11: error: "priority" cannot be "asap"; it is one of low, normal, high, urgent

        priority: "${ .form.b }"
        > 1:11: error: this form has no field "b"

        due: soon
        > 1:6: error: "due" must be a duration such as 30m, 4h, 2d or P1DT2H, not "soon"

        due: "${ . == }"
        > 1:6: error: "due" must be a duration such as 30m, 4h, 2d or P1DT2H, not "${ . == }"

        due: 0d
        > 1:6: warning: "due" leaves no time, so that it is late from the start

        title: "X ${ .form.b }"
        > 1:8: error: this form has no field "b"

        title: "X ${ $x }"
        > 1:14: error: unknown variable "$x"

        title: "X ${ .form.a"
        > 1:11: error: "${" has no "}"

        state: closed
        > 1:8: error: "state" cannot be "closed"; it is one of active, retired

        submit_roles: [any]
        > 1:16: error: "any" cannot be a company role: the name is reserved

        submit_roles: [Some Role]
        > 1:16: error: "Some Role" cannot be a company role: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit

        view_roles: { a: b }
        > 1:13: error: "view_roles" must be a list, not a mapping

        labels: [it, "for ${ .form.a }"]
        > 1:14: warning: "${ }" is not computed in "labels"; it is shown as it stands

        labels: [ [a] ]
        > 1:11: error: every entry of "labels" must be text, not a list

        assignees: [bob]
        projects: [a]
        visible: [form]
        ref: main
        > 1:1: warning: "assignees" has no effect here
        > 2:1: warning: "projects" has no effect here
        > 3:1: warning: "visible" has no effect here
        > 4:1: warning: "ref" has no effect here

        workflow: handle
        assign: { role: it }
        outcomes: [done]

        workflow: w
        assign: { role: it }
        outcomes: [done]
        > 2:1: warning: "assign" has no effect beside "workflow"
        > 3:1: warning: "outcomes" has no effect beside "workflow"

        workflwo: w
        > 1:1: error: unknown key "workflwo"; did you mean "workflow"?

        submit_roles: []
        > 1:1: warning: "submit_roles" is empty and has no effect

        priority: "${ if .form.a > 3 then \"high\" else \"low\" end }"
        > 1:11: warning: "a" is a text; compared with a number it is never equal, and always more
        """#)

    private static let ticket = """
        name: A
        description: B
        body:
          - { type: input, id: a, attributes: { label: A } }

        """

    @Test(arguments: keys)
    func `of one key is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.ticket.yaml", before: Self.ticket) == mistake.messages)
    }
}
