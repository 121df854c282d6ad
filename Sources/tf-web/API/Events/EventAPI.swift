import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// CloudEvents in, for `listen` and `schedule.on`: one in the body, many in it, or one in the headers with its data as
/// the body. Source: CloudEvents 1.0.2, the HTTP protocol binding and the JSON format.
struct EventAPI: Sendable {
    /// Events of one request.
    static let limitBatch = 100

    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.api(
            .post, "/companies/{company}/events", .sendEvents, on: .company,
            Operation(
                "sendEvent",
                "Send CloudEvents, for `listen` and `schedule.on`: one, or a list of which all are taken or none",
                body: .events(.cloudEvent, limit: Self.limitBatch),
                answer: .json(
                    .either([
                        ReceivedEvent.answer.shape, .list(ReceivedEvent.answer.shape, most: Self.limitBatch),
                    ]))), receive)
    }

    @Sendable private func receive(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let (events, isList) = try await read(request)
        let areNew = try await found.store.receive(
            events.map(\.json), now: desk.site.now)
        let answers = zip(events, areNew).map { ReceivedEvent(event: $0.json, isNew: $1).json }
        return .json(isList ? .array(answers) : answers.first ?? .null)
    }

    /// - Returns: the events, and whether the sender sent a list.
    private func read(_ request: Request) async throws -> (events: [CloudEvent], isList: Bool) {
        let type = APIDesk.type(request) ?? ""
        switch type {
        case EventType.one: return ([try CloudEvent(try await json(request))], false)
        case EventType.list: return (try list(try await json(request)), true)
        default: break
        }
        if type.hasPrefix(EventType.any) { throw Failure.unsupportedMediaType(EventType.allowed) }
        if EventHeaders.areThere(request.headers) {
            let attributes = try EventHeaders.attributes(request.headers)
            return ([try CloudEvent(attributes: attributes, body: try await APIDesk.bytes(request))], false)
        }
        guard type == "application/json" else { throw Failure.unsupportedMediaType(EventType.allowed) }
        let event = try await json(request)
        guard event.arrayValue == nil else {
            throw Failure.invalid([FieldError(field: "", message: "A list of events is sent as \(EventType.list)")])
        }
        return ([try CloudEvent(event)], false)
    }

    private func json(_ request: Request) async throws -> JSON {
        do { return try JSON(parsing: try await APIDesk.bytes(request)) } catch let error as JSONSyntaxError {
            throw Failure.badRequest("The body is \(error).")
        }
    }

    private func list(_ body: JSON) throws -> [CloudEvent] {
        guard let elements = body.arrayValue else { throw Failure.badRequest("The body must be a JSON list.") }
        guard elements.count <= Self.limitBatch else {
            throw Failure.invalid([
                FieldError(field: "", message: "The body must be a list of at most \(Self.limitBatch) events")
            ])
        }
        var events: [CloudEvent] = []
        var errors: [FieldError] = []
        for (index, element) in elements.enumerated() {
            do { events.append(try CloudEvent(element, at: "\(index)")) } catch Failure.invalid(let wrong) {
                errors += wrong
            }
        }
        guard errors.isEmpty else { throw Failure.invalid(Array(errors.prefix(FieldError.limit))) }
        return events
    }

}

/// How events are sent, as Content-Type says it.
enum EventType {
    static let any = "application/cloudevents"
    static let one = "application/cloudevents+json"
    static let list = "application/cloudevents-batch+json"
    static let allowed = "\(one), as \(list), or with its attributes in ce-… headers"
}

extension Shape {
    private static let attribute = Shape.text(1, EventAttributes.limitCharacters)

    /// A CloudEvent in the JSON format.
    static let cloudEvent = Shape.named(
        "CloudEvent",
        .open(
            [
                .required("specversion", .choice(["1.0"])), .required("id", attribute),
                .required("source", attribute), .required("type", attribute),
                .optional("time", .time), .optional("subject", attribute),
                .optional("datacontenttype", attribute), .optional("dataschema", attribute),
                .optional("data", .any),
                .optional(
                    "data_base64", .text,
                    "Instead of `data`; what `datacontenttype` says is JSON or text becomes `data`."),
            ],
            others: .either([
                .text(0, EventAttributes.limitCharacters), .flag, .integer(Int64(Int32.min)...Int64(Int32.max)),
            ])))
}
