import TFExpression

/// The result of checking a form that opens a ticket.
package struct CheckedTicket: Sendable {
    package let answers: JSONObject
    package let title: String
    package let priority: Priority
    /// What of the title and the priority could not be computed, so that the default stands.
    package let uncomputed: [UncomputedKey]
    /// The errors of the title, then of the form in its order. The ticket may be opened only if there are none.
    package let errors: [FieldError]
}

/// What a key of a ticket type comes to for certain answers.
package struct KeyValue<Value: Sendable & Hashable>: Sendable, Hashable {
    package let value: Value
    /// Why the value is the key's default; nil: it was computed, or is written down.
    package let failure: UncomputedKey?

    init(_ value: Value, insteadOf failure: UncomputedKey? = nil) {
        self.value = value
        self.failure = failure
    }
}

/// A key of a ticket type whose expression gave no usable value.
///
/// That must not keep a ticket from being opened, so the key's default stands, and the ticket's history tells why.
package struct UncomputedKey: Sendable, Hashable {
    package enum Key: String, Sendable, Hashable, CaseIterable {
        /// Its default is the name of the ticket type.
        case title
        /// Its default is `normal`.
        case priority
    }

    package let key: Key
    /// The expression's error, or what it gave. It may hold an answer.
    package let error: String

    init(_ key: Key, _ error: String) {
        self.key = key
        self.error = error
    }
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
        let priority = errors.isEmpty ? priority(checked.answers, &meter) : KeyValue(Priority.normal)
        if errors.isEmpty, meter.isExhausted {
            errors.append(.tooExpensive("priority", "the expressions of this ticket type"))
        }
        return CheckedTicket(
            answers: checked.answers, title: title?.value ?? typedTitle, priority: priority.value,
            uncomputed: [title?.failure, priority.failure].compactMap(\.self), errors: errors)
    }

    /// The computed title, or the type's name in its place; nil if the person types it.
    package func computedTitle(_ answers: JSONObject, _ meter: inout ExpressionMeter) -> KeyValue<String>? {
        guard let template = ticketTitle, template.isComputed else { return nil }
        do {
            let text = try meter.text(template, ["form": .object(answers)], variables: ["ticket": .null])
            let words = text.prefix(scalars: 10_000).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return KeyValue(TextLimit.title.shortened(words.isEmpty ? title : words))
        } catch {
            return KeyValue(TextLimit.title.shortened(title), insteadOf: UncomputedKey(.title, "\(error)"))
        }
    }

    /// The title after a correction of the answers; nil: it stays, since it is typed, or is not what was computed before,
    /// because somebody or the workflow has written another one. It stays, too, if computing takes too long.
    package func corrected(title: String, from before: JSONObject, to after: JSONObject) -> KeyValue<String>? {
        var meter = ExpressionMeter()
        guard computedTitle(before, &meter)?.value.withoutNUL == title, let new = computedTitle(after, &meter),
            new.value.withoutNUL != title, !meter.isExhausted
        else { return nil }
        return KeyValue(new.value.withoutNUL, insteadOf: new.failure)
    }

    /// The written or computed priority; `normal` if the expression gives none, and in the place of one that it fails to
    /// give.
    package func priority(_ answers: JSONObject, _ meter: inout ExpressionMeter) -> KeyValue<Priority> {
        switch priority {
        case .fixed(let priority): return KeyValue(priority)
        case .computed(let expression):
            do {
                let given = try meter.value(
                    expression, ["form": .object(answers)], variables: ["ticket": .null])
                if given == .null { return KeyValue(.normal) }
                if let priority = given.stringValue.flatMap(Priority.init) { return KeyValue(priority) }
                let names = Priority.allCases.map(\.rawValue).joined(separator: ", ")
                return KeyValue(
                    .normal, insteadOf: UncomputedKey(.priority, "it gave \(given.text), not one of \(names)"))
            } catch {
                return KeyValue(.normal, insteadOf: UncomputedKey(.priority, "\(error)"))
            }
        }
    }
}
