import Foundation
import Testing

@testable import TFExpression

@Suite struct JSONTests {
    @Test(arguments: [
        #"{"b":1,"a":[true,false,null]}"#, #""\u0000\n\"\\""#, "[1,1.50,-0.1e+10,12345678901234567890]", #""ä😀""#, "{}",
        "[]",
    ])
    func `text that is read is written back as it was`(_ text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "the member \"a\" stands twice"), ("[1,]", "a value cannot start here"),
        ("01", "something follows the value"), ("1 2", "something follows the value"),
        ("\"a", "the string does not end"),
        ("1e999", "the number is beyond range"), ("nul", "a value cannot start here"),
        (String(repeating: "[", count: 300), "nested deeper than 256"),
    ])
    func `what is no JSON is refused with the reason`(_ text: String, _ reason: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test func `surrogate pairs become one character and lone ones the replacement`() throws {
        #expect(try JSON(parsing: #""\ud83d\ude00 \ud83d""#) == .string("😀 \u{FFFD}"))
    }

    @Test func `values sort as jq sorts them`() throws {
        let values = try JSON(parsing: #"[{"a":1},[1],"b","a",2,1,true,false,null]"#).arrayValue ?? []
        #expect(JSON.array(values.sortedAsJQ()).text == #"[null,false,true,1,2,"a","b",[1],{"a":1}]"#)
    }

    @Test func `a codable record keeps order and digits`() throws {
        let value = try JSON(parsing: #"{"z":1.10,"a":12345678901234567890}"#)
        let copy = try JSONDecoder().decode([JSON].self, from: try JSONEncoder().encode([value]))
        #expect(copy.map(\.text) == [value.text])
    }

    @Test func `a template finds the brace that closes it`() throws {
        let template = try Template(#"Hi ${ {a: "}"} | .a } and ${ .n }!"#)
        #expect(try template.render { try $0.value(["n": 2]) } == "Hi } and 2!")
        #expect(throws: ExpressionSyntaxError.self) { try Template("open ${ .a") }
    }
}
