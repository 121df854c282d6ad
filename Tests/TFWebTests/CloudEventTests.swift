import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import Testing

@testable import tf_web

/// CloudEvents as their senders write them: in the body, in a list, or in the headers.
@Suite struct CloudEventTests {
    private static let event: JSONObject = ["specversion": "1.0", "id": "1", "source": "/dock", "type": "acme.arrived"]

    private static func event(_ more: JSONObject) -> JSON {
        .object(event.merging(more, uniquingKeysWith: { $1 }))
    }

    private static func fields(_ read: () throws -> CloudEvent) throws -> [String] {
        do {
            _ = try read()
            return []
        } catch Failure.invalid(let errors) { return errors.map(\.field) }
    }

    @Test(
        arguments: [
            (["data": ["a": 1]], "data", ["a": 1]), (["data": .null], "data", .null),
            (["data_base64": "AQID"], "data_base64", "AQID"),
            (["data_base64": "eyJhIjoxfQ==", "datacontenttype": "application/json"], "data", ["a": 1]),
            (
                ["data_base64": "eyJhIjoxfQ==", "datacontenttype": "application/vnd.x+json; charset=utf-8"], "data",
                ["a": 1]
            ),
            (["data_base64": "w6Q=", "datacontenttype": "text/plain"], "data", "ä"),
            (["data_base64": "5A==", "datacontenttype": "text/plain"], "data_base64", "5A=="),
            (["data_base64": "w6Q=", "datacontenttype": "text/plain; charset=\"ISO-8859-1\""], "data_base64", "w6Q="),
            (["data_base64": "AA==", "datacontenttype": "text/plain"], "data_base64", "AA=="),
            (["data_base64": "", "datacontenttype": "image/png"], "data_base64", ""),
            (["subject": .null, "time": .null, "flag": true, "count": -2_147_483_648, "e1": ""], "e1", ""),
            (["time": "2026-02-28T23:59:60.123456789+14:00"], "time", "2026-02-28T23:59:60.123456789+14:00"),
            (["time": "2026-02-28t23:59:00z", "dataschema": "urn:x:1"], "dataschema", "urn:x:1"),
        ] as [(JSONObject, String, JSON)])
    func `an event in order is taken, and its data are JSON or text where they can be`(
        _ more: JSONObject, _ name: String, _ value: JSON
    ) throws {
        let json = try CloudEvent(Self.event(more)).json
        #expect(json[name] == value)
        #expect(json["id"] == "1")
        #expect(json["data"] == .null || json["data_base64"] == .null)
        #expect(json.objectValue?["subject"] == nil)
    }

    @Test(
        arguments: [
            (["specversion": "0.3"], ["specversion"]), (["specversion": 1], ["specversion"]), (["id": ""], ["id"]),
            (["id": .null, "type": .null], ["id", "type"]), (["source": ["a"]], ["source"]), (["type": 1], ["type"]),
            (["id": .string(String(repeating: "x", count: 1_025))], ["id"]), (["id": "a\u{0}b"], ["id"]),
            (["subject": "a\u{85}"], ["subject"]), (["subject": ""], ["subject"]), (["time": "yesterday"], ["time"]),
            (["time": "2026-02-29T00:00:00Z"], ["time"]), (["time": "2026-01-01T00:00:00"], ["time"]),
            (["time": "2026-01-01T00:00Z"], ["time"]), (["time": "2026-01-01 00:00:00Z"], ["time"]),
            (["datacontenttype": "json"], ["datacontenttype"]), (["dataschema": "schema.json"], ["dataschema"]),
            (["myExt": "x"], ["myExt"]), (["my_ext": "x"], ["my_ext"]), (["": "x"], [""]), (["ä": "x"], ["ä"]),
            (["ext": [1]], ["ext"]), (["ext": 2_147_483_648], ["ext"]), (["ext": ["a": 1]], ["ext"]),
            (["data": 1, "data_base64": "AQID"], ["data_base64"]), (["data_base64": "A"], ["data_base64"]),
            (["data_base64": 1], ["data_base64"]),
            (["data_base64": "ew==", "datacontenttype": "application/json"], ["data_base64"]),
            (["data": ["a": ["b\u{0}": 1]]], ["data"]), (["data": ["x", "\u{0}"]], ["data"]),
        ] as [(JSONObject, [String])])
    func `what is wrong with an event is told by its field`(_ more: JSONObject, _ fields: [String]) throws {
        #expect(try Self.fields { try CloudEvent(Self.event(more)) } == fields)
        #expect(
            try Self.fields { try CloudEvent(Self.event(more), at: "7") } == fields.map { $0.isEmpty ? "7" : "7.\($0)" }
        )
    }

    @Test(arguments: ["1.5", "2147483648", "-1e99", "[]", "{}"])
    func `an extension is text, a flag or a small whole number`(_ value: String) throws {
        let json = try JSON(parsing: #"{"specversion":"1.0","id":"1","source":"s","type":"t","ext":\#(value)}"#)
        #expect(try Self.fields { try CloudEvent(json) } == ["ext"])
    }

    @Test(arguments: ["[]", "1", "null", "\"x\"", "{}"])
    func `what is no event is refused`(_ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(try Self.fields { try CloudEvent(json) } == (text == "{}" ? EventAttributes.required : [""]))
    }

    @Test(arguments: [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"), ("plain", "plain"), ("%41%c3%a4", "Aä"), ("%2541", "%41"),
        (#""a \"b\" \\ c%20d""#, #"a "b" \ c d"#), ("100%", nil), ("%C0%A0", nil), ("%E2%82", nil), ("%4", nil),
        ("%GG", nil), ("\"", "\""), ("%", nil),
    ])
    func `a header's value is unquoted, then decoded once`(_ value: String, _ text: String?) throws {
        var headers: HTTPFields = [.contentType: "image/png"]
        headers[try #require(HTTPField.Name("CE-Subject"))] = value
        guard let text else {
            #expect(throws: Failure.self) { try EventHeaders.attributes(headers) }
            return
        }
        let attributes = try EventHeaders.attributes(headers)
        #expect(attributes == ["subject": .string(text), "datacontenttype": "image/png"])
    }

    @Test(arguments: ["ce-datacontenttype", "ce-data", "ce-subject"])
    func `headers that must not be there, or twice, are refused`(_ name: String) throws {
        var headers: HTTPFields = [:]
        let field = try #require(HTTPField.Name(name))
        headers.append(HTTPField(name: field, value: "a"))
        headers.append(HTTPField(name: field, value: "b"))
        #expect(throws: Failure.self) { try EventHeaders.attributes(headers) }
    }

    @Test func `each way of sending is taken, a list as a whole or not at all`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("ada")
            func send(_ body: String?, _ type: String, _ headers: [String: String] = [:]) async throws -> (Int, JSON) {
                var fields: HTTPFields = [:]
                for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
                let answer = try await browser.json(
                    "/api/v1/companies/acme/events", .post, token: token, body, type: type, headers: fields)
                return (answer.status.code, try JSON(parsing: String(buffer: answer.body)))
            }
            func event(_ id: String) -> String {
                Self.event(["id": .string(id), "data": ["id": .string(id)]]).text
            }
            let list = "application/cloudevents-batch+json"
            let taken = try await send("[\(event("1")),\(event("2")),\(event("1"))]", list)
            #expect(taken.0 == 200)
            #expect(taken.1.arrayValue?.map { $0["is_new"] } == [true, true, false])
            #expect(try await send("[]", list) == (200, []))
            let mistyped = try await send("[\(event("1"))]", "application/json")
            #expect(mistyped.0 == 422)
            #expect(mistyped.1["detail"].displayText.contains(list))
            // One of them is wrong: the other is not taken either.
            let half = try await send("[\(event("3")),{\"id\":\"4\"},7]", list)
            #expect(half.0 == 422)
            #expect(
                half.1["errors"].arrayValue?.map { $0["field"] } == ["1.specversion", "1.source", "1.type", "2"])
            #expect(try await send(event("3"), "application/cloudevents+json; charset=UTF-8").1["is_new"] == true)
            let long = "[" + (0...SentEvents.limit).map { event("l\($0)") }.joined(separator: ",") + "]"
            #expect(try await send(long, list).0 == 422)
            #expect(try await send(event("5"), list).0 == 400)
            let binary = ["ce-specversion": "1.0", "ce-id": "3", "ce-source": "/dock", "ce-type": "acme.arrived"]
            #expect(try await send("{\"a\":1}", "application/json", binary).1["is_new"] == false)
            for (number, (body, type)) in [
                ("{}", "application/json"), ("hello", "text/plain"), ("\u{1}", "image/png"), (nil, "application/json"),
            ].enumerated() {
                let sent = try await send(body, type, binary.merging(["ce-id": "b\(number)"], uniquingKeysWith: { $1 }))
                #expect(sent.0 == 200)
                #expect(sent.1["is_new"] == true)
            }
            #expect(try await send("{", "application/json", binary).0 == 400)
            let missing = try await send("{}", "application/json", ["ce-id": "9"])
            #expect(missing.0 == 422)
            #expect(missing.1["errors"].arrayValue?.map { $0["field"] } == ["specversion", "source", "type"])
            #expect(try await send(event("6"), "application/cloudevents+avro").0 == 415)
            #expect(try await send(event("6"), "text/plain").0 == 415)
        }
    }
}
