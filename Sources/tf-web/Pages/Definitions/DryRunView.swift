import TFDefinition
import TFEngine
import TFExpression

/// The result of a dry run so far, and the question for the next outcome.
struct DryRunView {
    struct Waiting {
        /// The task definition's name.
        let task: String
        let step: String
        let outcomes: [Outcome]
    }

    let result: JSON
    let tasks: [Waiting]
    let path: String
    /// The hidden fields that carry the run to its next step.
    let hidden: HTML

    var html: HTML {
        """
        \(summary)\(tasks.map(question))<h2>Trace</h2>\(trace)\
        <p><a href="\(path)">Start anew</a></p>
        """
    }

    private var summary: HTML {
        let status = result["status"].stringValue.flatMap(SimulationResult.Status.init(rawValue:)) ?? .waiting
        let elapsed = Self.after(result["elapsed"].displayText)
        switch status {
        case .completed:
            return """
                <p>\(tag("good", "completed")) \(elapsed) in virtual time. Its output:</p>\
                <pre tabindex="0">\(result["output"].prettyText)</pre>
                """
        case .faulted:
            let error = result["error"]
            return """
                <div class="errors"><h2>\(error["title"].displayText), status \(error["status"].displayText)</h2>\
                <p>\(error["detail"].displayText)</p><p>At <code>\(error["instance"].displayText)</code>, \(elapsed).</p></div>
                """
        case .cancelled: return "<p>\(tag("bad", "cancelled")) \(elapsed).</p>"
        case .waiting:
            guard tasks.isEmpty else { return "<p>\(tag("wait", "waiting")) \(elapsed).</p>" }
            return """
                <p>\(tag("wait", "waiting")) \(elapsed), for something that nothing in the script brings: an event, \
                say. Add it to the script and start anew.</p>
                """
        }
    }

    /// An ISO 8601 duration in words: `after 1 day 2 hours`.
    private static func after(_ span: String) -> String {
        var rest = Int(TimeSpan(span)?.seconds ?? 0)
        var parts: [String] = []
        for (name, size) in [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)] where rest >= size {
            let count = rest / size
            parts.append("\(count) \(name)\(count == 1 ? "" : "s")")
            rest %= size
        }
        return parts.isEmpty ? "at once" : "after " + parts.joined(separator: " ")
    }

    private func tag(_ kind: String, _ text: String) -> HTML { #"<span class="tag \#(kind)">\#(text)</span>"# }

    private func question(_ waiting: Waiting) -> HTML {
        let buttons = waiting.outcomes.map { outcome -> HTML in
            #"<button class="second" name="outcome" value="\#(outcome.value)">\#(outcome.label)</button>"#
        }
        return """
            <div class="card"><h2>\(WorkflowGraph.label(waiting.step)) waits for somebody</h2>\
            <form method="post" action="\(path)">\(hidden)<input type="hidden" name="task" value="\(waiting.task)">\
            <p>Which outcome does “\(waiting.task)” get?</p><div class="buttons">\(buttons)</div></form></div>
            """
    }

    private var trace: HTML {
        Elements.table(
            "What happened, in order", ["Time", "What", "Step"],
            (result["trace"].arrayValue ?? []).map { entry in
                let name = entry["name"].displayText
                return [
                    "\(entry["at"].displayText)", "\(entry["event"].displayText)",
                    name.isEmpty ? "the workflow" : "\(name) <code>\(entry["task"].displayText)</code>",
                ]
            })
    }
}
