import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A workflow that stopped with an error, as a ticket admin sees it, and what can be done about it.
struct FaultView {
    let on: OnTicket
    let instances: [InstanceView]
    let reader: TicketReader
    let typed: TypedInput
    let tags: FormTags

    private var ticket: Ticket { on.ticket }

    var html: HTML {
        guard ticket.state == .failed,
            let instance = instances.first(where: { $0.status == .faulted && ($0.depth == 0 || $0.stoppedAt == "/") }),
            let error = instance.error
        else { return .empty }
        return "<section class=\"banner fail stack\"><div>\(reason(error))</div>\(decision(instance, error))</section>"
    }

    /// Why the step failed. The title and detail of an error may quote data, so only readers of the data see them.
    private func reason(_ error: WorkflowError) -> HTML {
        reader.readsData
            ? "<h2>\(error.title), status \(error.status)</h2><p>\(error.detail ?? "")</p>"
            : "<h2>A step failed, status \(error.status)</h2><p>\(InstanceTable.withheld)</p>"
    }

    private func decision(_ instance: InstanceView, _ error: WorkflowError) -> HTML {
        guard let stopped = instance.stoppedAt else {
            return """
                <p class="sm">It failed as a whole, at <code>\(error.instance)</code>: the ticket can only be cancelled.</p>
                """
        }
        let isWrong = typed.errors.contains { $0.field == "output" }
        return """
            <p class="sm">The workflow waits at <code>\(stopped)</code> for a decision.</p>\
            <form class="row" method="post" action="\(on.path)/retry">\(tags.hidden(version: ticket.version))\
            <button>Try the step again</button></form>\
            <details\(when(isWrong, " open"))><summary>Skip the step</summary>\
            <form class="stack" method="post" action="\(on.path)/skip" novalidate>\(tags.hidden(version: ticket.version))\
            \(Elements.field("output", label: "Its output instead, as JSON", errors: typed.errors) { attributes in
                "<textarea name=\"output\" rows=\"4\"\(attributes)>\n\(typed.form["output"] ?? "{}")</textarea>"
            })<button>Skip the step</button></form></details>
            """
    }
}
