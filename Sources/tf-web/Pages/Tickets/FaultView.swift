import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A workflow that stopped with an error, as a ticket admin sees it, and what can be done about it.
struct FaultView {
    let on: OnTicket
    let instances: [InstanceView]
    /// The ticket's tasks.
    let tasks: [TaskRecord]
    /// The reference of the step about which the last decision was to try it again; nil: none was tried again.
    let retried: String?
    let reader: TicketReader
    let typed: TypedInput
    let tags: FormTags

    private var ticket: Ticket { on.ticket }

    var html: HTML {
        guard ticket.state == .failed,
            let instance = instances.first(where: {
                $0.status == .faulted && ($0.depth == 0 || $0.stopped?.reference == "/")
            }),
            let error = instance.error
        else { return .empty }
        return """
            <section class="banner fail stack"><div><h2>\(title(instance))</h2>\
            \(cause(error))\(when(instance.stopped == nil, "<p>It cannot go on from here: the ticket can only be cancelled.</p>"))\
            </div>\(decision(instance))\(machineWords(instance, error))</section>\(skipping(instance))
            """
    }

    private func title(_ instance: InstanceView) -> String {
        let isAgain = retried != nil && retried == instance.stopped?.reference
        let failed = isAgain ? "was tried again and has failed again" : "failed"
        return instance.failedStep.map { "The step “\($0)” \(failed), and waits for your decision" }
            ?? "The workflow \(failed)"
    }

    /// What went wrong. The title and detail of an error may quote data, so only readers of the data see them.
    private func cause(_ error: WorkflowError) -> HTML {
        reader.readsData
            ? "<p>\(error.title)\(error.detail.map { ": \($0)" })</p>" : "<p class=\"sm\">\(InstanceTable.withheld)</p>"
    }

    /// What the workflow's author needs besides to mend it.
    private func machineWords(_ instance: InstanceView, _ error: WorkflowError) -> HTML {
        """
        <details><summary>What the workflow’s author has to know</summary><p class="sm">Status \(error.status), at \
        <code>\(instance.stopped?.reference ?? error.instance)</code></p></details>
        """
    }

    private func decision(_ instance: InstanceView) -> HTML {
        guard let stopped = instance.stopped else { return .empty }
        // The task's page has its form, which checks what is put in the place of its answers.
        let toTask = task(at: stopped, of: instance).map { task -> HTML in
            #"<a class="btn" href="/c/\#(on.company.slug)/tasks/\#(task.id)#skip">Skip the step…</a>"#
        }
        return """
            <form class="row" method="post" action="\(on.path)/retry">\(tags.hidden(version: ticket.version))\
            <button>Try the step again</button>\(toTask)</form>
            """
    }

    private func task(at stopped: StoppedStep, of instance: InstanceView) -> TaskRecord? {
        tasks.last {
            $0.instanceID == instance.id && $0.reference == stopped.reference && $0.visit == stopped.visit
        }
    }

    /// For a step that called no task: nothing says what its output has to be.
    private func skipping(_ instance: InstanceView) -> HTML {
        guard let stopped = instance.stopped, stopped.reference != "/", task(at: stopped, of: instance) == nil else {
            return .empty
        }
        return """
            <details class=card\(when(typed.errors.contains { $0.field == "output" }, " open"))><summary>Skip the step</summary>\
            <form class="stack" method="post" action="\(on.path)/skip" novalidate>\(tags.hidden(version: ticket.version))\
            \(Elements.field("output", label: "Its output instead, as JSON", hint: WrittenOutput.hint, errors: typed.errors) { attributes in
                "<textarea name=\"output\" rows=\"4\"\(attributes)>\n\(typed.form["output"])</textarea>"
            })<button>Skip the step</button></form></details>
            """
    }
}
