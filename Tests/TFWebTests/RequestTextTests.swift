import TFDefinition
import TFExpression
import Testing

@testable import tf_web

/// Every text that a request of the API may hold has a limit, and what is longer is refused with it.
@Suite struct RequestTextTests {
    /// What is checked where it is known what it is for: answers of forms, outputs and data of events, by their names.
    private static let checkedElsewhere: Set<String> = ["form", "output", "data"]

    /// A text, or free value, that a body may hold.
    private struct Place {
        let path: String
        let shape: Shape
        let rule: Shape.TextRule?
    }

    private static func places(_ shape: Shape, _ path: String) -> [Place] {
        func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        switch shape {
        case .text(let rule): return [Place(path: path, shape: shape, rule: rule)]
        case .any: return [Place(path: path, shape: shape, rule: nil)]
        case .integer, .flag, .choice: return []
        case .list(let element, _): return places(element, join("0"))
        case .object(let members): return members.flatMap { places($0.shape, join($0.name)) }
        case .open(let members, let others):
            return members.flatMap { places($0.shape, join($0.name)) } + places(others, join("other"))
        case .map(let element): return places(element, join("member"))
        case .orNull(let inner), .named(_, let inner): return places(inner, path)
        case .either(let shapes): return shapes.flatMap { places($0, path) }
        }
    }

    @Test func `each text has a limit in characters and bytes, and what is longer is refused with it`() async throws {
        let routes = buildRoutes(try await WebFixture().site).routes
        var count = 0
        for operation in routes.compactMap(\.operation) {
            let shape: Shape
            switch operation.body {
            case .json(let body), .optional(let body), .form(let body), .events(let body, _): shape = body
            case .file, .yaml, nil: continue
            }
            for place in Self.places(shape, "") {
                let name = "\(operation.id) \(place.path)"
                guard let rule = place.rule else {
                    let first = place.path.split(separator: ".").first.map(String.init) ?? ""
                    #expect(Self.checkedElsewhere.contains(first), "\(name)")
                    continue
                }
                // Its text is read as base64, within the limit of the body.
                if operation.id == "sendEvent", place.path == "data_base64" { continue }
                count += 1
                for long in [String(repeating: "x", count: 4 << 20), "e" + String(repeating: "\u{301}", count: 60_000)]
                {
                    let errors = place.shape.errors(in: .string(long), at: place.path)
                    #expect(errors.first?.field == place.path, "\(name)")
                    #expect(errors.count == 1, "\(name)")
                    // A moment is short by what it is.
                    guard let limit = rule.limit else {
                        #expect(rule.format == "date-time", "\(name) has no limit")
                        continue
                    }
                    let told = ["\(limit.characters)", "\(limit.bytes)", ByteSize.text(limit.bytes)]
                    #expect(told.contains { errors.first?.message.contains($0) == true }, "\(name): \(errors)")
                }
            }
        }
        #expect(count > 30)
    }
}
