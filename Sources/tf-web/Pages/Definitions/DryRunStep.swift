import TFDefinition
import TFExpression

/// What a page of a dry run sends: each step carries everything given before, since the server stores nothing of a run.
struct DryRunStep: Sendable {
    /// The ticket type's name; nil if no ticket starts the workflow.
    let type: String?
    /// The validated answers of the ticket's form; nil in the first step.
    let input: JSON?
    /// The answers of the ticket's form as they were typed in the first step.
    let typed: [String: [String]]
    /// The outcomes that were chosen so far, in order: `{task, outcome}`.
    let outcomes: [JSON]
    /// The simulated answers of servers and events, as typed.
    let source: String

    init(_ form: PostedForm) {
        type = form["type"]
        // Our own hidden fields: a value that is not JSON was forged, and is ignored.
        input = form["input"].map { (try? JSON(parsing: $0)) ?? [:] }
        typed = form.answers
        source = form["source"] ?? ""
        var outcomes = form["given"].flatMap { try? JSON(parsing: $0) }?.arrayValue ?? []
        if let outcome = form["outcome"], let task = form["task"] {
            outcomes.append(["task": .string(task), "outcome": .string(outcome)])
        }
        self.outcomes = outcomes
    }

    /// The typed script, with the chosen outcomes added as answers of the tasks.
    var script: JSON {
        var script = YAMLNode.json(of: Array(source.utf8))?.objectValue ?? [:]
        var tasks = script["tasks"]?.objectValue ?? [:]
        for answer in outcomes {
            let name = answer["task"].displayText
            let outcome: JSON = ["validate": false, "output": ["outcome": answer["outcome"]]]
            tasks[name] = .array((tasks[name]?.arrayValue ?? []) + [outcome])
        }
        if !tasks.isEmpty { script["tasks"] = .object(tasks) }
        return .object(script)
    }

    /// The hidden fields that carry the run to its next step.
    func hidden(input: JSON, tags: FormTags) -> HTML {
        """
        \(tags.hidden())<input type="hidden" name="type" value="\(type ?? "")">\
        <input type="hidden" name="input" value="\(input.text)">\
        <input type="hidden" name="given" value="\(JSON.array(outcomes).text)">\
        <input type="hidden" name="source" value="\(source)">
        """
    }
}
