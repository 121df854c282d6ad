import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// The workflow language's examples, where they are present: each runs by a sensible script, or is refused for what the
/// profile leaves out.
@Suite struct WorkflowExampleTests {
    /// What the profile refuses, by the start of the file's name, with a part of the reason.
    private static let refused: [(prefix: String, reason: String)] = [
        ("authentication-oidc", "\"oidc\" is not in the profile"), ("call-asyncapi", "\"call: asyncapi\""),
        ("call-custom-function-cataloged", "functions from elsewhere"), ("call-grpc", "\"call: grpc\""),
        ("call-mcp", "\"call: mcp\""), ("mock-service-extension", "extensions"),
        ("run-container", "\"run: container\""), ("run-return", "\"run: container\""),
        ("run-script", "\"run: script\""), ("run-shell", "\"run: shell\""),
    ]

    private struct Run {
        var input: JSON?
        var script = ""
        var library: [String] = []
        var status = SimulationResult.Status.completed
        /// A part of the output's text.
        var output = ""
    }

    private static let pet =
        "http: [ { match: { url: 'https://petstore.swagger.io/v2/pet/*' }, respond: { body: { id: 1 } } } ]\n"
    private static let people =
        "http: [ { match: { url: 'https://swapi.dev/api/people/*' }, respond: { body: { name: Luke } } } ]\n"
    private static let api = """
        http:
          - match: { url: 'https://petstore.swagger.io/v2/swagger.json' }
            respond: { body: { swagger: '2.0', host: petstore.swagger.io, basePath: /v2, schemes: [https], paths: { /pet/findByStatus: { get: { operationId: findPetsByStatus, parameters: [ { name: status, in: query } ] } } } } }
          - match: { url: 'https://petstore.swagger.io/v2/pet/findByStatus?status=available' }
            respond: { body: [ { id: 1 } ] }

        """
    private static let hot = "{ type: com.fake-hospital.vitals.measurements.temperature, data: { temperature: 39 } }"
    private static let slow = "{ type: com.fake-hospital.vitals.measurements.bpm, data: { bpm: 50 } }"
    private static let trigger =
        "events: [ { after: PT1M, event: { type: io.serverlessworkflow.samples.events.trigger.v1, data: { a: 1 } } } ]"

    private static let runs: [String: Run] = [
        "accumulate-room-readings": Run(
            script: """
                http:
                  - match: { url: 'http://myorg.io/ordersservices.json' }
                    respond: { body: { openapi: 3.0.0, servers: [ { url: 'http://myorg.io/api' } ], paths: { /log: { post: { operationId: logreading } }, /report: { post: { operationId: produceReport } } } } }
                  - { match: { url: 'http://myorg.io/api/*' }, respond: { body: { done: true } } }
                events:
                  - { after: PT1M, event: { type: my.home.sensors.temperature, source: 'https://my.home.com/sensor', roomid: r1, data: { reading: 20 } } }
                  - { after: PT2M, event: { type: my.home.sensors.humidity, source: 'https://my.home.com/sensor', roomid: r2, data: { reading: 30 } } }
                """, status: .faulted),
        "authentication-bearer-uri-format": Run(input: ["petId": 1, "token": "t"], script: pet),
        "authentication-bearer": Run(input: ["token": "t"], script: pet),
        "authentication-oauth2-secret": Run(
            input: ["petId": 1],
            script: pet
                + "secrets: { mySecret: { authority: 'https://id.example', client: { id: a, secret: b } } }\n"),
        "authentication-oauth2": Run(input: ["petId": 1], script: pet),
        "authentication-reusable": Run(input: ["petId": 1, "token": "t"], script: pet),
        "call-custom-function-inline": Run(script: pet, output: "\"id\":1"),
        "call-http-endpoint-interpolation-shorthand": Run(input: ["petId": 1], script: pet),
        "call-http-endpoint-interpolation": Run(input: ["petId": 1], script: pet),
        "call-http-query-headers-expressions": Run(input: ["searchQuery": "Luke"], script: people, output: "Luke"),
        "call-http-query-parameters": Run(input: ["searchQuery": "Luke"], script: people),
        "call-http-redirect": Run(input: ["searchQuery": "Luke"], script: people),
        "call-openapi-redirect": Run(script: api), "call-openapi": Run(script: api),
        "conditional-task": Run(
            input: ["customer": ["age": 20]],
            script: "http: [ { match: { method: POST }, respond: { status: 201, body: { ok: true } } } ]"),
        "do-multiple": Run(input: ["petId": 1], script: pet), "do-single": Run(input: ["petId": 1], script: pet),
        "emit": Run(output: "com.petstore.order.placed.v1"), "for-inline-array": Run(output: "#0000FF"),
        "for": Run(
            input: ["pets": [["id": 7]], "vet": "v"],
            script:
                "events: [ { after: PT1H, event: { type: com.fake.petclinic.pets.checkup.completed.v2, data: {} } } ]",
            status: .faulted),
        "fork": Run(
            input: ["patient": ["fullName": "A"], "room": ["number": 1]],
            script:
                "http: [ { match: { url: 'https://fake-hospital.com/api/v3/alert/*' }, respond: { body: { ok: 1 } } } ]",
            output: "ok"),
        "listen-to-all read-envelope": Run(
            script: "events: [ { event: \(hot) }, { event: \(slow) } ]", output: "specversion"),
        "listen-to-all": Run(
            script: "events: [ { event: \(hot) }, { event: \(slow) } ]", output: "[{\"temperature\":39},{\"bpm\":50}]"),
        "listen-to-any-filter": Run(script: "events: [ { event: \(slow) } ]", output: "[{\"bpm\":50}]"),
        "listen-to-any-forever-foreach": Run(
            input: ["roomId": 1],
            script: "events: [ { event: \(hot) } ]\nhttp: [ { match: { method: POST }, respond: { body: {} } } ]",
            status: .waiting),
        "listen-to-any-until-condition": Run(
            script:
                "events: [ { event: { type: a } }, { event: { type: b } }, { event: { type: c } }, { event: { type: d } } ]"
        ),
        "listen-to-any-until-consumed": Run(
            script:
                "events: [ { event: \(hot) }, { event: \(slow) }, { event: { type: com.fake-hospital.patient.checked-out } } ]",
            output: "[{\"temperature\":39},{\"bpm\":50}]"),
        "listen-to-any": Run(script: "events: [ { event: { type: a, data: 5 } } ]", output: "[5]"),
        "listen-to-one": Run(
            input: ["carId": 1],
            script: """
                events: [ { after: PT1M, event: { type: com.virtual-wf-powered-race.events.race.started.v1, data: { carId: 4 } } } ]
                http: [ { match: { method: POST }, respond: { body: { started: true } } } ]
                """, output: "started"),
        "raise-inline": Run(status: .faulted), "raise-reusable": Run(status: .faulted),
        "run-subflow": Run(
            library: [
                "document: { dsl: '1.0.3', namespace: test, name: register-customer, version: '0.1.0' }\ndo: [ { a: { set: { done: true } } } ]\n"
            ], output: "{\"done\":true}"),
        "schedule-cron": Run(script: "http: [ { respond: { body: { ok: 1 } } } ]"),
        "schedule-event-driven": Run(
            script: """
                events: [ { event: { type: com.example.hospital.events.patients.heartbeat.low, data: { patient: { id: 1 } } } } ]
                http: [ { match: { method: POST }, respond: { body: { notified: true } } } ]
                """, output: "notified"),
        "set-expression": Run(script: trigger, output: "{\"a\":1}"),
        "set": Run(script: trigger, output: "{\"startEvent\":{\"a\":1}}"),
        "star-wars-homeworld": Run(
            input: ["id": 1],
            script: """
                http:
                  - match: { url: 'https://swapi.dev/api/people/1' }
                    respond: { body: { homeworld: 'https://swapi.dev/api/planets/1' } }
                  - { match: { url: 'https://swapi.dev/api/planets/1' }, respond: { body: { name: Tatooine } } }
                """, output: "Tatooine"),
        "switch-then-string": Run(input: ["orderType": "physical"], output: "Elmer St"),
        "try-catch-retry-inline": Run(
            input: ["petId": 1],
            script: "http: [ { respond: { status: 503 }, times: 2 }, { respond: { body: { id: 1 } } } ]",
            output: "\"id\":1"),
        "try-catch-retry-reusable": Run(
            input: ["petId": 1],
            script: "http: [ { respond: { status: 503 }, times: 2 }, { respond: { body: { id: 1 } } } ]",
            output: "\"id\":1"),
        "try-catch-then-directive": Run(script: "http: [ { respond: { status: 503 } } ]", output: "failed"),
        "try-catch-then": Run(
            input: ["petId": 1], script: "http: [ { respond: { status: 404 } } ]", output: "$error"),
        "try-catch": Run(input: ["petId": 1], script: "http: [ { respond: { status: 404 } } ]"),
        "wait-duration-inline": Run(), "wait-duration-iso8601": Run(),
    ]

    @Test func `each example runs, or is refused for what the profile leaves out`() throws {
        for file in try Corpus.workflowExamples() {
            let name = String(file.name.dropLast(".yaml".count))
            let parsed = Definition.parse(file.bytes, file: file.name, company: nil)
            if let refusal = Self.refused.first(where: { name.hasPrefix($0.prefix) }) {
                #expect(parsed.diagnostics.count == 1, "\(parsed.diagnostics)")
                #expect(parsed.diagnostics.first?.message.contains(refusal.reason) == true, "\(parsed.diagnostics)")
                continue
            }
            let run = try #require(Self.runs[name], "no run for \(name)")
            let result = try Workflows.run(
                String(decoding: file.bytes, as: UTF8.self), script: run.script, input: run.input,
                library: run.library)
            #expect(result.status == run.status, "\(name): \(result.json.text)")
            #expect(run.output.isEmpty || result.output.text.contains(run.output), "\(name): \(result.json.text)")
        }
    }
}
