import TFDefinition
import TFStore

/// A worker's own switch: available or away, now or planned, with what becomes of the tasks.
struct AvailabilityForm {
    let worker: WorkerLoad
    let company: Company
    let errors: [FieldError]

    func html(csrf: String) -> HTML {
        """
        <h2>Availability</h2><p>You are <strong>\(worker.isAvailable ? "available" : "away")</strong>\
        \(worker.isAvailable ? " and get new tasks" : " and get no new tasks")\(planned).</p>\
        <form class="buttons" method="post" action="/c/\(company.slug)/my/availability">\
        \(Elements.hidden(csrf: csrf))<input type="hidden" name="available" value="\(worker.isAvailable ? "false" : "true")">\
        \(when(worker.isAvailable, handover))\
        <button class="second">\(worker.isAvailable ? "Go away" : "I am back")</button></form>\(plan(csrf: csrf))
        """
    }

    private var planned: HTML {
        guard let moment = worker.changesAtMs else { return .empty }
        return "; this changes on \(Elements.time(moment, company))"
    }

    private var handover: HTML {
        Elements.field("handover", in: "now", label: "What becomes of your tasks", errors: []) { attributes in
            """
            <select name="handover"\(attributes)><option value="not_started">Those not started go to others</option>\
            <option value="keep">I keep all</option><option value="all">All go to others</option></select>
            """
        }
    }

    private func plan(csrf: String) -> HTML {
        """
        <details\(when(!errors.isEmpty, " open"))><summary>Plan it</summary>\
        <form method="post" action="/c/\(company.slug)/my/availability" novalidate>\(Elements.hidden(csrf: csrf))\
        \(Elements.field("available", label: "You will be", errors: errors) { attributes in
            """
            <select name="available"\(attributes)><option value="false">away</option>\
            <option value="true">available</option></select>
            """
        })\
        \(moment("from", "From", "Empty: from now on."))\
        \(moment("until", "Until", "Then it is the other way again. Empty: it stays so."))\
        \(Elements.field("handover", label: "Your tasks when you go", errors: []) { attributes in
            """
            <select name="handover"\(attributes)><option value="not_started">Those not started go to others</option>\
            <option value="keep">I keep all</option><option value="all">All go to others</option></select>
            """
        })<button class="second">Plan</button></form></details>
        """
    }

    private func moment(_ name: String, _ label: String, _ hint: HTML) -> HTML {
        Elements.field(name, label: label, hint: hint, isOptional: true, errors: errors) { attributes in
            #"<input type="datetime-local" name="\#(name)"\#(attributes)>"#
        }
    }

    /// What was posted.
    /// - Throws: `StoreError.invalid`.
    static func read(_ form: PostedForm, _ company: Company) throws -> Availability {
        func moment(_ name: String) throws -> Int64? {
            guard let text = form.text(name) else { return nil }
            guard let moment = company.moment(text) else {
                throw StoreError.invalid([FieldError(field: name, message: "Not a date with a time: \(text)")])
            }
            return moment
        }
        return Availability(
            isAvailable: form["available"] == "true", from: try moment("from"), until: try moment("until"),
            handover: form["handover"].flatMap(Handover.init(rawValue:)) ?? .notStarted)
    }
}
