import TFExpression
import Testing

@testable import TFDefinition

/// One fuel is for everything that a form which is sent has computed.
@Suite struct SharedFuelTests {
    /// Some 31,000 steps in little time: a few of them fit one fuel.
    private static let costly = #"("x" * 1000000) | length"#
    private static let input = "  - { type: input, id: x, attributes: { label: X } }\n"

    @Test func `a title of 200 costly expressions is refused, and says that the title is too expensive`() throws {
        let title = String(repeating: "${ \(Self.costly) } ", count: 200)
        let checked = try Self.ticket("title: '\(title)'\n").check(title: nil, ["x": "a"], FormFixture.context())
        #expect(checked.errors.map(\.field) == ["title"])
        #expect(checked.errors.first?.message.contains("take too long") == true)
    }

    @Test func `the priority has what the title left`() throws {
        let costly = "[\(Array(repeating: "(\(Self.costly))", count: 4).joined(separator: ", "))] | \"high\""
        let alone = try Self.ticket("title: T\npriority: '${ \(costly) }'\n")
        let checked = alone.check(title: nil, ["x": "a"], FormFixture.context())
        #expect(checked.errors == [])
        #expect(checked.priority == .high)
        let both = try Self.ticket("title: 'T ${ \(costly) }'\npriority: '${ \(costly) }'\n")
        #expect(both.check(title: nil, ["x": "a"], FormFixture.context()).errors.map(\.field) == ["priority"])
    }

    @Test func `a title that fails for itself is the type's name`() throws {
        let checked = try Self.ticket("title: '${ .form.x | tonumber }'\n")
            .check(title: nil, ["x": "a"], FormFixture.context())
        #expect(checked.errors == [])
        #expect(checked.title == "A")
        #expect(checked.uncomputed.map(\.key) == [.title])
    }

    @Test(
        arguments: [
            (".form.x", "it gave \"a\", not one of low, normal, high, urgent"), ("error(.form.x)", "a"), ("null", nil),
            ("\"high\"", nil),
        ] as [(String, String?)])
    func `a priority that is none is normal, and says why`(_ code: String, _ error: String?) throws {
        let checked = try Self.ticket("title: T\npriority: '${ \(code) }'\n")
            .check(title: nil, ["x": "a"], FormFixture.context())
        #expect(checked.errors == [])
        #expect(checked.priority == (code.hasPrefix("\"") ? .high : .normal))
        #expect(checked.uncomputed == (error.map { [UncomputedKey(.priority, $0)] } ?? []))
    }

    @Test func `answers that are refused are not computed with`() throws {
        let title = String(repeating: "${ \(Self.costly) } ", count: 200)
        let checked = try Self.ticket("title: '\(title)'\n").check(title: nil, ["y": "a"], FormFixture.context())
        #expect(checked.errors.map(\.field) == ["form.y"])
    }

    @Test func `conditions that search a long text again and again are stopped`() throws {
        let tests = (0..<20).map { "{ field: x, contains: 'no\($0)' }" }.joined(separator: ", ")
        let form = try FormFixture.form(
            """
              - { type: textarea, id: x, attributes: { label: X } }
              - { type: input, id: z, attributes: { label: Z }, visible_if: { any: [ \(tests) ] } }
            """)
        let long = JSON.string(String(repeating: "n", count: 60_000))
        // One twentieth of what a form has, since searching is slow in a debug build.
        var meter = ExpressionMeter(fuel: 10_000)
        #expect(form.check(["x": "short"], FormFixture.context(), &meter).errors == [])
        let checked = form.check(["x": long], FormFixture.context(), &meter)
        #expect(checked.errors.map(\.field) == ["form.z"])
        #expect(checked.errors.first?.message.contains("the conditions of this form together take too long") == true)
    }

    @Test func `a long text that is compared with every option costs little`() throws {
        let values = (0..<500).map { "'no\($0)'" }.joined(separator: ", ")
        let form = try FormFixture.form(
            """
              - { type: textarea, id: x, attributes: { label: X } }
              - { type: input, id: z, attributes: { label: Z }, visible_if: { field: x, in: [ \(values) ] } }
            """)
        let checked = form.check(["x": .string(String(repeating: "n", count: 60_000))], FormFixture.context())
        #expect(checked.errors == [])
        #expect(checked.hidden == [1])
    }

    @Test func `patterns are paid from the same fuel`() throws {
        let fields = (0..<100).map {
            "  - { type: textarea, id: f\($0), attributes: { label: F\($0) }, validations: { pattern: '(a|b|c|d){200}.*' } }"
        }
        let form = try FormFixture.form(fields.joined(separator: "\n"))
        let long = JSON.string(String(repeating: "a", count: 65_000))
        let all = JSONObject((0..<100).map { ("f\($0)", long) }, uniquingKeysWith: { $1 })
        #expect(form.check(["f0": long], FormFixture.context()).errors == [])
        let errors = form.check(all, FormFixture.context()).errors
        #expect(errors.map(\.message).last?.contains("the checks of this form together take too long") == true)
        #expect(errors.count == 1)
    }

    @Test func `no answer is a list of more than a thousand values`() throws {
        let form = try FormFixture.form(
            """
              - { type: dropdown, id: x, attributes: { label: X, options: [a, b], multiple: true, other: true } }
              - { type: user, id: u, attributes: { label: U, multiple: true } }
              - { type: upload, id: f, attributes: { label: F } }
            """)
        let many = JSON.strings((0..<100_000).map { "v\($0)" })
        let checked = form.check(["x": many, "u": many, "f": many], FormFixture.context())
        #expect(checked.errors.map(\.message) == ["X", "U", "F"].map { "\($0) takes at most 1000 values" })
        #expect(form.people(in: ["u": many]).count == 1_000)
        #expect(form.uploads(in: ["f": many]).count <= 21)
    }

    private static func ticket(_ keys: String) throws -> TicketDefinition {
        let text = "name: A\ndescription: B\n\(keys)body:\n\(input)"
        let parsed = Definition.parse(Array(text.utf8), file: "a.ticket.yaml", company: nil)
        guard case .ticket(let ticket)? = parsed.definition else {
            throw FormFixture.Unreadable(diagnostics: parsed.diagnostics)
        }
        return ticket
    }
}
