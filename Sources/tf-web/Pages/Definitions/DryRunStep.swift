import TFDefinition
import TFExpression

/// What a page of a dry run sends: each step carries all that was given before, since nothing of a run is stored.
struct DryRunStep: Sendable {
    /// The type of ticket, by name; nil: no ticket starts it.
    let type: String?
    /// The checked answers of the ticket's form, from the second step on.
    let input: JSON?
    /// The answers of the ticket's form as they were typed, in the first step.
    let typed: [String: [String]]
    /// The outcomes that were chosen so far: `{task, outcome}`.
    let outcomes: [JSON]
    /// What servers and events answer, as it was typed.
    let source: String

    init(_ form: PostedForm) {
        type = form["type"]
        // Our own fields: what is no JSON in them was made up, and counts as nothing.
        input = form["input"].map { (try? JSON(parsing: $0)) ?? [:] }
        typed = form.answers
        source = form["source"] ?? ""
        var outcomes = form["given"].flatMap { try? JSON(parsing: $0) }?.arrayValue ?? []
        if let outcome = form["outcome"], let task = form["task"] {
            outcomes.append(["task": .string(task), "outcome": .string(outcome)])
        }
        self.outcomes = outcomes
    }

    /// The script as it was typed, with the chosen outcomes as answers of the tasks.
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

    /// The fields that carry the run on.
    func hidden(input: JSON, tags: FormTags) -> HTML {
        """
        \(tags.hidden())<input type="hidden" name="type" value="\(type ?? "")">\
        <input type="hidden" name="input" value="\(input.text)">\
        <input type="hidden" name="given" value="\(JSON.array(outcomes).text)">\
        <input type="hidden" name="source" value="\(source)">
        """
    }
}
