import TFExpression

/// Checks the tickets that workflows open.
extension Catalog {
    func checkOpened(_ name: String, _ reference: Reference, _ diagnostics: inout Diagnostics) {
        checkTicket(name, reference, &diagnostics)
        guard let ticket = tickets[name] else { return }
        if ticket.isRetired {
            diagnostics.error("the ticket \"\(name)\" is retired; nothing new is opened of it", at: reference.position)
        }
        if ticket.checkedTitle(nil).error != nil {
            diagnostics.error(
                "the ticket \"\(name)\" asks for a title, which a workflow cannot give; write a \"title\" into its definition",
                at: reference.position)
        }
    }

    func checkAnswer(_ field: String, _ type: String, _ reference: Reference, _ diagnostics: inout Diagnostics) {
        guard let ticket = tickets[type], ticket.form.field(field) == nil else { return }
        let names = ticket.form.fields.map(\.id)
        diagnostics.error(
            "the form of ticket \"\(type)\" has no field \"\(field)\"", at: reference.position,
            suggestion: nearestName(to: field, among: names))
    }

    /// Reports answers that the form will certainly refuse.
    func checkAnswers(
        _ given: [String: JSON?], _ type: String, _ reference: Reference, _ diagnostics: inout Diagnostics
    ) {
        guard let ticket = tickets[type] else { return }
        let context = FormContext(today: CalendarDate(secondsSince1970: 0, offset: 0), offset: { _ in 0 })
        for (id, element) in ticket.form.fields where element.visibleIf == nil {
            if element.dependsOnTheWorld, given[id] != nil { continue }
            // Computed answers are known only when the workflow runs.
            if case .some(nil) = given[id] { continue }
            let answer = (given[id] ?? nil) ?? .null
            do { _ = try element.checked(answer, context) } catch {
                diagnostics.error(
                    "the form of ticket \"\(type)\" refuses this: \(error.message)", at: reference.position)
            }
        }
    }
}

extension FormElement {
    /// Whether the check of an answer depends on the date, the people or the files that exist.
    fileprivate var dependsOnTheWorld: Bool {
        switch kind {
        case .date, .datetime, .user, .upload: true
        case .markdown, .section, .text, .number, .time, .choice, .checkboxes, .checkbox: false
        }
    }
}
