import TFDefinition
import TFEngine
import TFStore

/// The sentence above a ticket admin's list of tasks, and what its parts are called.
struct TaskFilterSentence {
    let query: ManagedTasksQuery
    let address: ListAddress
    let company: Company
    let types: DefinitionTitles
    let steps: DefinitionTitles
    /// nil: the menu is closed.
    let choices: TaskChoices?
    /// The name of the person in the query; nil: there is none.
    let person: String?

    /// What stands at the sentence's end.
    var end: HTML = .empty

    var html: HTML {
        let state = address.items.first { $0.name == "state" }?.value
        return FilterSentence(
            subject: "\(adjective) tasks", parts: parts, address: address, menu: choices.map(menu),
            plain: ListAddress(address.path, [("state", state)]),
            end: end
        ).html
    }

    var adjective: String {
        switch query.state {
        case .open: "Open"
        case .all: "All"
        case .one(let state): state.label
        }
    }

    var parts: [FilterPart] {
        var parts: [FilterPart] = []
        func add(_ name: String, _ words: String) {
            parts.append(FilterPart(words: words, without: address.without(name)))
        }
        if query.isOverdue { add("overdue", "late") }
        if query.isUnassigned { add("unassigned", "with nobody") }
        if query.isStuck { add("stuck", "stuck") }
        if let type = query.type { add("type", types[type]) }
        if let step = query.step { add("step", "“\(steps[step])”") }
        if let login = query.assignee { add("assignee", "with \(FilterField.person(login, person))") }
        if let priority = query.priority { add("priority", "\(priority.rawValue) priority") }
        if let label = query.label { add("label", "labelled “\(label)”") }
        if let text = query.text { add("text", "ticket's title has “\(text)”") }
        if let number = query.ticket { add("ticket", "of ticket #\(number)") }
        return parts + query.opened.parts(address, in: company)
    }

    private func menu(_ choices: TaskChoices) -> HTML {
        let offered = types.choices(types.inForce).map { FilterField.Option(value: $0.name, label: $0.title) }
        let assignee = query.assignee.map { Words.capitalized(FilterField.person($0, person)) }
        let fields =
            [FilterField.select("type", "Type", offered, query.type, chosen: query.type.map { types[$0] })]
            + FilterField.tasks(choices, steps, step: query.step, assignee: query.assignee, chosen: assignee) + [
                FilterField.priority(query.priority), FilterField.text("label", "Label", query.label),
                FilterField.text("text", "Ticket's title has", query.text), FilterField.days(query.opened),
                FilterField.flag("overdue", "Late", query.isOverdue),
                FilterField.flag("unassigned", "With nobody", query.isUnassigned),
                FilterField.flag("stuck", "Stuck", query.isStuck),
            ]
        return FilterField.form(address, keeping: ["state", "sort", "ticket"], fields)
    }
}
