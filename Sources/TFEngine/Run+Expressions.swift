import TFDefinition
import TFExpression

import struct Foundation.Date

/// Evaluating expressions with the variables of the DSL; a failure is a workflow error at the step.
extension Run {
    func scope(
        input: JSON, task: (name: String, reference: String, startedAt: Int64)? = nil
    ) -> [String: JSON] {
        [
            "context": state.context, "input": input, "output": .null, "ticket": surroundings.ticket,
            "tasks": .object(state.tasks), "runtime": ["name": "ticketflower", "version": "1"],
            "workflow": [
                "id": .string(surroundings.instance),
                "definition": ["name": .string(program.workflow.name), "version": .string(program.workflow.version)],
                "input": state.input, "startedAt": Self.moment(state.startedAt),
            ],
            "task": task.map { task in
                [
                    "name": .string(task.name), "reference": .string(task.reference),
                    "startedAt": Self.moment(task.startedAt),
                ]
            } ?? .null,
        ]
    }

    private static func moment(_ milliseconds: Int64) -> JSON {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        return [
            "iso8601": .string(date.ISO8601Format()),
            "epoch": ["seconds": .int(milliseconds / 1000), "milliseconds": .int(milliseconds)],
        ]
    }

    func value(
        _ expression: ValueExpression?, of input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> JSON {
        guard let expression else { return input }
        do { return try expression.evaluate(input, variables: scope) } catch {
            throw .expression(error, at: reference)
        }
    }

    /// Whether an `if` lets its step run; no `if` does.
    func holds(
        _ condition: Expression?, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> Bool {
        guard let condition else { return true }
        return try evaluate(condition, input, scope, at: reference).isTruthy
    }

    func evaluate(
        _ expression: Expression, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> JSON {
        do { return try expression.value(input, variables: scope) } catch { throw .expression(error, at: reference) }
    }
}
