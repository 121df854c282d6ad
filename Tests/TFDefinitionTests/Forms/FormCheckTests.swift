import TFExpression
import Testing

@testable import TFDefinition

@Suite struct FormCheckTests {
    private static let body = """
        - { type: markdown, attributes: { value: Hello } }
        - { type: section, attributes: { label: Part one } }
        - { type: input, id: name, attributes: { label: Name }, validations: { required: true, max_length: 5 } }
        - { type: textarea, id: text, attributes: { label: Text }, validations: { min_length: 2 } }
        - { type: email, id: mail, attributes: { label: Mail } }
        - { type: url, id: site, attributes: { label: Site } }
        - { type: tel, id: phone, attributes: { label: Phone } }
        - { type: input, id: code, attributes: { label: Code }, validations: { pattern: '[A-Z]{2}\\d+' } }
        - { type: input, id: plate, attributes: { label: Plate }, validations: { regex: '[A-Z]+', pattern_message: Capitals only } }
        - { type: input, id: amount, attributes: { label: Amount }, validations: { is_number: true } }
        - { type: number, id: n, attributes: { label: Count }, validations: { min: 1, max: 10, step: 0.5 } }
        - { type: date, id: d, attributes: { label: Day }, validations: { not_before: today, not_after: today+3d } }
        - { type: time, id: t, attributes: { label: Hour }, validations: { not_before: "09:00", not_after: "17:30" } }
        - { type: datetime, id: m, attributes: { label: Moment }, validations: { not_before: today } }
        - { type: dropdown, id: one, attributes: { label: One, options: [a, b] } }
        - { type: dropdown, id: many, attributes: { label: Many, multiple: true, options: [a, b, c] }, validations: { min_selected: 2, max_selected: 2 } }
        - { type: dropdown, id: free, attributes: { label: Free, other: true, options: [a, b] } }
        - { type: radio, id: pick, attributes: { label: Pick, options: [x, { value: y, label: Why }] } }
        - type: checkboxes
          id: boxes
          attributes: { label: Boxes, options: [ { label: Yes, required: true }, { label: Other, value: o } ] }
        - { type: checkbox, id: ok, attributes: { label: Fine } }
        - { type: user, id: boss, attributes: { label: Boss, role: it } }
        - { type: user, id: team, attributes: { label: Team, multiple: true } }
        - { type: upload, id: files, attributes: { label: Files }, validations: { accept: [.pdf, image/*], max_files: 2, max_size: 4KB } }
        """

    private static let posted: [String: [String]] = [
        "name": [" Bob "], "text": ["a\nb\t "], "mail": [" bob@example.com"], "site": ["https://example.com/x"],
        "phone": ["+49 30 1234-5"], "code": ["AB12"], "plate": ["ABC"], "amount": ["12.50"], "n": ["2.50"],
        "d": ["2026-11-25"], "t": ["17:30:00"], "m": ["2026-11-22T00:30"], "one": ["b"], "many": ["", "c", "a"],
        "free": [""], "free.other": [" something else "], "pick": ["y"], "boxes": ["", "Yes"], "ok": ["true"],
        "boss": ["Bob Berger"], "team": ["uma, bob"], "files": ["f1"],
    ]

    @Test func `what a browser posts becomes typed answers in the form's order`() throws {
        let form = try FormFixture.form(Self.body)
        let checked = form.check(form.answers(posted: Self.posted), FormFixture.context())
        #expect(checked.errors.isEmpty)
        #expect(
            JSON.object(checked.answers).prettyText == """
                {
                  "name": " Bob ",
                  "text": "a\\nb\\t ",
                  "mail": "bob@example.com",
                  "site": "https://example.com/x",
                  "phone": "+49 30 1234-5",
                  "code": "AB12",
                  "plate": "ABC",
                  "amount": "12.50",
                  "n": 2.50,
                  "d": "2026-11-25",
                  "t": "17:30",
                  "m": "2026-11-21T23:30:00Z",
                  "one": "b",
                  "many": [
                    "a",
                    "c"
                  ],
                  "free": "something else",
                  "pick": "y",
                  "boxes": [
                    "Yes"
                  ],
                  "ok": true,
                  "boss": "bob",
                  "team": [
                    "uma",
                    "bob"
                  ],
                  "files": [
                    "f1"
                  ]
                }
                """)
    }

    @Test func `what was stored is accepted again as it is`() throws {
        let form = try FormFixture.form(Self.body)
        let checked = form.check(form.answers(posted: Self.posted), FormFixture.context())
        #expect(form.check(checked.answers, FormFixture.context()) == checked)
    }

    @Test func `what was not answered is not stored`() throws {
        let form = try FormFixture.form(Self.body)
        let checked = form.check(
            ["name": "Bob", "text": " \n", "n": "", "one": .null, "many": [], "boxes": ["Yes"], "files": []],
            FormFixture.context())
        #expect(checked.errors.isEmpty)
        #expect(JSON.object(checked.answers).text == #"{"name":"Bob","boxes":["Yes"],"ok":false}"#)
    }

    private static let refusals: [(field: String, value: JSON, message: String)] = [
        ("name", JSON.null, "Fill in “Name”"), ("name", "  ", "Fill in “Name”"),
        ("name", "toolong", "Name must be 5 characters or fewer, not 7"), ("name", 5, "Name must be one text"),
        ("name", "a\nb", "Name must be one line"),
        ("text", "x", "Text must be 2 characters or more"),
        ("text", .string(String(repeating: "x", count: 65_537)), "Text must be 64 KB or less"),
        ("mail", "nobody", "Mail must be an email address, like name@example.com"),
        ("site", "example.com", "Site must be a web address, like https://example.com"),
        ("site", "javascript:alert(1)", "Site must be a web address, like https://example.com"),
        ("phone", "call me", "Phone must be a telephone number, like +49 30 1234567"),
        ("code", "AB12x", "Code must match [A-Z]{2}\\d+"), ("plate", "abc", "Capitals only"),
        ("amount", "much", "Amount must be a number, like 289.50"),
        ("amount", "0x10", "Amount must be a number, like 289.50"),
        ("amount", "1e99999999999999999999", "Amount must be a number, like 289.50"),
        ("amount", "nan", "Amount must be a number, like 289.50"),
        ("n", "abc", "Count must be a number, like 289.50"), ("n", 11, "Count must be 10 or less"),
        ("n", 0, "Count must be 1 or more"), ("n", JSON.double(1.3), "Count must go in steps of 0.5"),
        ("n", [1], "Count must be a number, like 289.50"),
        ("d", "2026-11-21", "Day must be 22 Nov 2026 or later"),
        ("d", "2026-11-26", "Day must be 25 Nov 2026 or earlier"),
        ("d", "2026-02-30", "Day must be a date, like 2026-11-22"),
        ("d", 20_261_122, "Day must be a date, like 2026-11-22"),
        ("t", "08:59", "Hour must be 09:00 or later"), ("t", "17:31", "Hour must be 17:30 or earlier"),
        ("t", "24:00", "Hour must be a time, like 09:30"),
        ("m", "2026-11-21T23:59", "Moment must be 22 Nov 2026 or later"),
        ("m", "2026-11-22", "Moment must be a date and time, like 2026-11-22T09:30"),
        ("one", "x", "One has no option \"x\""), ("one", ["a", "b"], "One takes one option"),
        ("many", ["a"], "Many needs 2 options or more"), ("many", ["a", "b", "c"], "Many takes 2 options or fewer"),
        ("many", ["a", "x"], "Many has no option \"x\""), ("many", [1], "Many takes a list of texts"),
        ("one", ["a"], "One must be one text"), ("many", "a", "Many takes a list of texts"),
        ("many", ["a", "a"], "Many has \"a\" more than once"), ("free", ["a"], "Free must be one text"),
        ("free", ["a", "other"], "Choose one option of Free or write another, not both"),
        ("free", "a\nb", "Free must be one line of 200 characters or fewer"),
        ("pick", "Why", "Pick has no option \"Why\""), ("boxes", ["o"], "Tick “Yes”"),
        ("boxes", "Yes", "Boxes takes a list of texts"), ("boxes", ["Yes", "Yes"], "Boxes has \"Yes\" more than once"),
        ("boxes", ["Yes", "x"], "Boxes has no option \"x\""), ("ok", "yes", "Fine must be true or false"),
        ("boss", "nobody", "Boss names nobody of this company: \"nobody\""),
        ("boss", "uma", "Boss must be somebody with the role it; Uma User does not have it"),
        ("boss", "Kim", "Boss names several people: \"Kim\"; write one of bob, uma"),
        ("boss", ["bob"], "Boss must be one text"), ("team", "uma", "Team takes a list of texts"),
        ("team", ["uma", "ghost"], "Team names nobody of this company: \"ghost\""),
        ("files", "f1", "Files takes a list of texts"), ("files", ["f1", "f1"], "Files has \"f1\" more than once"),
        ("files", ["gone"], "Files names a file that is not there any more; choose it again"),
        ("files", ["f2"], "Files takes files of 4 KB or less; photo.jpg is larger"),
        ("nam", "x", "This form has no field \"nam\"; did you mean \"name\"?"),
    ]

    @Test(arguments: refusals)
    func `a wrong answer is refused in words that say what to do`(_ field: String, _ value: JSON, _ message: String)
        throws
    {
        var answers: JSONObject = ["name": "Bob", "boxes": ["Yes"]]
        answers[field] = value
        let checked = try FormFixture.form(Self.body).check(answers, FormFixture.context())
        #expect(checked.errors.map(\.field).allSatisfy { $0 == "form.\(field)" })
        #expect(checked.errors.map(\.message).contains(message), "\(checked.errors)")
    }

    @Test(
        arguments: [
            (["name": ["x", "y"]], "Name must be one text"), (["one": ["a", "b"]], "One takes one option"),
            (["free.other": ["x", "y"]], "Choose one option of Free or write another, not both"),
            (["n": ["1", "2"]], "Count must be a number, like 289.50"),
            (["ok": ["true", "true"]], "Fine must be true or false"),
            (["many": ["a", "a"]], "Many has \"a\" more than once"),
        ] as [([String: [String]], String)])
    func `a page's field that is sent more often than it has values is refused`(
        _ posted: [String: [String]], _ message: String
    ) throws {
        let form = try FormFixture.form(Self.body)
        let all = Self.posted.merging(["free.other": []]) { $1 }.merging(posted) { $1 }
        let checked = form.check(form.answers(posted: all), FormFixture.context())
        #expect(checked.errors.map(\.message) == [message])
    }

    @Test func `a field may be required for one outcome only`() throws {
        let form = try FormFixture.taskForm(
            "- { type: textarea, id: why, attributes: { label: Reason }, validations: { required_for: [reject] } }\n")
        #expect(form.check([:], FormFixture.context(outcome: "approve")).errors.isEmpty)
        #expect(form.check([:], FormFixture.context(outcome: "reject")).errors.map(\.message) == ["Fill in “Reason”"])
    }

    @Test func `a label that is a question or a request is told in quotes`() throws {
        let form = try FormFixture.form(
            """
            - { type: input, id: a, attributes: { label: "What is broken?" }, validations: { required: true } }
            - { type: dropdown, id: b, attributes: { label: "Say where.", options: [x] }, validations: { required: true } }
            - { type: number, id: c, attributes: { label: "How many?" }, validations: { max: 3 } }

            """)
        #expect(
            form.check(["c": 4], FormFixture.context()).errors.map(\.message) == [
                "Fill in “What is broken?”", "Choose an answer for “Say where.”", "“How many?” must be 3 or less",
            ])
    }

    @Test func `a checkbox that is required must be ticked`() throws {
        let form = try FormFixture.form(
            "- { type: checkbox, id: ok, attributes: { label: I agree }, validations: { required: true } }\n")
        #expect(form.check(["ok": false], FormFixture.context()).errors.map(\.message) == ["Tick “I agree”"])
        #expect(form.check(["ok": true], FormFixture.context()).errors.isEmpty)
    }

    @Test func `a form starts with its values, defaults and what the task's input gives`() throws {
        let form = try FormFixture.taskForm(
            """
            - { type: input, id: a, attributes: { label: A, value: hello } }
            - { type: number, id: b, attributes: { label: B, value: 2.5 } }
            - { type: date, id: c, attributes: { label: C, value: today+1d } }
            - { type: dropdown, id: d, attributes: { label: D, options: [x, y], default: 1 } }
            - { type: dropdown, id: e, attributes: { label: E, options: ["1", "0"], default: "0" } }
            - { type: checkbox, id: f, attributes: { label: F, value: true } }
            - { type: input, id: g, attributes: { label: G, value: "${ .amount }" } }
            - { type: dropdown, id: h, attributes: { label: H, options: [x, y], default: "${ .pick }" } }
            """)
        let prefilled: JSONObject = ["g": 12, "h": "y"]
        #expect(
            JSON.object(form.initialAnswers(FormFixture.context(), prefilled: prefilled)).text
                == #"{"a":"hello","b":2.5,"c":"2026-11-23","d":"y","e":"0","f":true,"g":"12","h":"y"}"#)
        #expect(form.field("g")?.prefill?.source == " .amount ")
    }

    @Test func `a program's draft may be unfinished, but names fields, with values of their types`() throws {
        let form = try FormFixture.form(Self.body)
        let half: JSONObject = [
            "name": "much too long", "n": "2.", "d": "2026-", "one": "neither", "many": ["a"], "boxes": [], "ok": false,
            "boss": "nobody", "files": ["gone"], "text": .null,
        ]
        #expect(form.draftErrors(half) == [])
        let wrong: JSONObject = [
            "name": 5, "n": [1], "d": 20_260_101, "one": ["a"], "many": [1], "ok": "yes", "boss": true,
            "files": "f1", "nosuch": 1,
        ]
        #expect(
            form.draftErrors(wrong).map { "\($0.field): \($0.message)" } == [
                "form.name: Name must be one text", "form.n: Count must be a number, like 289.50",
                "form.d: Day must be one text", "form.one: One must be one text",
                "form.many: Many takes a list of texts", "form.ok: Fine must be true or false",
                "form.boss: Boss must be one text", "form.files: Files takes a list of texts",
                "form.nosuch: This form has no field \"nosuch\"",
            ])
    }

    @Test func `a draft keeps what was typed, right or wrong, and nothing that is no field`() throws {
        let form = try FormFixture.form(Self.body)
        #expect(
            JSON.object(form.draft(["name": "much too long", "n": "abc", "text": "", "nosuch": 1])).text
                == #"{"name":"much too long","n":"abc"}"#)
    }

    @Test func `an answer is kept with its label, type and how its values read`() throws {
        let form = try FormFixture.form(Self.body)
        let fields = form.answered(
            ["pick": "y", "boss": "bob", "files": ["f1"], "n": 2], FormFixture.context())
        #expect(fields.map(\.label) == ["Count", "Pick", "Boss", "Files"])
        #expect(fields.map(\.type) == [.number, .radio, .user, .upload])
        #expect(fields.map(\.labels) == [[:], ["y": "Why"], ["bob": "Bob Berger"], ["f1": "Plan.PDF"]])
    }

    @Test(arguments: [
        (".pdf", "a.PDF", "application/octet-stream", true), (".pdf", "apdf", "application/pdf", false),
        ("image/*", "x", "image/png", true), ("image/*", "x.png", "text/plain", false),
        ("text/plain", "x", "TEXT/PLAIN", true), ("*/*", "x", "a/b", true),
    ])
    func `files are accepted by their ending or their media type`(
        _ accept: String, _ name: String, _ mediaType: String, _ isAccepted: Bool
    ) {
        let field = UploadField(accept: [accept], maximumFiles: 1, maximumBytes: 1)
        #expect(field.accepts(name: name, mediaType: mediaType) == isAccepted)
    }

    @Test(arguments: [
        ("12", "12"), ("-3.5", "-3.5"), ("289,50", "289.50"), ("289,5", "289.5"), ("-0,25", "-0.25"),
        ("1289,5005", "1289.5005"), ("1,289.50", "1289.50"), ("1.289,50", "1289.50"), ("1.234.567,8", "1234567.8"),
        ("1,234,567", "1234567"), ("1.234.567", "1234567"), ("1,289", "1,289"), ("1,2,3", "1,2,3"),
        ("12,34.5", "12,34.5"), ("x,1", "x,1"),
        ("", ""),
    ])
    func `a number is read as people write it, unless it could be two`(typed: String, meant: String) {
        #expect(FormElement.plainNumber(typed) == meant)
    }

    @Test(
        arguments: [
            ("1.234", "step: 0.01", "write 1234 or 1.23"), ("1.000", "step: 0.01", "write 1000 or 1.00"),
            ("-1,234", "step: 0.1", "write -1234 or -1.2"), ("1.000", "step: 1", "write 1000"),
            ("12,345", "unit: EUR", "write 12345 or 12.345"), ("1.234", "unit: EUR", nil),
            ("1.234", "step: 0.001", nil),
            ("1.234", "step: 0.0000001", nil), ("0.125", "step: 0.125", nil), ("1.23", "step: 0.01", nil),
            ("1234", "step: 1", nil), ("1.234.567", "step: 1", nil), ("1.234,50", "step: 0.01", nil),
        ] as [(String, String, String?)])
    func `a typed number that could be two is refused, with how to write both`(
        _ typed: String, _ rule: String, _ clearer: String?
    ) throws {
        let form = try FormFixture.form("- { type: number, id: a, attributes: { label: Price, \(rule) } }")
        let checked = form.check(form.answers(posted: ["a": [typed]]), FormFixture.context())
        let message = clearer.map { "Price can be read in two ways: \($0)" }
        #expect(checked.errors.map(\.message) == [message].compactMap(\.self), "\(checked.errors)")
    }
}
