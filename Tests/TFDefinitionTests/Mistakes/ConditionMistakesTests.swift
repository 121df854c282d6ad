import Testing

@testable import TFDefinition

/// What can be wrong in `visible_if`.
@Suite struct ConditionMistakesTests {
    private static let mistakes = Mistake.list(
        #"""
        often
        > 1:1: error: a condition must be a mapping, not "often"

        {}
        > 1:1: error: a condition has one of field, all, any and not

        { field: name }
        > 1:1: error: a condition compares by one of equals, not_equals, in, not_in, contains, is_empty, is_not_empty, gt, gte, lt, lte

        { field: naem, equals: x }
        > 1:10: error: there is no field "naem" before this one; did you mean "name"?

        { field: z, equals: x }
        > 1:10: error: there is no field "z" before this one

        { field: name, equals: x, in: [y] }
        > 1:1: error: a condition compares by one of equals, not_equals, in, not_in, contains, is_empty, is_not_empty, gt, gte, lt, lte; this one has equals and in

        { field: name, all: [] }
        > 1:1: error: a condition has one of field, all, any and not; this one has all and field

        { field: name, is_empty: }
        > 1:16: error: "is_empty" of a condition needs a value

        { not: { field: name, equals: null } }
        > 1:23: error: "equals" of a condition needs a value

        { all: }
        > 1:3: error: "all" of a condition needs a value

        { all: [] }
        > 1:8: error: "all" must list at least one condition

        { any: { field: name, is_empty: true } }
        > 1:8: error: "any" must be a list, not a mapping

        { field: name, gt: 3 }
        > 1:16: error: "gt" compares numbers, dates and times; "Name" is an input element

        { field: n, equals: many }
        > 1:21: error: "Count" is a number element; it compares with a number, not "many"

        { field: d, gt: soon }
        > 1:17: error: "Day" is a date element; it compares with a date such as 2026-11-22, not "soon"

        { field: t, lt: noon }
        > 1:17: error: "Hour" is a time element; it compares with a time such as 09:30, not "noon"

        { field: m, lt: noon }
        > 1:17: error: "Moment" is a datetime element; it compares with a date and time such as 2026-11-22T09:30:00Z, not "noon"

        { field: ok, equals: perhaps }
        > 1:22: error: "Fine" is a checkbox element; it compares with true or false, not "perhaps"

        { field: sys, equals: Wki }
        > 1:23: error: "System" has no option "Wki"; it has CRM, Wiki; did you mean "Wiki"?

        { field: sys, in: [CRM, HR] }
        > 1:25: error: "System" has no option "HR"; it has CRM, Wiki

        { field: sys, in: CRM }
        > 1:19: error: "in" must be a list, not "CRM"

        { field: name, equals: [a] }
        > 1:24: error: a condition compares with one value, not a list

        { field: name, is_empty: perhaps }
        > 1:26: error: "is_empty" must be true or false, not "perhaps"

        { input: x, equals: 1 }
        > 1:3: error: "input" belongs in task forms

        { not: [ { field: name, is_empty: true } ] }
        > 1:8: error: a condition must be a mapping, not a list

        { field: name, equal: x }
        > 1:16: error: unknown key "equal"; did you mean "equals"?
        """#)

    private static let form = """
        name: A
        description: B
        body:
          - { type: input, id: name, attributes: { label: Name } }
          - { type: number, id: n, attributes: { label: Count } }
          - { type: date, id: d, attributes: { label: Day } }
          - { type: dropdown, id: sys, attributes: { label: System, options: [CRM, Wiki] } }
          - { type: checkbox, id: ok, attributes: { label: Fine } }
          - { type: time, id: t, attributes: { label: Hour } }
          - { type: datetime, id: m, attributes: { label: Moment } }
          - { type: input, id: z, attributes: { label: Z }, visible_if: 
        """

    @Test(arguments: mistakes)
    func `is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.ticket.yaml", before: Self.form, indentation: 64, after: " }") == mistake.messages)
    }
}
