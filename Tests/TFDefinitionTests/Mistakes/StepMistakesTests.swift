import TFDefinition
import Testing

/// What can be wrong in the tasks of the workflow language, kind by kind.
@Suite struct StepMistakesTests {
    private static let steps = Mistake.list(
        #"""
        - a: { for: { each: i }, do: [ { b: { set: x } } ] }
        > 1:13: error: "for" needs "in"

        - a: { for: { in: .x, each: 'my item' }, do: [ { b: { set: x } } ] }
        > 1:29: error: "each" names a variable: letters, digits and _, not "my item"

        - a: { for: { in: .x, each: x, at: x }, do: [ { b: { set: x } } ] }
        > 1:36: error: "each" and "at" name one variable, "$x"

        - a: { for: { in: .x, each: index }, do: [ { b: { set: x } } ] }
        > 1:29: error: "each" and "at" name one variable, "$index"

        - a: { raise: { error: { type: 'https://x', status: 99 } } }
        > 1:53: warning: "status" is one of HTTP, from 100 to 599, not 99

        - a: { for: { in: .x, each: ticket }, do: [ { b: { set: x } } ] }
        > 1:29: error: "$ticket" is taken

        - a: { for: { in: .x } }
        > 1:6: error: a loop needs "do"

        - a: { for: { in: .x }, do: [ { b: { set: '${ $itm }' } } ] }
        > 1:47: error: unknown variable "$itm"; did you mean "$item"?

        - a: { for: { in: [ 1, 2 ] }, do: [ { b: { set: x } } ] }
        > 1:19: warning: in the DSL "in" lists mappings alone; anything else it takes as an expression, such as '[1, 2]'

        - a: { for: { in: [ { n: 1 } ] }, do: [ { b: { set: x } } ] }

        - a: { fork: { branches: [] } }
        > 1:26: error: a list of tasks must not be empty

        - a: { fork: { branchs: [ { b: { set: x } } ] } }
        > 1:16: error: unknown key "branchs"; did you mean "branches"?

        - a: { fork: { branches: [ { b: { set: x, then: c } }, { c: { set: x } } ] } }
        > 1:49: error: task "b" continues at "c", which is not in this list; it has no other

        - a: { fork: { branches: [ { b: { set: x, metadata: { background: true } } } ] } }
        > 1:14: error: all branches are in the background, so nothing is waited for

        - a: { fork: { compete: maybe, branches: [ { b: { set: x } } ] } }
        > 1:25: error: "compete" must be true or false, not "maybe"

        - a: { try: [ { b: { set: x } } ] }
        > 1:6: error: a task with "try" needs "catch"

        - a: { try: [ { b: { set: x } } ], catch: { error: {} } }
        > 1:45: error: unknown key "error"; did you mean "errors"?

        - a: { try: [ { b: { set: x } } ], catch: { errors: { with: { code: 404 } } } }
        > 1:63: error: unknown key "code"; "with" has type, status, instance, title, detail

        - a: { try: [ { b: { set: x } } ], catch: { errors: { with: { status: many } } } }
        > 1:71: error: "status" must be a whole number from 0, not "many"

        - a: { try: [ { b: { set: x } } ], catch: { retry: { backoff: expnential } } }
        > 1:63: error: "backoff" must be one of constant, linear, exponential, as in backoff: { linear: {} }

        - a: { try: [ { b: { set: x } } ], catch: { retry: { backoff: { quadratic: {} } } } }
        > 1:63: error: "backoff" must be one of constant, linear, exponential, as in backoff: { linear: {} }

        - a: { try: [ { b: { set: x } } ], catch: { retry: { backoff: { linear: { increment: PT10S } } } } }
        > 1:75: error: "linear" takes no keys; write backoff: { linear: {} } and "delay" beside it

        - a: { try: [ { b: { set: x } } ], catch: { retry: { delay: soon } } }
        > 1:61: error: "delay" must be a duration such as 30m, 4h, 2d or P1DT2H, not "soon"

        - a: { try: [ { b: { set: x } } ], catch: { retry: { jitter: { from: PT1S } } } }
        > 1:62: error: "jitter" needs "to"

        - a: { try: [ { b: { set: x } } ], catch: { retry: often } }
        > 1:52: error: there is no "often" in "use.retries"

        - a: { try: [ { b: { set: x } } ], catch: { as: err, do: [ { c: { set: '${ $error }' } } ] } }
        > 1:76: error: unknown variable "$error"

        - a: { try: [ { b: { set: x } } ], catch: { then: nowhere } }
        > 1:51: error: task "a" continues at "nowhere", which is not in this list; it has a

        - a: { raise: { error: { status: 400 } } }
        > 1:24: error: an error needs "type"

        - a: { raise: { error: { type: 'https://x', status: bad } } }
        > 1:53: error: "status" must be a whole number, not "bad"

        - a: { raise: { error: notKnown } }
        > 1:24: error: there is no "notKnown" in "use.errors"

        - a: { set: { status: ' ' } }
        > 1:23: warning: as the resolution of a ticket, "status" must be a text of 1 to 60 characters

        - a: { set: { status: 'a resolution of more words than a list of tickets has room for' } }
        > 1:23: warning: as the resolution of a ticket, "status" must be a text of 1 to 60 characters

        - a: { set: { status: '${ .status }', other: '' } }

        - a: { set: { status: 404 } }

        - a: { set: x, metadata: { ticketStatus: '${ .outcome }' } }
        > 1:42: error: "${ }" is not computed in "ticketStatus"; a step that calls ticket-update may compute "status"

        - a: { set: x, metadata: { ticketStatus: 'with ${ .b }' } }
        > 1:42: error: "${ }" is not computed in "ticketStatus"; a step that calls ticket-update may compute "status"

        - a: { set: x, metadata: { ticketStatus: ' ' } }
        > 1:42: error: "ticketStatus" must be a text of 1 to 60 characters

        - a: { wait: }
        > 1:8: error: "wait" needs a duration

        - a: { wait: soon }
        > 1:14: error: "wait" must be a duration such as 30m, 4h, 2d or P1DT2H, not "soon"

        - a: { wait: 99999999d }
        > 1:14: error: "wait" is longer than a hundred years

        - a: { wait: { hour: 1 } }
        > 1:16: error: unknown key "hour"; did you mean "hours"?

        - a: { wait: {} }
        > 1:14: error: a duration needs at least one part

        - a: { wait: { hours: -1 } }
        > 1:23: error: "hours" must be a whole number from 0, not "-1"

        - a: { emit: { event: { with: { type: t, specversion: '9', id: 5, time: yesterday, Foo: 1, n: 7, data: { id: 5 } } } } }
        > 1:55: error: "specversion" of an event must be 1.0
        > 1:64: error: "id" of an event must be a string
        > 1:73: error: "time" of an event must be a moment of RFC 3339, such as 2026-01-05T09:00:00Z
        > 1:89: error: "Foo" of an event is no attribute's name: only a–z and 0–9

        - a: { emit: { event: { with: { source: x } } } }
        > 1:31: error: an event needs "type"

        - a: { emit: { evnt: {} } }
        > 1:16: error: unknown key "evnt"; did you mean "event"?

        - a: { listen: { to: {} } }
        > 1:22: error: events are waited for by one of one, any, all

        - a: { listen: { to: { one: { with: { type: x } }, any: [] } } }
        > 1:22: error: one, any exclude each other: write one of them

        - a: { listen: { to: { one: { wth: { type: x } } } } }
        > 1:31: error: unknown key "wth"; did you mean "with"?

        - a: { listen: { to: { all: [] } } }
        > 1:29: error: "all" must list at least one event

        - a: { listen: { to: { all: [ { with: { type: x } } ], until: .x } } }
        > 1:56: error: "until" goes with "any" only

        - a: { listen: { to: { one: { with: { type: x }, correlate: { id: { form: .id } } } } } }
        > 1:69: error: unknown key "form"; did you mean "from"?

        - a: { listen: { to: { any: [] }, read: everything } }
        > 1:41: error: "read" cannot be "everything"; it is one of data, envelope, raw

        - a: { run: { container: { image: x } } }
        > 1:15: error: "run: container" is not in the profile; workflows start no processes

        - a: { run: { script: { language: js, code: '' } } }
        > 1:15: error: "run: script" is not in the profile; workflows start no processes

        - a: { run: { shell: { command: ls } } }
        > 1:15: error: "run: shell" is not in the profile; workflows start no processes

        - a: { run: { workflow: { namespace: other, name: x, version: '1.0.0' } } }
        > 1:38: error: "namespace" must be the company "acme" or "default", not "other"

        - a: { run: { workflow: { namespace: acme } } }
        > 1:25: error: "workflow" needs "name"

        - a: { run: {} }
        > 1:13: error: "run" needs "workflow"

        - a: { call: http }
        > 1:6: error: "call: http" needs "with"

        - a: { call: http, with: { method: fetch, endpoint: 'https://x' } }
        > 1:36: error: "method" cannot be "fetch"; it is one of get, head, post, put, patch, delete, options

        - a: { call: http, with: { method: get } }
        > 1:26: error: "call: http" needs "endpoint"

        - a: { call: http, with: { method: get, endpoint: 'ftp://x' } }
        > 1:51: error: a URI must start with https:// or http://, not "ftp://x"

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/{id' } }
        > 1:51: error: "{" has no "}"; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/id}' } }
        > 1:51: error: "}" has no "{"; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/{+id}' } }
        > 1:51: error: "{+id}" is no member of the input; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/list{?n}' } }
        > 1:51: error: "{?n}" is no member of the input; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x.example/{a b}' } } }
        > 1:58: error: "{a b}" is no member of the input; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/{}' } }
        > 1:51: error: "{}" is no member of the input; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: 'https://' } }
        > 1:51: error: a URI must name a server after ://, not ""

        - a: { call: openapi, with: { document: { endpoint: 'https:// x.example/a b' }, operationId: o } }
        > 1:53: error: a URI must name a server after ://, not " x.example"

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/a b' } }
        > 1:51: warning: a URI has no blanks; write %20

        - a: { call: http, with: { method: get, endpoint: 'https://x.example/{a-b}/{c.d}/{straße}?q={e}' } }

        - a: { call: http, with: { method: get, endpoint: '{base}/x' } }

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x', authentication: { oauth2: { authority: 'https://x/{realm', grant: client_credentials, client: { id: a, secret: b } } } } } }
        > 1:110: error: "{" has no "}"; a member is written by its name alone, such as {id}, and anything else as an expression

        - a: { call: http, with: { method: get, endpoint: 'https://x', headers: [ a ] } }
        > 1:73: error: "headers" must be a mapping or an expression, not a list

        - a: { call: http, with: { method: get, endpoint: 'https://x', output: text } }
        > 1:72: error: "output" cannot be "text"; it is one of raw, content, response

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x', authentication: { basic: { username: u } } } } }
        > 1:96: error: "basic" needs "password"

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x', authentication: { use: p } } } }
        > 1:94: error: there is no authentication "p" in "use.authentications"

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x', authentication: { oidc: {} } } } }
        > 1:89: error: "oidc" is not in the profile; it has basic, bearer, digest and oauth2 client credentials

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x', authentication: { bearer: { token: '${ $secrets.key }' } } } } }
        > 1:106: error: the secret "key" is not listed in "use.secrets"

        - a: { call: http, with: { method: get, endpoint: { uri: 'https://x', authentication: { oauth2: { authority: 'https://x', grant: password, client: { id: a, secret: b } } } } } }
        > 1:130: error: the grant "password" is not in the profile; it has client_credentials

        - a: { call: openapi, with: { document: { endpoint: 'https://x' } } }
        > 1:29: error: "call: openapi" needs "operationId"

        - a: { call: grpc, with: {} }
        > 1:14: error: "call: grpc" is not in the profile; it calls http, openapi, functions and tasks

        - a: { call: 'https://x/function.yaml' }
        > 1:14: error: functions from elsewhere are not in the profile: "https://x/function.yaml"; define it in "use.functions"

        - a: { call: 'log:1.0.0@remote' }
        > 1:14: error: functions from elsewhere are not in the profile: "log:1.0.0@remote"; define it in "use.functions"

        - a: { call: look, with: { assign: { people: [ bob ], person: carol, role: it, prefer: zoe, due: 2h } } }
        > 1:55: warning: "person" has no effect beside "people"
        > 1:70: warning: "role" has no effect beside "people"
        > 1:80: warning: "prefer" has no effect beside "people"

        - a: { call: look, with: { assign: { prefer: [w2] } } }
        > 1:46: error: "prefer" must be a login or an expression "${ … }", not a list

        - a: { call: look, with: { assign: { prefer: 5, exclude: [5, Bob B] } } }
        > 1:46: error: "prefer" must be a login or an expression "${ … }", not "5"
        > 1:59: error: "exclude" must be a login or an expression "${ … }", not "5"
        > 1:62: error: "exclude" must be a login or an expression "${ … }", not "Bob B"

        - a: { call: look, with: { assign: { person: carol, role: it } } }
        > 1:53: warning: "role" has no effect beside "person"

        - a: { call: ticket-update, with: { priorty: high } }
        > 1:37: error: unknown key "priorty"; "ticket-update" has status, priority, title, labels; did you mean "priority"?

        - a: { call: ticket-update, with: { priority: huge } }
        > 1:47: error: "priority" cannot be "huge"; it is one of low, normal, high, urgent

        - a: { call: ticket-comment, with: { internal: true } }
        > 1:14: error: "ticket-comment" needs "body" in "with"

        - a: { call: ticket-open }
        > 1:14: error: "ticket-open" needs "type" in "with"

        - a: { set: '${ $secrets.key }' }
        > 1:17: error: $secrets is known only in input.from and in calls of http and openapi

        - a: { set: x, timeout: { before: PT1S } }
        > 1:25: error: "timeout" needs "after"
        > 1:27: error: unknown key "before"; "timeout" has after

        - a: { set: x, timeout: long }
        > 1:25: error: there is no "long" in "use.timeouts"

        - a: { set: x, input: { schema: { document: { type: thing } } } }
        > 1:53: error: "type" must be one of null, boolean, object, array, number, integer, string, not "thing"

        - a: { set: x, input: { schema: { document: { $ref: '#/x' } } } }
        > 1:47: error: the schema keyword "$ref" is not supported

        - a: { set: x, input: { schema: { format: avro, document: {} } } }
        > 1:43: error: the format of a schema must be json, not "avro"

        - a: { set: x, input: { schema: { resource: { endpoint: 'https://x' } } } }
        > 1:35: error: a schema from elsewhere is not supported; write it as "document"

        - a: { set: x, metadata: { background: 5 } }
        > 1:40: error: "background" must be true or false, not "5"

        - 'a/b': { set: x }
        > 1:3: error: a task's name holds no / and no ~
        """#)

    private static let document = """
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        do:

        """

    @Test(arguments: steps)
    func `of a step is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.workflow.yaml", before: Self.document) == mistake.messages)
    }

    private static let whole = Mistake.list(
        #"""
        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        use: { extensions: [] }
        do:
          - a: { set: x }
        > 2:8: error: extensions are not in the profile

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        use: { retries: { r: { dely: PT1S } }, secrets: [ 'a b' ], errors: { e: { status: 400 } }, functions: { http: { set: x } } }
        do:
          - a: { set: x }
        > 2:24: error: unknown key "dely"; did you mean "delay"?
        > 2:51: error: a secret's name is letters, digits, - and _, not "a b"
        > 2:73: error: an error needs "type"
        > 2:105: error: the function name "http" is reserved

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        schedule: { cron: 'every day' }
        do:
          - a: { set: x }
        > 2:19: error: "cron" must be minute, hour, day, month and weekday, as in '0 7 * * mon-fri', not "every day"

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        schedule: { every: PT1H, after: PT1H }
        do:
          - a: { set: x }
        > 2:11: error: every, after exclude each other: write one of them

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        schedule: { every: PT0.1S }
        do:
          - a: { set: x }
        > 2:20: error: "every" must be a fixed duration of at least a second

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        schedule: { every: PT1H }
        do:
          - a: { call: approve }
        > 2:1: error: a workflow that starts by the clock has no ticket, so nobody can be given the task "approve"; name the type of ticket to open in document.metadata.ticket

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        evaluate: { language: js }
        do:
          - a: { set: x }
        > 2:23: error: expressions are written in jq, not "js"

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
        evaluate: { mode: loose }
        do:
          - a: { set: x }
        > 2:19: warning: "loose" has no effect: only if, when, in, while, from, as and until take an expression without ${ }

        document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0', metadata: { ticket: 'No Slug' } }
        timeout: never
        do:
          - a: { set: x }
        > 1:91: error: "ticket" must name a ticket type: 1 to 63 of a–z, 0–9 and -, starting and ending with a letter or digit
        > 2:10: error: there is no "never" in "use.timeouts"
        """#)

    @Test(arguments: whole)
    func `of use, schedule and evaluate is told at its place`(_ mistake: Mistake) {
        #expect(mistake.found("x.workflow.yaml") == mistake.messages)
    }
}
