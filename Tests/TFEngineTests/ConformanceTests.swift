import Foundation
import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// The workflow language's own conformance features, where they are present.
@Suite struct ConformanceTests {
    /// What the services that the features call would answer.
    private static let services = """
        http:
          - match: { url: "https://petstore.swagger.io/v2/pet/findByStatus?status=available" }
            respond: { body: [ { id: 1, name: Rex, status: available } ] }
          - match: { url: "https://petstore.swagger.io/v2/pet/getPetByName/*" }
            respond: { status: 404 }
          - match: { url: "https://petstore.swagger.io/v2/pet/1" }
            respond: { body: { id: 1, name: Rex, status: available } }
          - match: { url: "https://petstore.swagger.io/v2/pet/2" }
            respond: { body: { id: 2, name: Tom, status: sold } }
          - match: { url: "https://httpbin.org/basic-auth/*" }
            respond: { body: { authenticated: true } }
          - match: { url: "https://petstore.swagger.io/v2/swagger.json" }
            respond:
              body:
                swagger: '2.0'
                host: petstore.swagger.io
                basePath: /v2
                schemes: [ https, http ]
                paths:
                  /pet/findByStatus: { get: { operationId: findPetsByStatus, parameters: [ { name: status, in: query } ] } }
                  /pet/{petId}: { get: { operationId: getPetById, parameters: [ { name: petId, in: path, required: true } ] } }
        """

    @Test func `all scenarios of the conformance features pass`() throws {
        var count = 0
        for feature in try Corpus.features() {
            for scenario in Scenario.read(String(decoding: feature.bytes, as: UTF8.self)) {
                count += 1
                try check(scenario)
            }
        }
        // None at all: the corpus is not here.
        #expect(count == 0 || count == 21)
    }

    private func check(_ scenario: Scenario) throws {
        let result = try Workflows.run(
            scenario.workflow, script: Self.services, input: try scenario.input.map { try Workflows.json(yaml: $0) })
        for step in scenario.expectations {
            let document = try step.document.map { try Workflows.json(yaml: $0) }
            #expect(
                try holds(step.text, document, result),
                "\(scenario.name): \(step.text)\n\(result.json.text)")
        }
    }

    private func holds(_ text: String, _ document: JSON?, _ result: SimulationResult) throws -> Bool {
        let started = result.trace.filter { $0.event == "started" && !$0.task.isEmpty }.map(\.name)
        let words = text.split(separator: " ").map(String.init)
        let quoted = text.matches(of: #/'([^']+)'/#).map { String($0.1) }
        if text.hasPrefix("the workflow should complete") {
            return result.status == .completed && document.map { result.output.equals($0) } ?? true
        }
        if text.hasPrefix("the workflow should fault") {
            let error = result.error?.json ?? .null
            return result.status == .faulted
                && (document?.objectValue ?? [:]).allSatisfy { error[$0.key].equals($0.value) }
        }
        if text.contains("should have properties") { return quoted.allSatisfy { self.value($0, result.output) != nil } }
        if text.contains("property with value") {
            return value(quoted[0], result.output).map { $0.equals(document ?? .null) } ?? false
        }
        if text.contains("property containing"), let wanted = Int(words[words.count - 2]) {
            return value(quoted[0], result.output)?.arrayValue?.count == wanted
        }
        if text.hasSuffix("should run first") { return started.first == words[0] }
        if text.hasSuffix("should run last") { return started.last == words[0] }
        guard let first = started.firstIndex(of: words[words.count - 1]), let second = started.firstIndex(of: words[0])
        else { return false }
        return first < second
    }

    private func value(_ path: String, _ output: JSON) -> JSON? {
        var value = output
        for name in path.split(separator: ".") {
            guard let member = value.objectValue?[String(name)] else { return nil }
            value = member
        }
        return value
    }
}

/// A scenario of a Gherkin file, as far as these use the language.
private struct Scenario {
    let name: String
    var workflow = ""
    var input: String?
    var expectations: [(text: String, document: String?)] = []

    static func read(_ text: String) -> [Scenario] {
        var scenarios: [Scenario] = []
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        while let line = lines.popFirst() {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("Scenario:") {
                scenarios.append(Scenario(name: String(trimmed.dropFirst(9))))
                continue
            }
            guard let keyword = ["Given ", "When ", "Then ", "And "].first(where: trimmed.hasPrefix), !scenarios.isEmpty
            else { continue }
            let document = document(&lines)
            let text = String(trimmed.dropFirst(keyword.count)).trimmingCharacters(in: CharacterSet(charactersIn: " :"))
            let last = scenarios.count - 1
            if text.hasPrefix("a workflow with definition") {
                scenarios[last].workflow = document ?? ""
            } else if text.contains("input is") {
                scenarios[last].input = document
            } else if keyword != "When " {
                scenarios[last].expectations.append((text, document))
            }
        }
        return scenarios
    }

    /// The text between `"""yaml` and `"""` that follows a step.
    private static func document(_ lines: inout ArraySlice<String>) -> String? {
        guard let open = lines.first, open.contains("\"\"\"") else { return nil }
        lines = lines.dropFirst()
        let body = Array(lines.prefix { !$0.contains("\"\"\"") })
        lines = lines.dropFirst(body.count + 1)
        let indentation =
            body.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return body.map { String($0.dropFirst(indentation)) }.joined(separator: "\n")
    }
}
