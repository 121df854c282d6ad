import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// CloudEvents in, for `listen` and `schedule.on`. Source: CloudEvents 1.0.2, the JSON format.
struct EventAPI: Sendable {
    /// Characters of an attribute.
    private static let longest = 1_024

    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let attribute = Shape.text(1, Self.longest)
        routes.api(
            .post, "/companies/{company}/events", .sendEvents, on: .company,
            Operation(
                "sendEvent", "Send a CloudEvent, for `listen` and `schedule.on`",
                body: .json(
                    .open(
                        [
                            .required("specversion", .choice(["1.0"])), .required("id", attribute),
                            .required("source", attribute), .required("type", attribute),
                            .optional("time", .time), .optional("subject", attribute),
                            .optional("datacontenttype", attribute), .optional("dataschema", attribute),
                            .optional("data", .any),
                        ],
                        others: .either([.text(0, Self.longest), .flag, .integer(Int64(Int32.min)...Int64(Int32.max))])),
                    also: "application/cloudevents+json"),
                answer: .json(.event)), receive)
    }

    @Sendable private func receive(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let event = try await desk.body(request, context)
        guard event["data_base64"] == .null else {
            throw Failure.invalid([FieldError(field: "data_base64", message: "Send \"data\" as JSON")])
        }
        let isNew = try await found.store.receive(event, company: found.company.id, now: desk.site.now)
        return .json(
            ["id": event["id"], "source": event["source"], "type": event["type"], "is_new": .bool(isNew)])
    }
}
