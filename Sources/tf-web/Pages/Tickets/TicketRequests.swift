import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A comment on a ticket.
struct SentComment: RequestFields {
    let text: String
    let isInternal: Bool

    init(_ fields: inout FieldReader) {
        text = fields.required("text", .text(1, .comment), ask: "Enter a comment")
        isInternal = fields.optional("internal", .flag, "true: a note for workers and ticket admins.") ?? false
    }
}

/// Changes that a ticket admin makes to a ticket; missing fields stay.
struct TicketEdit: RequestFields {
    private let title: String?
    private let priority: Priority?
    private let labels: [String]?
    private let due: WrittenMoment??
    private let duplicateOf: Int??
    let version: Int?

    init(_ fields: inout FieldReader) {
        title = fields.optional("title", .text(1, .title))
        priority = fields.optional("priority", .word)
        labels = fields.optional("labels", .list(of: .text(1, .label), most: TextLimit.mostLabels))
        due = fields.optional("due", .orNull(.moment), "null: not any more.")
        duplicateOf = fields.optional(
            "duplicate_of", .orNull(.number), "The number of the ticket that says the same; null: none.")
        version = fields.version()
    }

    /// The number of the ticket of which this one is a duplicate; nil if none is named.
    var original: Int? { duplicateOf ?? nil }

    func change(in company: Company) -> TicketChange {
        var change = TicketChange()
        change.title = title
        change.priority = priority
        change.labels = labels
        change.due = due.map { $0?.milliseconds(in: company) }
        change.duplicateOf = duplicateOf
        return change
    }
}

/// The output that a failed step is given when it is skipped.
struct SkippedStep: RequestFields {
    static let isAlwaysSent = true

    let output: JSON?
    let version: Int?

    init(_ fields: inout FieldReader) {
        output = fields.optional("output", .any)
        version = fields.version()
    }

    /// The output typed into the page's field as JSON text; an empty object if the field is empty.
    func outputAsWritten() throws -> JSON {
        guard let text = output?.stringValue else { return [:] }
        do {
            let written = try JSON(parsing: text)
            if written.pathOfNUL != nil { throw Failure.invalid([.nul(in: "output")]) }
            return written
        } catch let error as JSONSyntaxError {
            let message = "The output is \(error); write JSON such as {\"outcome\": \"approve\"}"
            throw Failure.invalid([FieldError(field: "output", message: message)])
        }
    }
}
