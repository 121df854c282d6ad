import Testing

@testable import TFDefinition

/// What can be wrong in a task file.
@Suite struct TaskMistakesTests {
    private static let mistakes = Mistake.list(
        #"""
        task: Not A Slug
        > 1:7: error: "Not A Slug" cannot be a task's name: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit

        task: x
        assing: { role: it }
        > 2:1: error: unknown key "assing"; did you mean "assign"?

        task: x
        title: ''
        > 2:8: warning: "title" is empty and has no effect

        task: x
        version: one
        > 2:10: error: "version" must be three numbers such as 1.2.0, or before a release 1.2.0-rc.1, not "one"

        task: x
        kind: robot
        > 2:7: error: "kind" cannot be "robot"; it is one of form, manual, service

        task: x
        kind: form
        > 2:7: error: a task of the kind form needs "body" or "form"

        task: x
        form: mine
        > 2:7: error: "form" can only be "ticket"

        task: x
        form: ticket
        body: [ { type: input, id: a, attributes: { label: A } } ]
        > 3:1: error: a task has "form" or "body", not both

        task: x
        due: soon
        > 2:6: error: "due" must be a duration such as 30m, 4h, 2d or P1DT2H, not "soon"

        task: x
        priority: asap
        > 2:11: error: "priority" cannot be "asap"; it is one of low, normal, high, urgent

        task: x
        outcomes: []
        > 2:11: error: "outcomes" must list at least one

        task: x
        outcomes: [a, a]
        > 2:15: error: the outcome "a" stands twice

        task: x
        outcomes: [a b]
        > 2:12: error: an outcome is a name of letters, digits, - and _, not "a b"; for people it has a "label"

        task: x
        due: PT0S
        > 2:6: warning: "due" leaves no time, so that it is late from the start

        task: x
        outcomes: [{ label: A }]
        > 2:12: error: an outcome needs "value"

        task: x
        outcomes: [{ value: a, confirm: "Pay ${ .amount }?" }]
        > 2:33: warning: "${ }" is not computed in "confirm"; it is shown as it stands

        task: x
        outcomes: [{ value: a, confrim: Sure? }]
        > 2:24: error: unknown key "confrim"; did you mean "confirm"?

        task: x
        outcomes: done
        > 2:11: error: "outcomes" must be a list, not "done"

        task: x
        assign: { strategy: fastest }
        > 2:21: error: "strategy" cannot be "fastest"; it is one of shortest-queue, round-robin, pool, person, requester, each

        task: x
        assign: { strategy: person }
        > 2:21: error: the strategy "person" needs "person"

        task: x
        assign: { role: any }
        > 2:17: error: "any" cannot be a company role: the name is reserved

        task: x
        assign: { exclude: Bob B }
        > 2:20: error: "exclude" must be a login or an expression "${ … }", not "Bob B"

        task: x
        assign: { exclude: "${ [ }" }
        > 2:26: error: the end of the expression is not expected here

        task: x
        assign: { prefer: "${ $who }" }
        > 2:23: error: unknown variable "$who"

        task: x
        title: "${ $tikcet.form }"
        > 2:12: error: unknown variable "$tikcet"; did you mean "$ticket"?

        task: x
        description: |
          Look at
          ${ nosuch(1) } now
        > 4:6: error: unknown function "nosuch"

        task: x
        title: "${ $tikcet.form } for ${ nosuch(1) + $who }"
        > 2:12: error: unknown variable "$tikcet"; did you mean "$ticket"?
        > 2:34: error: unknown function "nosuch"
        > 2:46: error: unknown variable "$who"

        task: x
        assign: { prefer: "${ $who + $whom }" }
        > 2:23: error: unknown variable "$who"
        > 2:30: error: unknown variable "$whom"

        task: x
        title: "${ input }"
        > 2:12: error: "input" is not supported: an expression has one input

        task: x
        title: "${ now }"
        > 2:12: error: "now" is not supported: expressions know no clock; use $task.startedAt

        task: x
        description: "${ .a"
        > 2:15: error: "${" has no "}"

        task: x
        outcomes: [done, reject]
        body:
          - { type: input, id: outcome, attributes: { label: A } }
        > 4:24: error: the id "outcome" is the name of a part of every task's output; choose another

        task: x
        outcomes: [done, reject]
        body:
          - { type: input, attributes: { label: A }, validations: { required_for: [rejcet] } }
        > 4:76: error: "required_for" of "A" names the outcome "rejcet", which this task does not have; did you mean "reject"?

        task: x
        outcomes: [done, reject]
        body:
          - { type: input, attributes: { label: A, value: "${ .a | }" } }
        > 4:60: error: the end of the expression is not expected here

        task: x
        outcomes: [done, reject]
        body:
          - { type: number, attributes: { label: A, value: "about ${ .a }" } }
        > 4:52: error: text around "${ }" is not computed in a field; write '${ "about \(.a)" }'

        task: x
        outcomes: [done, reject]
        body:
          - { type: input, attributes: { label: A }, visible_if: { input: x } }
        > 4:58: error: a condition compares by one of equals, not_equals, in, not_in, contains, is_empty, is_not_empty, gt, gte, lt, lte

        task: x
        assign: { strategy: each }
        > 2:21: error: the strategy "each" needs "people" or "role"

        task: x
        assign: { people: "${ [] }", enough: { done: 1 } }
        > 2:11: error: "people" goes with the strategy "each"
        > 2:30: error: "enough" goes with the strategy "each"

        task: x
        assign: { strategy: each, people: bob, person: carol, role: it }
        > 2:40: warning: "person" has no effect with the strategy "each"
        > 2:55: warning: "role" has no effect beside "people"

        task: x
        assign: { strategy: requester, role: it, prefer: bob }
        > 2:32: warning: "role" has no effect with the strategy "requester"
        > 2:42: warning: "prefer" has no effect with the strategy "requester"

        task: x
        assign: { person: bob }
        > 2:11: warning: "person" has no effect with the strategy "shortest-queue"

        task: x
        assign: { strategy: pool, role: it, prefer: bob }
        > 2:37: warning: "prefer" has no effect with the strategy "pool"

        task: x
        assign: { strategy: persn, person: bob }
        > 2:21: error: "strategy" cannot be "persn"; it is one of shortest-queue, round-robin, pool, person, requester, each; did you mean "person"?

        task: x
        outcomes: [agree, object]
        assign: { strategy: each, role: board, enough: { agre: 2, object: 0 } }
        > 3:50: error: "enough" names the outcome "agre", which this task does not have; did you mean "agree"?
        > 3:67: error: "object" of "enough" must be a whole number from 1 to 1000

        task: x
        outcomes: [agree]
        assign: { strategy: each, role: board, enough: 2 }
        > 3:48: error: "enough" must say how many of an outcome decide, such as { agree: 2 }

        task: x
        retry: { attempts: 2 }
        lease: 1m
        > 2:1: error: "retry" goes with "kind: service", work that a program does
        > 3:1: error: "lease" goes with "kind: service", work that a program does

        task: x
        kind: service
        retry: { attempts: -1 }
        > 3:20: error: "attempts" must be a whole number from 1 to 100, not "-1"

        task: x
        kind: service
        assign: { strategy: pool }
        retry: { attempts: 0, backof: 1s }
        lease: 2d
        body: [ { type: input, attributes: { label: A } } ]
        > 3:9: error: a program's task is assigned by shortest-queue, round-robin or person, not by "pool"
        > 4:20: error: "attempts" must be a whole number from 1 to 100, not "0"
        > 4:23: error: unknown key "backof"; did you mean "backoff"?
        > 5:8: error: "lease" must be from 1s to 24h, not 2d
        > 6:1: error: a program fills in no form; a task of the kind service has no "body"
        """#)

    @Test(arguments: mistakes)
    func `is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.task.yaml") == mistake.messages)
    }
}
