import TFDefinition
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// What programs send about their jobs.
@Suite struct JobRequestTests {
    private static func messages(_ body: String, _ type: any RequestFields.Type) throws -> [String] {
        var members = try JSON(parsing: body).objectValue ?? [:]
        members["lease"] = "x"
        return FieldRules(type).shape.errors(in: .object(members)).map(\.message)
    }

    private static func messages(_ read: () throws -> JobResult) throws -> [String] {
        do {
            _ = try read()
            return []
        } catch StoreError.invalid(let errors) { return errors.map(\.message) }
    }

    @Test(arguments: [
        "{}", #"{"output":{}}"#, #"{"output":{"outcome":5}}"#, #"{"output":[1]}"#, #"{"output":"text"}"#,
        #"{"outcome":"good"}"#, #"{"outcome":5}"#, #"{"outcome":""}"#, #"{"outcome":["good"],"output":1}"#,
        #"{"outcome":"\#(String(repeating: "o", count: 201))"}"#,
    ])
    func `a completion is described to programs by the rule that reads the list of results`(_ body: String) throws {
        let said = try JSON(parsing: body)
        #expect(
            try Self.messages(body, JobCompletion.self)
                == Self.messages { try .completion(output: said["output"], outcome: said["outcome"]) })
    }

    @Test(arguments: [
        #"{"error":"boom"}"#, #"{"error":{"title":"boom"}}"#, #"{"error":{"title":"boom","detail":null}}"#,
        #"{"error":{"title":"boom","detail":"at 7"},"retry":false}"#, #"{"error":5}"#, #"{"error":""}"#,
        #"{"error":{"title":""}}"#, #"{"error":{"detail":"d"}}"#, #"{"error":{"title":5,"detail":5}}"#,
        #"{"error":"boom","retry":"no"}"#,
    ])
    func `and so is a failure`(_ body: String) throws {
        let said = try JSON(parsing: body)
        #expect(
            try Self.messages(body, JobFailure.self)
                == Self.messages { try .failure(said["error"], retry: said["retry"]) })
    }

    @Test(arguments: [
        (#"{"error":{"title":""}}"#, #""error.title" must be a text that is not empty"#),
        (#"{"error":{"detail":"d"}}"#, #""error.title" is missing"#),
        (#"{"error":{"title":"t","code":7}}"#, #"There is no member "code" here"#),
        (#"{"error":7}"#, #""error" must be a string or an object"#),
    ])
    func `what may have several types is told by the one that was sent`(_ body: String, _ message: String) throws {
        #expect(try Self.messages(body, JobFailure.self) == [message])
    }
}
