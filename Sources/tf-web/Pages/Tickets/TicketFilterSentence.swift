import TFDefinition
import TFEngine
import TFStore

/// The sentence above a list of tickets, and what its parts are called.
struct TicketFilterSentence {
    let query: TicketListQuery
    let address: ListAddress
    let company: Company
    let types: DefinitionTitles
    let steps: DefinitionTitles
    /// nil: the menu is closed.
    let choices: TicketChoices?
    /// The names of the people in the query, by login.
    let people: [String: String]

    /// What stands at the sentence's end.
    var end: HTML = .empty

    var html: HTML {
        FilterSentence(
            subject: "\(adjective) tickets", parts: parts, address: address, menu: choices.map(menu),
            plain: ListAddress(address.path, [stateItem]),
            end: end
        ).html
    }

    var adjective: String { query.state?.label ?? "All" }

    private var stateItem: (name: String, value: String?) {
        ("state", address.items.first { $0.name == "state" }?.value)
    }

    var parts: [FilterPart] {
        let conditions = query.conditions
        var parts: [FilterPart] = []
        func add(_ name: String, _ words: String) {
            parts.append(FilterPart(words: words, without: address.without(name)))
        }
        if conditions.isOverdue { add("overdue", "late") }
        if conditions.isUnassigned { add("unassigned", "with nobody") }
        if conditions.isStuck { add("stuck", "stuck") }
        if let type = conditions.type { add("type", types[type]) }
        if let step = conditions.step { add("step", "at “\(steps[step])”") }
        if let login = conditions.assignee { add("assignee", "with \(name(login))") }
        if let login = conditions.requester { add("requester", "from \(name(login))") }
        if let priority = conditions.priority { add("priority", "\(priority.rawValue) priority") }
        if let label = conditions.label { add("label", "labelled “\(label)”") }
        if let text = conditions.text { add("text", "title has “\(text)”") }
        return parts + query.opened.parts(address, in: company)
    }

    private func name(_ login: String) -> String { FilterField.person(login, people[login]) }

    /// The same at the beginning of a line.
    private func chosen(_ login: String) -> String { Words.capitalized(name(login)) }

    private func menu(_ choices: TicketChoices) -> HTML {
        let conditions = query.conditions
        // A retired type is offered as long as there are tickets of it.
        let offered = types.inForce.union((choices.types ?? [:]).keys)
        var fields: [HTML] = [
            FilterField.select(
                "type", "Type",
                types.choices(offered).map { name, title in
                    FilterField.Option(value: name, label: title, count: choices.types.map { $0[name] ?? 0 })
                }, conditions.type, chosen: conditions.type.map { types[$0] })
        ]
        if choices.tasks != nil {
            fields.append(
                choices.requesters.map { people in
                    FilterField.select(
                        "requester", "Asked by", any: "Anybody",
                        people.map {
                            FilterField.Option(value: $0.value, label: $0.name ?? $0.value, count: $0.count)
                        }, conditions.requester, chosen: conditions.requester.map(chosen))
                } ?? FilterField.text("requester", "Asked by (user name)", conditions.requester))
        }
        if let tasks = choices.tasks {
            fields += FilterField.tasks(
                tasks, steps, step: conditions.step, assignee: conditions.assignee,
                chosen: conditions.assignee.map(chosen))
        }
        fields += [
            FilterField.priority(conditions.priority), FilterField.text("label", "Label", conditions.label),
            FilterField.text("text", "Title has", conditions.text), FilterField.days(query.opened),
        ]
        if choices.tasks != nil {
            fields += [
                FilterField.flag("overdue", "Late: its own date or that of a step has passed", conditions.isOverdue),
                FilterField.flag("unassigned", "With nobody", conditions.isUnassigned),
                FilterField.flag("stuck", "Stuck", conditions.isStuck),
            ]
        }
        return FilterField.form(
            address, keeping: ["state", "sort"] + (choices.tasks == nil ? ["requester"] : []), fields)
    }
}

/// What the menu offers to choose from.
struct TicketChoices {
    /// How many tickets match, by type; nil: too many to count.
    let types: [String: Int]?
    /// nil: there are too many to choose from.
    let requesters: [ListChoice]?
    /// nil: the list offers no conditions on tasks.
    let tasks: TaskChoices?
}

extension FilterField {
    /// Somebody whom a filter names by their login.
    /// - Parameter name: nil if nobody of the company has that login.
    static func person(_ login: String, _ name: String?) -> String {
        login == "me" ? "you" : name ?? "“\(login)”, who is not a member here"
    }

    /// Fields for the step at which something is and the person who has it.
    /// - Parameters:
    ///   - titles: of the steps.
    ///   - chosen: what people call the assignee.
    static func tasks(
        _ choices: TaskChoices, _ titles: DefinitionTitles, step: String?, assignee: String?, chosen: String?
    ) -> [HTML] {
        let counts = choices.steps.reduce(into: [String: Int]()) { $0[$1.value] = $1.count }
        let steps = titles.choices(Set(choices.steps.map(\.value))).map { name, title in
            Option(value: name, label: title, count: choices.isCut ? nil : counts[name])
        }
        let people = choices.people.map {
            Option(value: $0.value, label: $0.name ?? $0.value, count: choices.isCut ? nil : $0.count)
        }
        return [
            select("step", "Now at", steps, step, chosen: step.map { titles[$0] }),
            select("assignee", "With", any: "Anybody", people, assignee, chosen: chosen),
        ]
    }
}
