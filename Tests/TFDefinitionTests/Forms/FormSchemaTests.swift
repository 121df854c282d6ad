import TFExpression
import TestSupport
import Testing

@testable import TFDefinition

/// The form as a JSON Schema with all that a program needs to draw it.
@Suite struct FormSchemaTests {
    private static func schema(_ body: String, inTask: Bool = false, prefilled: JSONObject = [:]) throws -> JSON {
        let form = try inTask ? FormFixture.taskForm(body) : FormFixture.form(body)
        return form.jsonSchema(prefilled: prefilled)
    }

    private static let fields: [(String, String)] = [
        (
            "{ type: textarea, id: a, attributes: { label: A, description: D, placeholder: P, value: V, render: shell }, validations: { max_length: 9 } }",
            #"{"title":"A","description":"D","x-type":"textarea","type":"string","maxLength":9,"x-multiline":true,"x-placeholder":"P","x-render":"shell","default":"V"}"#
        ),
        (
            "{ type: number, id: a, attributes: { label: A, unit: EUR, value: 2.5 }, validations: { required: true, min: 0, step: 0.5 } }",
            #"{"title":"A","x-type":"number","type":"number","minimum":0,"multipleOf":0.5,"x-step":0.5,"x-unit":"EUR","default":2.5}"#
        ),
        (
            "{ type: dropdown, id: a, attributes: { label: A, options: [x, { value: y, label: Why, description: E }], default: 1 } }",
            #"{"title":"A","x-type":"dropdown","type":"string","oneOf":[{"const":"x","title":"x"},{"const":"y","title":"Why","description":"E"}],"default":"y"}"#
        ),
        (
            "{ type: radio, id: a, attributes: { label: A, other: true, options: [x] } }",
            #"{"title":"A","x-type":"radio","x-other":true,"type":"string","anyOf":[{"oneOf":[{"const":"x","title":"x"}]},{"type":"string","maxLength":200}]}"#
        ),
        (
            "{ type: checkboxes, id: a, attributes: { label: A, options: [{ label: L, value: l, required: true }, { label: M }] } }",
            #"{"title":"A","x-type":"checkboxes","type":"array","items":{"oneOf":[{"const":"l","title":"L"},{"const":"M","title":"M"}]},"uniqueItems":true,"allOf":[{"contains":{"const":"l"}}]}"#
        ),
        (
            "{ type: date, id: a, attributes: { label: A, value: today+3d }, validations: { not_before: today } }",
            #"{"title":"A","x-type":"date","type":"string","format":"date","x-default":"today+3d","x-not-before":"today"}"#
        ),
        (
            "{ type: user, id: a, audience: [ticket_admin], attributes: { label: A, value: me, role: it } }",
            #"{"title":"A","x-audience":["ticket_admin"],"x-type":"user","type":"string","x-role":"it","x-default":"me"}"#
        ),
        (
            "{ type: dropdown, id: a, attributes: { label: A, options: [] } }",
            #"{"title":"A","x-type":"dropdown","type":"string","not":{}}"#
        ),
    ]

    @Test(arguments: fields)
    func `tells a field's kind, options, unit, default and lines`(_ field: String, _ wanted: String) throws {
        let found = try Self.schema("- \(field)\n")["properties"]["a"]
        let expected = try JSON(parsing: wanted)
        #expect(found.sorted == expected.sorted, "\(found.text)")
    }

    @Test func `tells conditions as data, and the order of all that is shown`() throws {
        let schema = try Self.schema(
            """
            - { type: markdown, attributes: { value: Hello } }
            - { type: number, id: n, attributes: { label: N } }
            - { type: section, attributes: { label: S }, visible_if: { field: n, is_empty: false } }
            - { type: input, id: z, attributes: { label: Z }, validations: { required: true }, visible_if: { any: [ { field: n, gt: 1 }, { not: { field: n, in: [0, 1] } } ] } }
            """)
        #expect(
            schema["properties"]["z"]["x-visible-if"].text
                == #"{"any":[{"field":"n","gt":1},{"not":{"field":"n","in":[0,1]}}]}"#)
        #expect(schema["properties"]["z"]["x-visible-if-words"] == "N is more than 1 or not (N is one of 0, 1)")
        #expect(schema["required"] == [])
        #expect(
            schema["x-elements"].text
                == #"[{"type":"markdown","markdown":"Hello"},{"field":"n"},"#
                + #"{"type":"section","title":"S","x-visible-if":{"field":"n","is_not_empty":true},"#
                + #""x-visible-if-words":"N is filled in"},{"field":"z"}]"#)
    }

    @Test func `boxes of which one must be ticked are required, unless a condition may hide them`() throws {
        func box(_ id: String, _ isRequired: Bool, _ more: String = "") -> String {
            "- { type: checkboxes, id: \(id), attributes: { label: \(id), options: [{ label: L, required: \(isRequired) }] }\(more) }\n"
        }
        let body =
            "- { type: checkbox, id: n, attributes: { label: N } }\n" + box("all", true) + box("free", false)
            + box("hidden", true, ", visible_if: { field: n, equals: true }")
            + box("some", false, ", validations: { required: true }")
        #expect(try Self.schema(body)["required"] == ["all", "some"])
        let missing = try FormFixture.form(body).check([:], FormFixture.context()).errors.map(\.field)
        #expect(missing == ["form.all", "form.some"])
    }

    @Test func `a task's form starts with what its input gives`() throws {
        let body = "- { type: input, id: a, attributes: { label: A, value: \"${ .x }\" } }\n"
        let schema = try Self.schema(body, inTask: true, prefilled: ["a": "computed"])
        #expect(schema["properties"]["a"]["default"] == "computed")
    }

    /// What the form takes, the schema takes: read with our own reader, which refuses unknown words.
    @Test func `is a schema that takes every answer that the form takes`() throws {
        for (name, bytes) in try Corpus.issueForms() {
            guard case .ticket(let ticket)? = Definition.parse(bytes, file: name, company: nil).definition else {
                continue
            }
            var diagnostics = Diagnostics(file: name)
            let schema = try #require(
                JSONSchema.read(YAMLNode(ticket.form.jsonSchema().withoutAnnotations), &diagnostics),
                "\(name) \(diagnostics.items)")
            var answers = JSONObject()
            for (id, element) in ticket.form.fields {
                switch element.kind {
                case .text(let field): answers[id] = .string(field.value ?? "text")
                case .choice(let field):
                    let values = field.options.map { JSON.string($0.value) }
                    answers[id] = field.isMultiple ? .array(values) : values.last ?? .null
                case .checkboxes(let field): answers[id] = .strings(field.options.map(\.value))
                default: break
                }
            }
            let checked = ticket.form.check(answers, FormFixture.context())
            #expect(checked.errors.isEmpty, "\(name) \(checked.errors)")
            var fuel = 100_000
            #expect(schema.problem(of: .object(checked.answers), fuel: &fuel)?.pointer == nil, "\(name)")
            #expect(fuel > 0)
        }
    }
}

extension JSON {
    /// With the members in the order of their names.
    fileprivate var sorted: JSON {
        switch self {
        case .null, .bool, .number, .string: self
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(
                JSONObject(
                    members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted) }, uniquingKeysWith: { $1 }))
        }
    }

    /// Without the words that a validator skips.
    fileprivate var withoutAnnotations: JSON {
        switch self {
        case .null, .bool, .number, .string: self
        case .array(let elements): .array(elements.map(\.withoutAnnotations))
        case .object(let members):
            .object(
                JSONObject(
                    members.filter { !$0.key.hasPrefix("x-") }.map { ($0.key, $0.value.withoutAnnotations) },
                    uniquingKeysWith: { $1 }))
        }
    }
}
