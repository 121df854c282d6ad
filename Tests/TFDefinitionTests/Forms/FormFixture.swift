import TFExpression
import Testing

@testable import TFDefinition

enum FormFixture {
    static let today = CalendarDate("2026-11-22") ?? CalendarDate(days: 0)

    /// The form of a ticket with this body.
    static func form(_ body: String) throws -> Form {
        let text = "name: A\ndescription: B\nbody:\n" + body
        let parsed = Definition.parse(Array(text.utf8), file: "a.ticket.yaml", company: nil)
        guard case .ticket(let ticket)? = parsed.definition else { throw Unreadable(diagnostics: parsed.diagnostics) }
        return ticket.form
    }

    /// The form of a task with this body and the outcomes `approve` and `reject`.
    static func taskForm(_ body: String) throws -> Form {
        let text = "task: a\noutcomes: [approve, reject]\nbody:\n" + body
        let parsed = Definition.parse(Array(text.utf8), file: "a.task.yaml", company: nil)
        guard case .task(let task)? = parsed.definition, case .body(let form) = task.form else {
            throw Unreadable(diagnostics: parsed.diagnostics)
        }
        return form
    }

    /// An hour east of UTC, with two members and two files that were sent.
    static func context(outcome: String? = nil, input: JSON = .null) -> FormContext {
        var context = FormContext(today: today, offset: { _ in 3600 })
        context.outcome = outcome
        context.input = input
        let bob = FormPerson(login: "bob", name: "Bob Berger", roles: ["it"])
        let uma = FormPerson(login: "uma", name: "Uma User", roles: [])
        context.people = [
            "bob": [bob], "Bob Berger": [bob], "uma": [uma], "Kim": [bob, uma],
        ]
        for file in [
            FormUpload(id: AttachmentID("f1"), name: "Plan.PDF", mediaType: "application/pdf", size: 1000),
            FormUpload(id: AttachmentID("f2"), name: "photo.jpg", mediaType: "image/jpeg", size: 5000),
        ] { context.uploads[file.id] = file }
        return context
    }

    struct Unreadable: Error, CustomStringConvertible {
        let diagnostics: [Diagnostic]
        var description: String { diagnostics.map(\.description).joined(separator: "\n") }
    }
}
