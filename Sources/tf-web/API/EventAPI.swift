import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// CloudEvents in, for `listen` and `schedule.on`. Source: CloudEvents 1.0.2, the JSON format.
struct EventAPI: Sendable {
    private static let required = ["specversion", "id", "source", "type"]
    private static let texts = ["time", "subject", "datacontenttype", "dataschema"]
    private static let longest = 1_024

    let desk: APIDesk

    func addRoutes(to routes: inout Routes) {
        routes.post("/api/v1/companies/{company}/events", receive)
    }

    @Sendable private func receive(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(
            context.parameters.get("company"), try context.requireSignedIn(), .sendEvents)
        let event = try await desk.body(request, also: "application/cloudevents+json")
        let errors = Self.errors(event)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        let isNew = try await desk.site.store.receive(event, company: found.company.id, now: desk.site.now)
        return .json(
            ["id": event["id"], "source": event["source"], "type": event["type"], "is_new": .bool(isNew)])
    }

    private static func errors(_ event: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for name in required where event[name].stringValue?.isEmpty != false {
            errors.append(FieldError(field: name, message: "\"\(name)\" must be a text that is not empty"))
        }
        if let version = event["specversion"].stringValue, version != "1.0" {
            errors.append(
                FieldError(field: "specversion", message: "\"specversion\" must be \"1.0\", not \"\(version)\""))
        }
        for name in texts where event[name] != .null && event[name].stringValue == nil {
            errors.append(FieldError(field: name, message: "\"\(name)\" must be a text"))
        }
        for (name, value) in event.objectValue ?? [:] where name != "data" {
            if (value.stringValue?.utf8.count ?? 0) > longest {
                errors.append(FieldError(field: name, message: "\"\(name)\" has at most \(longest) bytes"))
            }
            if value.objectValue != nil || value.arrayValue != nil {
                errors.append(
                    FieldError(field: name, message: "An attribute is no object and no list; put it into \"data\""))
            }
        }
        if event["data_base64"] != .null {
            errors.append(FieldError(field: "data_base64", message: "Send \"data\" as JSON"))
        }
        return errors
    }
}
