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
