import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The workflow instances of a ticket: the present steps of each, and its data.
struct InstanceTable {
    let instances: [InstanceView]
    let times: Times
    let reader: TicketReader

    static let withheld = "Its data is not shown: it may hold answers that are not yours to read."

    var html: HTML {
        instances.isEmpty ? "<p>The workflow has not begun yet.</p>" : "\(instances.map(instance))"
    }

    private func instance(_ instance: InstanceView) -> HTML {
        let places = instance.waiting.map { place -> HTML in
            "<li><code>\(place.reference)</code> waits for \(place.because)</li>"
        }
        return """
            <section class="card stack"><header><h2>\(instance.workflow)</h2>\
            <span class="soft sm end">Instance \(instance.id), \(instance.status.rawValue)</span></header>\
            \(failure(instance))\(when(!places.isEmpty, "<ul>\(places)</ul>"))\
            \(when(instance.nextTimer != nil, "<p>The clock moves it on \(times.moment(instance.nextTimer)).</p>"))\
            \(reader.readsData ? contents(instance) : "<p>\(Self.withheld)</p>")</section>
            """
    }

    /// The error at which it stopped. Its title and detail may quote data, so only readers of the data see them.
    private func failure(_ instance: InstanceView) -> HTML {
        guard let error = instance.error else { return .empty }
        let words: HTML =
            reader.readsData
            ? "\(error.title)\(error.detail.map { ": \($0)" }) (status \(error.status))" : "Status \(error.status)"
        return """
            <div class="banner fail"><p><b>Failed at <code>\(instance.stopped?.reference ?? error.instance)</code></b></p>\
            <p class="sm">\(words)</p></div>
            """
    }

    /// What an instance holds that has ended is looked at seldom.
    private func contents(_ instance: InstanceView) -> HTML {
        let isOver = instance.status == .completed || instance.status == .cancelled
        return isOver ? "<details><summary>Its data</summary>\(values(instance))</details>" : values(instance)
    }

    private func values(_ instance: InstanceView) -> HTML {
        let held = instance.data
        let stopped = instance.stopped.map { data("Input of the failed step", $0.input) }
        return """
            <dl class=stack>\(data("Input", held.input))\(data("$context", held.context))\(data("$tasks", held.tasks))\
            \(data("Output", held.output))\(stopped)</dl>
            """
    }

    private func data(_ name: String, _ value: JSON) -> HTML {
        if value == .null || value == .object([:]) { return .empty }
        return #"<div><dt>\#(name)</dt><dd><pre tabindex="0">\#(value.prettyText)</pre></dd></div>"#
    }
}
