import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFDefinition

/// The schemas are made of the checker's own tables; these tests hold the two against each other.
@Suite struct EditorSchemaTests {
    @Test(arguments: DefinitionKind.allCases)
    func `a schema is closed and explains every key`(_ kind: DefinitionKind) {
        let schema = EditorSchema.schema(of: kind)
        #expect(schema["$schema"] == "http://json-schema.org/draft-07/schema#")
        #expect(schema["additionalProperties"] == false)
        for (name, property) in schema["properties"].objectValue ?? [:] {
            #expect(property["description"].stringValue?.isEmpty == false, "\(name)")
        }
    }

    @Test func `every type of element is offered with its own attributes and validations`() {
        let element = EditorSchema.schema(of: .ticket)["properties"]["body"]["items"]
        #expect(element["properties"]["type"]["enum"].arrayValue?.contains("datetime") == true)
        let cases = element["allOf"].arrayValue ?? []
        #expect(cases.count == ElementType.allCases.count)
        let upload = cases.first { $0["if"]["properties"]["type"]["enum"].arrayValue?.contains("file") == true }
        #expect(
            upload?["then"]["properties"]["validations"]["properties"].objectValue?.keys.sorted()
                == ["accept", "max_files", "max_size", "required", "required_for"])
    }

    /// Whatever is accepted without a warning is valid for an editor.
    @Test func `a file that checks clean is valid, a misspelt key is not`() throws {
        for (kind, text) in Self.samples {
            let parsed = Definition.parse(Array(text.utf8), file: "x.\(kind.rawValue).yaml", company: "acme")
            #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
            var diagnostics = Diagnostics(file: "x")
            let json = try #require(YAMLNode.read(Array(text.utf8), &diagnostics)?.json)
            let validator = SchemaValidator(root: EditorSchema.schema(of: kind))
            #expect(validator.errors(in: json) == [])
            guard var misspelt = json.objectValue else { continue }
            misspelt["titel"] = "x"
            #expect(!validator.errors(in: .object(misspelt)).isEmpty)
        }
    }

    /// Real forms from elsewhere; read in place where they are.
    @Test func `GitHub's issue forms are valid for an editor, but for what is tolerated with a warning`() throws {
        let validator = SchemaValidator(root: EditorSchema.schema(of: .ticket))
        for (name, bytes) in try Corpus.issueForms() {
            let parsed = Definition.parse(bytes, file: name, company: nil)
            guard parsed.diagnostics.isEmpty else { continue }
            var diagnostics = Diagnostics(file: name)
            let json = try #require(YAMLNode.read(bytes, &diagnostics)?.json)
            #expect(validator.errors(in: json) == [], "\(name)")
        }
    }

    @Test(arguments: [
        ("{ call: http, with: { method: get } }", "/do/0/a/with: needs endpoint"),
        ("{ call: http }", "/do/0/a: needs with"), ("{ call: grpc }", "/do/0/a/call: may not be"),
        ("{ call: http, with: { method: get, endpoint: { url: 'https://x' } } }", "/do/0/a/with/endpoint: needs uri"),
        ("{ call: ticket-update, with: { priority: huge } }", "/do/0/a/with/priority: none of the forms"),
        ("{ call: ticket-comment, with: {} }", "/do/0/a/with: needs body"),
        ("{ call: ticket-open, with: { typ: x } }", "/do/0/a/with/typ: nothing may be here"),
        ("{ call: openapi, with: { operationId: x } }", "/do/0/a/with: needs document"),
        ("{ call: approve, with: { assign: { rol: it } } }", "/do/0/a/with/assign/rol: nothing may be here"),
        ("{ wait: soon }", "/do/0/a/wait: none of the forms"),
        ("{ wait: { hour: 1 } }", "/do/0/a/wait/hour: nothing may be here"),
        ("{ set: x, timeout: { after: soon } }", "/do/0/a/timeout/after: none of the forms"),
        ("{ set: x, iff: x }", "/do/0/a/iff: nothing may be here"), ("{ cal: x }", "/do/0/a: none of the forms"),
        ("{ for: { in: .x }, do: { b: { set: x } } }", "/do/0/a/do: not [\"array\"]"),
    ])
    func `what is wrong in a step is told for the step that was meant`(_ step: String, _ message: String) throws {
        let text = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo: [ { a: \(step) } ]\n"
        let json = try #require(YAMLNode.json(of: Array(text.utf8)))
        let errors = SchemaValidator(root: EditorSchema.schema(of: .workflow)).errors(in: json)
        #expect(errors.contains { $0.hasPrefix(message) }, "\(errors)")
    }

    @Test func `keys have their defaults and examples`() {
        let task = EditorSchema.schema(of: .task)["properties"]
        #expect(task["version"]["default"] == "1.0.0")
        #expect(task["assign"]["properties"]["strategy"]["default"] == "shortest-queue")
        #expect(task["due"]["examples"].arrayValue?.isEmpty == false)
        let step = EditorSchema.schema(of: .workflow)["definitions"]["task"]
        let titles = (step["allOf"].arrayValue ?? []).compactMap { $0["then"]["title"].stringValue }
        #expect(titles.contains("wait: some time") && titles.count == StepReader.kinds.count)
    }

    private static let samples: [(DefinitionKind, String)] = [
        (
            .ticket,
            """
            # yaml-language-server: $schema=ticket.schema.json
            ticket: a
            name: A
            description: B
            workflow: w:1.0.0
            submit_roles: [it]
            title: "X ${ .form.name }"
            priority: "${ if .form.n > 3 then \\"high\\" else \\"low\\" end }"
            due: P1DT2H
            labels: one, two
            state: active
            body:
              - { type: markdown, attributes: { value: Hi } }
              - { type: input, id: name, attributes: { label: Name }, validations: { pattern: "[a-z]+" } }
              - { type: number, id: n, attributes: { label: 12, step: 0.5, unit: EUR }, validations: { min: 1 } }
              - type: dropdown
                id: d
                attributes: { label: D, options: [a, { value: b, label: B }], default: 1, other: true }
                visible_if: { all: [ { field: n, gt: 1 }, { not: { field: name, in: [x, y] } } ] }
              - { type: file, id: f, attributes: { label: F }, validations: { accept: [.pdf], max_size: 10MB } }
            """
        ),
        (
            .task,
            """
            task: a
            version: 1.10.0
            title: Approve
            assign: { role: it, exclude: "${ [$ticket.requester] }" }
            due: 8h
            outcomes: [approve, { value: reject, label: Refuse, confirm: Sure?, validate: false }]
            body:
              - { type: input, id: a, attributes: { label: A, value: "${ .a }" }, validations: { required_for: [reject] } }
            """
        ),
        (
            .workflow,
            """
            document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
            do:
              - a: { call: t, with: { x: '${ .y }', assign: { role: it, due: 2h } }, metadata: { ticketStatus: s } }
              - b: { switch: [ { c: { when: .x, then: d } }, { e: { then: exit } } ] }
              - d: { do: [ { f: { set: { g: 1 }, if: .h, then: end } } ] }
              - l: { for: { in: .x }, while: .go, do: [ { m: { wait: { hours: 1 } } }, { n: { wait: P1D, timeout: { after: 2d } } } ] }
              - o: { call: http, with: { method: get, endpoint: 'https://x', headers: { a: 1 } }, metadata: { idempotent: true, owner: it } }
              - p: { call: ticket-open, with: { type: t, form: '${ .form }' } }
              - q: { try: [ { r: { raise: { error: { type: 'https://x', status: 404 } } } } ], catch: { retry: { limit: { attempt: { count: 2 } } }, do: [ { s: { listen: { to: { any: [], until: '${ false }' } } } } ] } }
            """
        ),
    ]
}
