import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What a ticket admin sees of a workflow that stopped with an error, and what can be done about it.
struct FaultView {
    let ticket: Ticket
    let instances: [InstanceView]
    let base: String
    let reader: TicketReader

    func html(csrf: String, form: PostedForm, errors: [FieldError]) -> HTML {
        guard ticket.state == .failed,
            let instance = instances.first(where: { $0.status == .faulted && ($0.depth == 0 || $0.stoppedAt == "/") }),
            let error = instance.error
        else { return .empty }
        return """
            <div class="errors">\(reason(error))\
            <p>At <code>\(error.instance)</code></p></div>\(decision(instance, csrf: csrf, form: form, errors: errors))
            """
    }

    /// A title or detail can quote the data that the step worked on.
    private func reason(_ error: WorkflowError) -> HTML {
        reader.readsData
            ? "<h2>\(error.title), status \(error.status)</h2><p>\(error.detail ?? "")</p>"
            : "<h2>A step failed, status \(error.status)</h2><p>\(InstanceTable.withheld)</p>"
    }

    private func decision(
        _ instance: InstanceView, csrf: String, form: PostedForm, errors: [FieldError]
    ) -> HTML {
        guard let stopped = instance.stoppedAt else {
            return "<p>The workflow failed as a whole: the ticket can only be cancelled.</p>"
        }
        let path = "\(base)/tickets/\(ticket.number)"
        let hidden = Elements.hidden(csrf: csrf, version: ticket.version)
        return """
            <p>The workflow waits at <code>\(stopped)</code> for a decision.</p>\
            <form method="post" action="\(path)/retry">\(hidden)<button>Try the step again</button></form>\
            <details\(when(!errors.isEmpty, " open"))><summary>Skip the step</summary>\
            <form method="post" action="\(path)/skip" novalidate>\(hidden)\
            \(Elements.field("output", label: "Its output instead, as JSON", errors: errors) { attributes in
                "<textarea name=\"output\" rows=\"4\"\(attributes)>\n\(form["output"] ?? "{}")</textarea>"
            })<button class="second">Skip the step</button></form></details>
            """
    }
}

/// The workflow instances of a ticket: where each is, and its data.
struct InstanceTable {
    let instances: [InstanceView]
    let company: Company
    let reader: TicketReader

    static let withheld = "Its data is not shown: it may hold answers that are not yours to read."

    var html: HTML {
        guard !instances.isEmpty else { return .empty }
        return "<details><summary>Inside the workflow</summary>\(instances.map(instance))</details>"
    }

    private func instance(_ instance: InstanceView) -> HTML {
        let places = instance.waiting.map { place -> HTML in
            "<li><code>\(place.reference)</code> waits for \(place.because)</li>"
        }
        return """
            <h3>\(instance.workflow), instance \(instance.id): \(instance.status.rawValue)</h3>\
            \(when(!places.isEmpty, "<ul>\(places)</ul>"))\
            \(when(instance.nextTimer != nil, "<p>The clock moves it \(Elements.time(instance.nextTimer, company)).</p>"))\
            \(reader.readsData ? contents(instance) : "<p>\(Self.withheld)</p>")
            """
    }

    private func contents(_ instance: InstanceView) -> HTML {
        """
        <dl>\(data("Input", instance.input))\(data("$context", instance.context))\(data("$tasks", instance.tasks))\
        \(data("Output", instance.output))\(when(instance.stoppedAt != nil, data("Input of the failed step", instance.stoppedWith)))</dl>
        """
    }

    private func data(_ name: String, _ value: JSON) -> HTML {
        if value == .null || value == .object([:]) { return .empty }
        return #"<dt>\#(name)</dt><dd><pre tabindex="0">\#(value.prettyText)</pre></dd>"#
    }
}
