import Testing

/// A mistake between files is the new file's: who uses another author's workflow or task wrongly takes nothing of
/// theirs out of force.
@Suite struct SharedDefinitionTests {
    /// A ticket, its workflow and the task of it, which read a field of the ticket's form.
    private static let settled = #"""
        # a.ticket.yaml
        name: A
        description: A
        workflow: a
        body: [ { type: input, id: x, attributes: { label: X } }, { type: input, id: y, attributes: { label: Y } } ]
        # a.workflow.yaml
        document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }
        do: [ { a: { call: order, with: { y: '${ $ticket.form.y }' } } } ]
        # order.task.yaml
        task: order
        assign: { role: it }
        description: "Order ${ $ticket.form.x }"
        """#

    private static let companies = CompanyMistake.list(
        settled + "\n" + #"""
            # b.ticket.yaml
            name: B
            description: B
            workflow: a
            body: [ { type: input, id: x, attributes: { label: X } } ]
            > b.ticket.yaml:3:11: error: the form of ticket "b" has no field "y", which the workflow "a" reads
            """# + "\n\n" + settled + "\n" + #"""
                # b.ticket.yaml
                name: B
                description: B
                workflow: a
                body: [ { type: input, id: y, attributes: { label: Y } } ]
                > b.ticket.yaml:3:11: error: the form of ticket "b" has no field "x", which the task "order" reads
                """# + "\n\n" + settled + "\n" + #"""
                # b.ticket.yaml
                name: B
                description: B
                workflow: b
                body: [ { type: input, id: z, attributes: { label: Z } } ]
                # b.workflow.yaml
                document: { dsl: '1.0.3', namespace: acme, name: b, version: '1.0.0' }
                do: [ { b: { call: order } } ]
                > b.workflow.yaml:2:20: error: the task "order" reads the field "x", which the form of ticket "b" does not have
                > b.ticket.yaml:3:11: error: the workflow "b" has errors, see b.workflow.yaml
                """#)

    @Test(arguments: companies) func `a form that does not fit is told where it was brought`(_ company: CompanyMistake)
    {
        #expect(company.found() == company.messages)
    }

    @Test func `a field that no form has is told where it is read`() throws {
        let company = try #require(
            CompanyMistake.list(
                Self.settled.replacing("form.x", with: "form.z") + "\n" + #"""
                    # b.ticket.yaml
                    name: B
                    description: B
                    workflow: a
                    body: [ { type: input, id: y, attributes: { label: Y } } ]
                    > order.task.yaml:3:14: error: the form of ticket "a" has no field "z"
                    > order.task.yaml:3:14: error: the form of ticket "b" has no field "z"
                    > a.workflow.yaml:2:20: error: the task "order" has errors, see order.task.yaml
                    > a.ticket.yaml:3:11: error: the workflow "a" has errors, see a.workflow.yaml
                    > b.ticket.yaml:3:11: error: the workflow "a" has errors, see a.workflow.yaml
                    """#
            ).first)
        #expect(Set(company.found()) == Set(company.messages))
    }
}
