import TFExpression
import Testing

@testable import TFDefinition

/// What stands in a form before anybody typed.
@Suite struct InitialAnswersTests {
    private static let body = """
        - { type: user, id: who, attributes: { label: Who, value: me } }
        - { type: user, id: whose, attributes: { label: Whose, value: requester } }
        - { type: user, id: all, attributes: { label: All, multiple: true, value: "me, requester, fay" } }
        - { type: date, id: d, attributes: { label: Day, value: today } }
        - { type: date, id: later, attributes: { label: Later, value: today+3d } }
        - { type: time, id: t, attributes: { label: Hour, value: now } }
        - { type: datetime, id: m, attributes: { label: Moment, value: now } }
        - { type: dropdown, id: many, attributes: { label: Many, multiple: true, options: [x, y], default: 1 } }
        - { type: radio, id: some, attributes: { label: Some, multiple: true, options: [x, y, z], default: [z, 0] } }
        """

    private static var context: FormContext {
        var context = FormContext(today: FormFixture.today, offset: { _ in 3_600 })
        context.now = 1_795_342_245  // 2026-11-22T10:10:45Z
        context.me = "bob"
        context.requester = "uma"
        return context
    }

    private static let answers = """
        {"who":"bob","whose":"uma","all":["bob","uma","fay"],"d":"2026-11-22","later":"2026-11-25","t":"11:10",\
        "m":"2026-11-22T10:10:00Z","many":["y"],"some":["z","x"]}
        """

    @Test func `me, requester, today and now are filled in when the form is opened`() throws {
        for form in [try FormFixture.form(Self.body), try FormFixture.taskForm(Self.body)] {
            #expect(JSON.object(form.initialAnswers(Self.context)).text == Self.answers)
        }
    }

    @Test func `a word for somebody or something unknown leaves the field empty`() throws {
        let form = try FormFixture.form(Self.body)
        #expect(
            JSON.object(form.initialAnswers(FormContext(today: FormFixture.today))).text
                == #"{"all":["fay"],"d":"2026-11-22","later":"2026-11-25","many":["y"],"some":["z","x"]}"#)
    }

    @Test func `what a task computes may be such a word too, and nonsense stays text to be refused`() throws {
        let form = try FormFixture.taskForm(Self.body.replacing("value: me", with: "value: \"${ .who }\""))
        let prefilled: JSONObject = [
            "who": "requester", "all": ["me", "fay"], "later": "today-1d", "t": "now", "m": "now",
            "d": "today-9223372036854775808d",
        ]
        let answers = form.initialAnswers(Self.context, prefilled: prefilled)
        #expect(answers["who"] == "uma")
        #expect(answers["all"] == ["bob", "fay"])
        #expect(answers["later"] == "2026-11-21")
        #expect(answers["t"] == "11:10")
        #expect(answers["d"] == "today-9223372036854775808d")
        #expect(
            form.check(answers, Self.context).errors.map(\.message).contains("Day must be a date, like 2026-11-22"))
    }
}
