import TFDefinition
import TFStore

/// The form for a worker's availability: available or away, now or planned, and what happens to their tasks.
struct AvailabilityForm {
    let worker: WorkerLoad
    let company: Company
    let typed: TypedInput
    let tags: FormTags

    private var action: String { "/c/\(company.slug)/my/availability" }
    private var errors: [FieldError] { typed.errors }

    var html: HTML {
        let isAvailable = worker.isAvailable
        return """
            <h2>Availability</h2><p>You are <strong>\(isAvailable ? "available" : "away")</strong>\
            \(isAvailable ? " and get new tasks" : " and get no new tasks")\(planned).</p>\
            <form class="buttons" method="post" action="\(action)">\(tags.hidden())\
            <input type="hidden" name="available" value="\(isAvailable ? "false" : "true")">\
            \(when(isAvailable, handover("What becomes of your tasks", in: "now")))\
            <button class="second">\(isAvailable ? "Go away" : "I am back")</button></form>\(plan)
            """
    }

    private var planned: HTML {
        guard let moment = worker.changesAtMs else { return .empty }
        return "; this changes on \(Elements.time(moment, company))"
    }

    private var plan: HTML {
        """
        <details\(when(!errors.isEmpty, " open"))><summary>Plan it</summary>\
        <form method="post" action="\(action)" novalidate>\(tags.hidden())\
        \(Elements.field("available", label: "You will be", errors: errors) { attributes in
            """
            <select name="available"\(attributes)>\(option("available", "false", "away"))\
            \(option("available", "true", "available"))</select>
            """
        })\
        \(moment("from", "From", "Empty: from now on."))\
        \(moment("until", "Until", "Then it is the other way again. Empty: it stays so."))\
        \(handover("Your tasks when you go"))<button class="second">Plan</button></form></details>
        """
    }

    private func moment(_ name: String, _ label: String, _ hint: HTML) -> HTML {
        Elements.field(name, label: label, hint: hint, isOptional: true, errors: errors) { attributes in
            #"<input type="datetime-local" name="\#(name)" value="\#(typed.form[name] ?? "")"\#(attributes)>"#
        }
    }

    /// - Parameter form: which of two forms on the page the field is in; nil if there is only one.
    private func handover(_ label: String, in form: String? = nil) -> HTML {
        Elements.field("handover", in: form, label: label, errors: form == nil ? errors : []) { attributes in
            """
            <select name="handover"\(attributes)>\
            \(option("handover", Handover.notStarted.rawValue, "Those not started go to others"))\
            \(option("handover", Handover.keep.rawValue, "I keep all"))\
            \(option("handover", Handover.all.rawValue, "All go to others"))</select>
            """
        }
    }

    private func option(_ name: String, _ value: String, _ label: String) -> HTML {
        #"<option value="\#(value)"\#(when(typed.form[name] == value, " selected"))>\#(label)</option>"#
    }
}
