import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A comment on a ticket.
struct SentComment: RequestFields {
    let text: String
    let isInternal: Bool
    /// A program's alone: a person may reply whatever happened to the ticket meanwhile.
    let version: Int?

    init(_ fields: inout FieldReader) {
        text = fields.required("text", .text(1, .comment), ask: "Enter a reply")
        isInternal = fields.optional("internal", .flag, "true: a note for workers and ticket admins.") ?? false
        // The files that come with it are the form's, and go to the ticket.
        _ = fields.onPage(SentFiles.field, .list(of: .text))
        version = fields.version(isOnForms: false)
    }
}

/// The end of a ticket before its workflow's.
struct TicketCancellation: RequestFields {
    let reason: String?
    let version: Int?

    init(_ fields: inout FieldReader) {
        reason = fields.optional("reason", .text(0, .reason), "For everybody who reads the ticket.")
        version = fields.version()
    }
}

/// Files for a ticket, from its page.
struct SentFiles: RequestFields {
    static let field = "file"
    static let notInNotes =
        "Everybody who reads the ticket sees its files: send them with a reply, not with an internal note"

    let files: [String]

    init(_ fields: inout FieldReader) {
        files = fields.onPage(Self.field, .list(of: .text, most: ReplyForm.files.maximumFiles)) ?? []
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
        labels = fields.optional("labels", .list(of: .text(1, .label), most: TextLimit.limitLabels))
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

/// The same from the page, which sends all its fields: an empty one takes the value away.
struct TicketDetails: RequestFields {
    private let title: String
    private let priority: Priority?
    private let labels: String?
    private let due: WrittenMoment?
    let version: Int?

    init(_ fields: inout FieldReader) {
        title = fields.required("title", .text(1, .title), ask: "Enter a title")
        priority = fields.onPage("priority", .word)
        labels = fields.onPage("labels", .text)
        due = fields.onPage("due", .moment)
        version = fields.version()
    }

    /// What is not as it was.
    func change(of ticket: Ticket, in company: Company) -> TicketChange {
        var change = TicketChange()
        if title != ticket.title { change.title = title }
        if let priority, priority != ticket.priority { change.priority = priority }
        var words: [String] = []
        for word in (labels ?? "").split(separator: ",").map(\.trimmed) where !word.isEmpty && !words.contains(word) {
            words.append(word)
        }
        if JSON.strings(words) != ticket.labels { change.labels = words }
        let moment = due?.milliseconds(in: company)
        // The page shows no seconds.
        if moment.map({ $0 / 60_000 }) != ticket.dueAtMs.map({ $0 / 60_000 }) { change.due = .some(moment) }
        return change
    }
}

/// Of which ticket it is a duplicate, from the page.
struct DuplicateLink: RequestFields {
    private let written: String?
    /// Whether the link is to be removed, whatever stands in the field.
    private let removes: Bool
    /// Whether the ticket is to be cancelled as well.
    let cancels: Bool
    let version: Int?

    init(_ fields: inout FieldReader) {
        // Nothing in it is too long: what is no number is told as that, unless the link is removed.
        written = fields.onPage("duplicate_of", .text(0, 10_000))
        removes = fields.onPage("remove", .flag) ?? false
        cancels = (fields.onPage("cancel", .flag) ?? false) && !removes
        version = fields.version()
    }

    /// The other ticket's number, as people write it: `51` or `#51`; nil: none any more.
    func original() throws -> Int? {
        if removes { return nil }
        let digits = written.map { $0.hasPrefix("#") ? $0.dropFirst() : $0[...] }
        guard let number = digits.flatMap({ Int($0) }), number > 0 else {
            throw Failure.invalid([
                FieldError(field: "duplicate_of", message: "Enter the other ticket’s number, such as 51 or #51")
            ])
        }
        return number
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
}

/// The output of a skipped step as a person writes it: JSON in a field of the page.
enum WrittenOutput {
    static let hint: HTML = "What later steps read of it; {} if they read nothing."

    /// - Parameter output: the field as it was sent. An empty one stands for nothing: the workflow may decide by it.
    static func json(_ output: JSON?) throws -> JSON {
        guard let text = output?.stringValue else {
            throw refusal("Write the output; {} if later steps read nothing of it")
        }
        do {
            let written = try JSON(parsing: text)
            if written.pathOfNUL != nil { throw Failure.invalid([.nul(in: "output")]) }
            return written
        } catch let error as JSONSyntaxError {
            throw refusal("Write the output as JSON, such as {\"outcome\": \"approve\"}: it is \(error)")
        }
    }

    /// An output beside which an outcome is named.
    static func object(_ output: JSON?) throws -> JSONObject {
        guard let object = output?.objectValue else { throw refusal("The output of a task is an object, such as {}") }
        return object
    }

    private static func refusal(_ message: String) -> Failure {
        .invalid([FieldError(field: "output", message: message)])
    }
}

extension Substring {
    /// Without white space around it.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
    }
}
