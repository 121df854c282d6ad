import Testing

@testable import TFDefinition

@Suite struct DiagnosticsTests {
    @Test func `all problems of a file come at once, in source order`() {
        let text = """
            document: { dsl: '1.0.3', namespace: other, name: w, version: '1.0.0' }
            do:
              - decide:
                  switch:
                    - ok: { when: .a ==, then: grnat }
              - grant: { call: x, wiht: {} }
              - grant: { set: { a: "text ${ .b }" } }
              - loop: { for: { each: i } }
            """
        let parsed = Definition.parse(Array(text.utf8), file: "w.workflow.yaml", company: "acme")
        #expect(
            parsed.diagnostics.map(\.description) == [
                "w.workflow.yaml:1:38: error: \"namespace\" must be the company \"acme\" or \"default\", not \"other\"",
                "w.workflow.yaml:5:28: error: the end of the expression is not expected here",
                "w.workflow.yaml:5:36: error: task \"decide\" continues at \"grnat\", which is not in this list; it has decide, grant, grant, loop",
                "w.workflow.yaml:6:23: error: unknown key \"wiht\"; did you mean \"with\"?",
                "w.workflow.yaml:7:5: error: the task \"grant\" stands twice in this list",
                "w.workflow.yaml:7:24: error: text around \"${ }\" is not computed in a workflow; write '${ \"text \\(.b )\" }'",
                "w.workflow.yaml:8:18: error: \"for\" needs \"in\"",
            ])
    }

    @Test func `a file with ten mistakes gets ten diagnostics at the ten places`() {
        let text = """
            ticket: Access Request
            name: Access
            descripton: Ask for access.
            priority: soon
            due: 5 days
            title: "Access to ${ .form.sytem }"
            body:
              - { type: dropdwn, id: kind, attributes: { label: Kind, options: [a] } }
              - type: dropdown
                id: system
                attributes: { label: System, options: [CRM, CRM] }
                validations: { requird: true }
                visible_if: { field: kind, equals: a }
              - type: date
                id: until
                attributes: { label: Until }
                validations: { not_before: tomorow }
                visible_if: { field: system, equals: Payroll }
            """
        let parsed = Definition.parse(Array(text.utf8), file: "a.ticket.yaml", company: "acme")
        #expect(
            parsed.diagnostics.map(\.description) == [
                "a.ticket.yaml:1:9: error: \"Access Request\" cannot be a ticket's name: \(Slug.rule)",
                "a.ticket.yaml:3:1: error: unknown key \"descripton\"; did you mean \"description\"?",
                "a.ticket.yaml:4:11: error: \"priority\" cannot be \"soon\"; it is one of low, normal, high, urgent",
                "a.ticket.yaml:5:6: error: \"due\" must be a duration such as 30m, 4h, 2d or P1DT2H, not \"5 days\"",
                "a.ticket.yaml:6:8: error: this form has no field \"sytem\"; did you mean \"system\"?",
                "a.ticket.yaml:8:13: error: \"type\" cannot be \"dropdwn\"; it is one of markdown, section, input, textarea, email, url, tel, number, date, time, datetime, dropdown, radio, checkboxes, checkbox, user, upload; did you mean \"dropdown\"?",
                "a.ticket.yaml:11:49: error: the option \"CRM\" stands twice",
                "a.ticket.yaml:12:20: error: unknown key \"requird\"; did you mean \"required\"?",
                "a.ticket.yaml:17:32: error: \"not_before\" must be a date, today or today+3d, not \"tomorow\"",
                "a.ticket.yaml:18:42: error: \"System\" has no option \"Payroll\"; it has CRM, CRM",
            ])
    }

    @Test func `files that name each other are checked against each other`() throws {
        let ticket = try parse(
            "e.ticket.yaml",
            """
            ticket: expense
            name: Expense
            description: Money back
            workflow: expense
            submit_roles: [employe]
            body: [ { type: number, id: amount, attributes: { label: Amount } } ]
            """)
        let workflow = try parse(
            "e.workflow.yaml",
            """
            document: { dsl: '1.0.3', namespace: acme, name: expense, version: '1.0.0' }
            do:
              - first:
                  if: $ticket.form.amout > 10
                  call: aprove
            """)
        let task = try parse("approve.task.yaml", "task: approve\n")
        let problems = Catalog([ticket, workflow, task], roles: ["employee"]).problems()
        #expect(
            problems["e.workflow.yaml"]?.map(\.description) == [
                "e.workflow.yaml:4:11: error: the form of ticket \"expense\" has no field \"amout\"; did you mean \"amount\"?",
                "e.workflow.yaml:5:13: error: there is no task \"aprove\"; did you mean \"approve\"?",
            ])
        #expect(
            problems["e.ticket.yaml"]?.map(\.description) == [
                "e.ticket.yaml:4:11: error: the workflow \"expense\" has errors, see e.workflow.yaml",
                "e.ticket.yaml:5:16: warning: the company has no role \"employe\"; did you mean \"employee\"?",
            ])
    }

    @Test func `names of a file and of its content that disagree are an error`() {
        let parsed = Definition.parse(Array("task: x\n".utf8), file: "x.ticket.yaml", company: nil)
        #expect(parsed.diagnostics.first?.message == "the file's name says ticket, its content task")
    }

    private func parse(_ file: String, _ text: String) throws -> Catalog.Entry {
        let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
        let definition = try #require(parsed.definition, "\(parsed.diagnostics)")
        return Catalog.Entry(file: file, definition: definition, references: parsed.references)
    }
}
