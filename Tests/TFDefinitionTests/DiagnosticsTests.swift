import Testing

@testable import TFDefinition

@Suite struct DiagnosticsTests {
    /// What a person reads for each kind of mistake.
    @Test(arguments: [
        (
            "x.task.yaml", "task: x\nassing: { role: it }\n",
            "x.task.yaml:2:1: error: unknown key \"assing\"; did you mean \"assign\"?"
        ),
        (
            "x.task.yaml", "task: x\ntitle: \"${ $tikcet.form }\"\n",
            "x.task.yaml:2:12: error: unknown variable \"$tikcet\"; did you mean \"$ticket\"?"
        ),
        (
            "x.task.yaml", "task: Not A Slug\n",
            "x.task.yaml:1:7: error: \"Not A Slug\" cannot be a task's name: \(Slug.rule)"
        ),
        (
            "x.task.yaml", "task: x\nkind: robot\n",
            "x.task.yaml:2:7: error: \"kind\" cannot be \"robot\"; it is one of form, manual"
        ),
        (
            "x.task.yaml", "task: x\ndue: soon\n",
            "x.task.yaml:2:6: error: \"due\" must be a duration such as 30m, 4h, 2d or P1DT2H, not \"soon\""
        ),
        ("x.task.yaml", "task: x\noutcomes: [a, a]\n", "x.task.yaml:2:15: error: the outcome \"a\" stands twice"),
        ("x.task.yaml", "task: x\ntask: y\n", "x.task.yaml:2:1: error: the key \"task\" stands twice, first on line 1"),
        ("x.task.yaml", "task: &a x\n", "x.task.yaml:1:7: error: anchors (&name) are not read"),
        ("x.task.yaml", "task: !!str x\n", "x.task.yaml:1:7: error: tags (!name) are not read"),
        ("x.task.yaml", "%YAML 1.1\n---\ntask: x\n", "x.task.yaml:1:1: error: \"%\" directives are not read"),
        (
            "x.task.yaml", "task: x\n---\ntask: y\n",
            "x.task.yaml:2:1: error: a second document starts here; a file holds one"
        ),
        ("x.task.yaml", "", "x.task.yaml:1:1: error: the file is empty"),
        (
            "x.ticket.yaml", "name: A\ndescription: B\nbody:\n  - type: input\n",
            "x.ticket.yaml:4:5: error: an input element needs \"attributes\""
        ),
        (
            "x.ticket.yaml",
            "name: A\ndescription: B\nbody:\n  - { type: dropdown, attributes: { label: L, options: [None] } }\n",
            "x.ticket.yaml:4:57: error: the option \"None\" is reserved: a dropdown that is not required offers it itself"
        ),
        (
            "x.ticket.yaml", "name: A\ndescription: B\nbody:\n  - { type: inptu, attributes: { label: L } }\n",
            "x.ticket.yaml:4:13: error: \"type\" cannot be \"inptu\"; it is one of markdown, section, input, textarea, email, url, tel, number, date, time, datetime, dropdown, radio, checkboxes, checkbox, user, upload; did you mean \"input\"?"
        ),
        (
            "x.ticket.yaml", "name: A\ndescription: B\nbody:\n  - { type: markdown, attributes: { value: hi } }\n",
            "x.ticket.yaml:4:3: error: \"body\" must hold a field, not only markdown"
        ),
        (
            "x.ticket.yaml", "name: A\nbody:\n  - { type: input, attributes: { label: L } }\n",
            "x.ticket.yaml:1:1: error: a ticket needs \"description\""
        ),
    ])
    func `a mistake is reported at its place with what would be right`(
        _ file: String, _ text: String, _ expected: String
    ) {
        let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
        #expect(parsed.definition == nil)
        #expect(parsed.diagnostics.map(\.description).contains(expected), "\(parsed.diagnostics)")
    }

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
                "w.workflow.yaml:8:13: error: task \"loop\" uses \"for\", which is not supported by this version",
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
                "e.ticket.yaml:4:11: error: the workflow \"expense\" is incomplete; see the problems of its file",
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
