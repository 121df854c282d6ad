import TFExpression

/// The result of checking a form that opens a ticket.
package struct CheckedTicket: Sendable {
    package let answers: JSONObject
    package let title: String
    package let priority: Priority
    /// The errors of the title, then of the form in its order. The ticket may be opened only if there are none.
    package let errors: [FieldError]
}

extension TicketDefinition {
    /// Checks the answers and computes title and priority from them, all on one fuel.
    /// - Parameter typed: the title; nil if none was asked for.
    package func check(title typed: String?, _ given: JSONObject, _ context: FormContext) -> CheckedTicket {
        var meter = ExpressionMeter()
        let checked = form.check(given, context, &meter)
        let (typedTitle, titleError) = checkedTitle(typed)
        var errors = (titleError.map { [$0] } ?? []) + checked.errors
        // Nothing is computed from answers that are refused.
        let isTaken = errors.isEmpty
        let title = isTaken ? computedTitle(checked.answers, &meter) : nil
        if isTaken, meter.isExhausted { errors.append(.tooExpensive("title", "the expressions of this ticket type")) }
        let priority = errors.isEmpty ? priority(checked.answers, &meter) : .normal
        if errors.isEmpty, meter.isExhausted {
            errors.append(.tooExpensive("priority", "the expressions of this ticket type"))
        }
        return CheckedTicket(
            answers: checked.answers, title: title ?? typedTitle, priority: priority, errors: errors)
    }

    /// The computed title; nil if the person types it.
    ///
    /// A title that cannot be computed must not keep the ticket from being opened: the type's name is used then.
    package func computedTitle(_ answers: JSONObject, _ meter: inout ExpressionMeter) -> String? {
        guard let template = ticketTitle, template.isComputed else { return nil }
        let input: JSON = ["form": .object(answers)]
        let computed = try? meter.text(template, input, variables: ["ticket": .null])  // as said above
        let words = (computed ?? "").prefix(scalars: 10_000).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        return TextLimit.title.cut(words.isEmpty ? title : words)
    }

    /// The title after a correction of the answers; nil: it stays, since it is typed, or is not what was computed before,
    /// because somebody or the workflow has written another one. It stays, too, if computing takes too long.
    package func corrected(title: String, from before: JSONObject, to after: JSONObject) -> String? {
        var meter = ExpressionMeter()
        guard computedTitle(before, &meter)?.withoutNUL == title, let new = computedTitle(after, &meter)?.withoutNUL,
            new != title, !meter.isExhausted
        else { return nil }
        return new
    }

    /// The written or computed priority; `normal` if the expression gives none.
    package func priority(_ answers: JSONObject, _ meter: inout ExpressionMeter) -> Priority {
        switch priority {
        case .fixed(let priority): return priority
        case .computed(let expression):
            let input: JSON = ["form": .object(answers)]
            let value = try? meter.value(expression, input, variables: ["ticket": .null])  // as for the title
            return value?.stringValue.flatMap(Priority.init) ?? .normal
        }
    }
}
