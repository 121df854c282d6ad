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

    private var conditions: TaskConditions { query.conditions }

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
        if conditions.isOverdue { add("overdue", "late") }
        if conditions.isUnassigned { add("unassigned", "with nobody") }
        if conditions.isStuck { add("stuck", "stuck") }
        if let type = conditions.type { add("type", types[type]) }
        if let step = conditions.step { add("step", "“\(steps[step])”") }
        if let login = conditions.assignee { add("assignee", "with \(FilterField.person(login, person))") }
        if let priority = conditions.priority { add("priority", "\(priority.rawValue) priority") }
        if let label = conditions.label { add("label", "labelled “\(label)”") }
        if let text = conditions.text { add("text", "ticket's title has “\(text)”") }
        if let number = conditions.ticket { add("ticket", "of ticket #\(number)") }
        return parts + query.opened.parts(address, in: company)
    }

    private func menu(_ choices: TaskChoices) -> HTML {
        let offered = types.choices(types.inForce).map { FilterField.Option(value: $0.name, label: $0.title) }
        let assignee = conditions.assignee.map { Words.capitalized(FilterField.person($0, person)) }
        let fields =
            [
                FilterField.select(
                    "type", "Type", offered, conditions.type, chosen: conditions.type.map { types[$0] })
            ]
            + FilterField.tasks(
                choices, steps, step: conditions.step, assignee: conditions.assignee, chosen: assignee) + [
                FilterField.priority(conditions.priority),
                FilterField.text("label", "Label", conditions.label),
                FilterField.text("text", "Ticket's title has", conditions.text), FilterField.days(query.opened),
                FilterField.flag("overdue", "Late", conditions.isOverdue),
                FilterField.flag("unassigned", "With nobody", conditions.isUnassigned),
                FilterField.flag("stuck", "Stuck", conditions.isStuck),
            ]
        return FilterField.form(address, keeping: ["state", "sort", "ticket"], fields)
    }
}
