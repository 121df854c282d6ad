import TFExpression
import Testing

@testable import TFDefinition

@Suite struct FormTests {
    private let today = CalendarDate("2026-11-22") ?? CalendarDate(days: 0)

    private static let source = """
        name: A
        description: B
        body:
          - { type: input, id: name, attributes: { label: Name }, validations: { required: true, max_length: 5 } }
          - { type: textarea, id: text, attributes: { label: Text } }
          - { type: number, id: n, attributes: { label: Count }, validations: { min: 1, max: 10, step: 0.5 } }
          - { type: date, id: d, attributes: { label: Day }, validations: { not_before: today, not_after: today+3d } }
          - { type: email, id: mail, attributes: { label: Mail } }
          - { type: dropdown, id: one, attributes: { label: One, options: [a, b] } }
          - { type: dropdown, id: many, attributes: { label: Many, multiple: true, options: [a, b, c] } }
          - type: checkboxes
            id: boxes
            attributes: { label: Boxes, options: [ { label: Yes, required: true }, { label: Other, value: o } ] }
        """

    private func form() throws -> Form {
        let parsed = Definition.parse(Array(Self.source.utf8), file: "a.ticket.yaml", company: nil)
        guard case .ticket(let ticket)? = parsed.definition else {
            throw StringError(description: "\(parsed.diagnostics)")
        }
        return ticket.form
    }

    struct StringError: Error, CustomStringConvertible {
        let description: String
    }

    @Test func `good answers are stored in the form's order, trimmed, without the empty ones`() throws {
        let form = try form()
        let posted = [
            "name": [" Bob "], "text": ["a\r\nb"], "n": ["2.50"], "d": ["2026-11-25"], "mail": [""], "one": ["b"],
            "many": ["c", "a"], "boxes": ["Yes"],
        ]
        let checked = form.check(form.answers(posted: posted), FormContext(today: today))
        #expect(checked.errors.isEmpty)
        #expect(
            JSON.object(checked.answers).text
                == #"{"name":"Bob","text":"a\nb","n":2.50,"d":"2026-11-25","one":"b","many":["a","c"],"boxes":["Yes"]}"#
        )
    }

    private static let refusals: [(field: String, value: JSON, message: String)] = [
        ("name", JSON.null, "Enter Name"), ("name", "toolong", "Name must be 5 characters or fewer"),
        ("name", 5, "Name must be one text"), ("name", "a\nb", "Name must be one line"),
        ("n", "abc", "Count must be a number, like 12.5"), ("n", 11, "Count must be 10 or less"),
        ("n", 0, "Count must be 1 or more"), ("n", JSON.double(1.3), "Count must go in steps of 0.5"),
        ("d", "2026-11-21", "Day must be 2026-11-22 or later"),
        ("d", "2026-11-26", "Day must be 2026-11-25 or earlier"),
        ("d", "2026-02-30", "Day must be a date, like 2026-11-22"),
        ("mail", "nobody", "Mail must be an email address, like name@example.com"),
        ("one", "x", "One has no option \"x\""), ("one", .array(["a", "b"]), "One takes one option"),
        ("many", .array(["a", "x"]), "Many has no option \"x\""), ("boxes", .array(["o"]), "Tick \"Yes\""),
        ("nam", "x", "This form has no field \"nam\"; did you mean \"name\"?"),
    ]

    @Test(arguments: refusals)
    func `a wrong answer is refused in words that say what to do`(_ field: String, _ value: JSON, _ message: String)
        throws
    {
        var answers: JSONObject = ["name": "Bob", "boxes": ["Yes"]]
        answers[field] = value
        let errors = try form().check(answers, FormContext(today: today)).errors
        #expect(errors == [FieldError(field: "form.\(field)", message: message)])
    }

    @Test func `dates count days from 1970 and back`() throws {
        for text in ["1970-01-01", "2000-02-29", "1969-12-31", "2026-11-22", "9999-12-31", "0001-01-01"] {
            #expect(CalendarDate(text)?.description == text)
        }
        #expect(CalendarDate("1970-01-01")?.days == 0)
        #expect(CalendarDate("2026-11-22")?.days == 20_779)
        #expect(CalendarDate("2025-02-29") == nil)
        #expect(CalendarDate("2025-2-9") == nil)
    }

    @Test(arguments: [
        ("30m", 1_800.0), ("4h", 14_400), ("2d", 172_800), ("PT1H30M", 5_400), ("P1DT2H", 93_600), ("P1W", 604_800),
    ])
    func `durations are read`(_ text: String, _ seconds: Double) { #expect(TimeSpan(text)?.seconds == seconds) }

    @Test(arguments: ["", "P", "PT", "4", "h", "4 h", "P1H", "PT1D", "-4h", "P1D2H"])
    func `other texts are no durations`(_ text: String) { #expect(TimeSpan(text) == nil) }
}
