import TFExpression
import Testing

@testable import TFDefinition

@Suite struct VisibilityTests {
    private static let body = """
        - { type: input, id: name, attributes: { label: Name } }
        - { type: number, id: n, attributes: { label: Count } }
        - { type: date, id: d, attributes: { label: Day } }
        - { type: dropdown, id: sys, attributes: { label: System, options: [CRM, { value: w, label: Wiki }] } }
        - { type: checkboxes, id: tags, attributes: { label: Tags, options: [{ label: red }, { label: blue }] } }
        - { type: checkbox, id: ok, attributes: { label: Fine } }
        - { type: input, id: z, attributes: { label: Z }, validations: { required: true }, visible_if:
        """

    private static let answers: JSONObject = [
        "name": "Bob", "n": 10, "d": "2026-11-22", "sys": "w", "tags": ["red"], "ok": true,
    ]

    @Test(arguments: [
        ("{ field: name, equals: Bob }", true, "Name is Bob"),
        ("{ field: name, not_equals: Bob }", false, "Name is not Bob"),
        ("{ field: name, contains: ob }", true, "Name has ob"),
        ("{ field: name, in: [Ann, Bob] }", true, "Name is one of Ann, Bob"),
        ("{ field: name, not_in: [Ann, Bob] }", false, "Name is none of Ann, Bob"),
        ("{ field: name, is_empty: true }", false, "Name is empty"),
        ("{ field: name, is_not_empty: true }", true, "Name is filled in"),
        ("{ field: name, is_empty: false }", true, "Name is filled in"),
        ("{ field: n, equals: 10.0 }", true, "Count is 10"),
        ("{ field: n, gt: 9 }", true, "Count is more than 9"),
        ("{ field: n, gt: 10 }", false, "Count is more than 10"),
        ("{ field: n, gte: 10 }", true, "Count is 10 or more"),
        ("{ field: n, lt: 10 }", false, "Count is less than 10"),
        ("{ field: n, lte: 10 }", true, "Count is 10 or less"),
        ("{ field: d, gt: 2026-11-21 }", true, "Day is more than 2026-11-21"),
        ("{ field: d, lt: 2026-11-22 }", false, "Day is less than 2026-11-22"),
        ("{ field: sys, equals: w }", true, "System is Wiki"),
        ("{ field: tags, contains: red }", true, "Tags has red"),
        ("{ field: tags, contains: blue }", false, "Tags has blue"),
        ("{ field: tags, equals: red }", true, "Tags is red"),
        ("{ field: ok, equals: true }", true, "Fine is ticked"),
        ("{ field: ok, equals: false }", false, "Fine is not ticked"),
        ("{ not: { field: n, equals: 1 } }", true, "not (Count is 1)"),
        (
            "{ all: [ { field: n, gt: 1 }, { any: [ { field: ok, equals: false }, { field: sys, equals: CRM } ] } ] }",
            false, "Count is more than 1 and (Fine is not ticked or System is CRM)"
        ),
        ("{ any: [ { field: n, equals: 1 }, { field: name, equals: Bob } ] }", true, "Count is 1 or Name is Bob"),
    ])
    func `a condition decides whether a field is asked for, and says so in words`(
        _ condition: String, _ isShown: Bool, _ words: String
    ) throws {
        let form = try FormFixture.form("\(Self.body) \(condition) }\n")
        let checked = form.check(Self.answers, FormFixture.context())
        #expect(checked.hidden == (isShown ? [] : [6]))
        #expect(checked.errors.map(\.message) == (isShown ? ["Fill in “Z”"] : []))
        #expect(form.field("z")?.visibleIf?.words(form) == words)
    }

    @Test func `a hidden field is not validated, not stored, and empty for the conditions behind it`() throws {
        let form = try FormFixture.form(
            """
            - { type: checkbox, id: a, attributes: { label: A } }
            - { type: number, id: b, attributes: { label: B }, visible_if: { field: a, equals: true } }
            - { type: input, id: c, attributes: { label: C }, visible_if: { field: b, gt: 1 } }
            - { type: input, id: d, attributes: { label: D }, visible_if: { field: b, is_empty: true } }
            """)
        let given: JSONObject = ["a": false, "b": "no number", "c": "x", "d": "y"]
        let hidden = form.check(given, FormFixture.context())
        #expect(hidden.errors.isEmpty)
        #expect(hidden.hidden == [1, 2])
        #expect(JSON.object(hidden.answers).text == #"{"a":false,"d":"y"}"#)
        let shown = form.check(["a": true, "b": 5, "c": "x", "d": "y"], FormFixture.context())
        #expect(shown.hidden == [3])
        #expect(JSON.object(shown.answers).text == #"{"a":true,"b":5,"c":"x"}"#)
    }

    @Test func `a section and a text between fields may have a condition too`() throws {
        let form = try FormFixture.form(
            """
            - { type: checkbox, id: a, attributes: { label: A } }
            - { type: section, attributes: { label: S }, visible_if: { field: a, equals: true } }
            - { type: markdown, attributes: { value: M }, visible_if: { field: a, equals: true } }
            """)
        #expect(form.check(["a": false], FormFixture.context()).hidden == [1, 2])
        #expect(form.check(["a": true], FormFixture.context()).hidden == [])
    }

    @Test func `a task's condition may look at the task's input`() throws {
        let form = try FormFixture.taskForm(
            "- { type: input, id: a, attributes: { label: A }, visible_if: { input: amount, gt: 100 } }\n")
        #expect(form.check([:], FormFixture.context(input: ["amount": 50])).hidden == [0])
        #expect(form.check([:], FormFixture.context(input: ["amount": 150])).hidden == [])
        #expect(form.check([:], FormFixture.context(input: .null)).hidden == [0])
    }

    /// The fixture's company is an hour east of UTC.
    @Test(arguments: [("09:30", [1]), ("09:31", []), ("2026-11-24T09:31", [])])
    func `a compared moment is one of the company's time zone, as an answer is`(_ typed: String, _ hidden: [Int])
        throws
    {
        let form = try FormFixture.form(
            """
            - { type: datetime, id: m, attributes: { label: M } }
            - { type: input, id: a, attributes: { label: A }, visible_if: { field: m, gt: "2026-11-24T09:30" } }
            """)
        let moment = typed.count == 5 ? "2026-11-24T\(typed)" : typed
        #expect(form.check(["m": .string(moment)], FormFixture.context()).hidden.sorted() == hidden)
    }
}
