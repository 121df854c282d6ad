import TFExpression
import Testing

@testable import TFDefinition

@Suite struct JSONSchemaTests {
    @Test(arguments: [
        (
            #"{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}"#, #"{"a":1}"#, #"{"a":1.5}"#,
            "/a"
        ),
        (#"{"type":["string","null"]}"#, "null", "1", ""), (#"{"enum":[1,"a"]}"#, #""a""#, #""b""#, ""),
        (#"{"const":1.0}"#, "1", "2", ""), (#"{"required":["a"]}"#, #"{"a":null}"#, "{}", ""),
        (#"{"additionalProperties":false,"properties":{"a":true}}"#, #"{"a":1}"#, #"{"b":1}"#, "/b"),
        (#"{"additionalProperties":{"type":"number"}}"#, #"{"b":1}"#, #"{"b":"x"}"#, "/b"),
        (#"{"propertyNames":{"maxLength":1}}"#, #"{"b":1}"#, #"{"bb":1}"#, "/bb"),
        (#"{"minProperties":1,"maxProperties":1}"#, #"{"b":1}"#, "{}", ""),
        (#"{"items":{"minimum":2}}"#, "[2,3]", "[2,1]", "/1"),
        (#"{"prefixItems":[{"type":"string"}]}"#, #"["a",1]"#, "[1]", "/0"),
        (#"{"minItems":1,"maxItems":2}"#, "[1]", "[]", ""), (#"{"uniqueItems":true}"#, "[1,2]", "[1,1.0]", ""),
        (#"{"contains":{"const":1}}"#, "[2,1]", "[2]", ""), (#"{"exclusiveMinimum":1}"#, "1.1", "1", ""),
        (#"{"maximum":1}"#, "1", "1.1", ""), (#"{"exclusiveMaximum":1}"#, "0.9", "1", ""),
        (#"{"multipleOf":0.1}"#, "0.3", "0.35", ""), (#"{"minLength":2}"#, #""äö""#, #""ä""#, ""),
        (#"{"maxLength":1}"#, #""👍""#, #""aa""#, ""), (#"{"pattern":"b+"}"#, #""abc""#, #""ac""#, ""),
        (#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, "1", "3", ""),
        (#"{"anyOf":[{"const":1},{"const":2}]}"#, "2", "3", ""),
        (#"{"oneOf":[{"minimum":1},{"minimum":2}]}"#, "1", "2", ""), (#"{"not":{"const":1}}"#, "2", "1", ""),
        (#"{"title":"T","description":"D","default":1,"format":"email"}"#, "1", "", ""), ("true", "1", "", ""),
        ("false", "", "1", ""),
    ])
    func `a value that fits has no problems, another has one at its place`(
        _ text: String, _ good: String, _ bad: String, _ place: String
    ) throws {
        var diagnostics = Diagnostics(file: "x")
        let schema = try #require(
            JSONSchema.read(YAMLNode(try JSON(parsing: text)), &diagnostics), "\(diagnostics.items)")
        var fuel = 1_000
        if !good.isEmpty { #expect(schema.problem(of: try JSON(parsing: good), fuel: &fuel)?.reason == nil) }
        if !bad.isEmpty { #expect(schema.problem(of: try JSON(parsing: bad), fuel: &fuel)?.pointer == place) }
        #expect(fuel > 0)
    }

    @Test func `a schema of many alternatives ends on its fuel, however long the list is`() throws {
        let alternatives = (0..<5_000).map { JSON.object(["const": .int(-1 - $0)]) }
        let text: JSON = ["items": ["anyOf": .array(alternatives)]]
        var diagnostics = Diagnostics(file: "x")
        let schema = try #require(JSONSchema.read(YAMLNode(text), &diagnostics), "\(diagnostics.items)")
        var fuel = 200_000
        _ = schema.problem(of: .array(Array(repeating: -5_000, count: 100_000)), fuel: &fuel)
        #expect(fuel < 0)
    }
}
