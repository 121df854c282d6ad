import HTTPTypes
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Receives CloudEvents for `listen` and `schedule.on`. Source: CloudEvents 1.0.2, the HTTP protocol binding and the
/// JSON format.
enum EventRoutes {
    static func add(to routes: inout RouteTable) {
        let answer = ReceivedEvent.answer.shape
        routes.change(
            .sendEvents, on: .company,
            api: .post(
                "/companies/{company}/events",
                Operation(
                    "sendEvent",
                    "Send CloudEvents, for `listen` and `schedule.on`: one, or a list of which all are taken or none",
                    body: .events(.cloudEvent, limit: SentEvents.limit),
                    answer: .json(.either([answer, .list(answer, most: SentEvents.limit)])))),
            reading: { try await SentEvents($0) },
            { request, sent, session in
                let areNew = try session.receive(sent.checked, now: request.now)
                let answers = zip(sent.events, areNew).map { ReceivedEvent(event: $0.json, isNew: $1).json }
                return .answered { .json(sent.isList ? .array(answers) : answers.first ?? .null) }
            })
    }
}

/// The events of one request: one or a list in the body, or one in the headers with its data as the body.
struct SentEvents: Sendable {
    static let limit = 100

    let events: [CloudEvent]
    /// The events in the form in which they are stored.
    let checked: [CheckedEvent]
    /// Whether the sender sent a list.
    let isList: Bool

    init(_ request: Request) async throws {
        (events, isList) = try await Self.read(request)
        checked = try events.map { try CheckedEvent($0.json) }
    }

    private static func read(_ request: Request) async throws -> (events: [CloudEvent], isList: Bool) {
        let type = request.mediaType ?? ""
        switch type {
        case EventType.one: return ([try CloudEvent(try await json(request))], false)
        case EventType.list: return (try list(try await json(request)), true)
        default: break
        }
        if type.hasPrefix(EventType.any) { throw Failure.unsupportedMediaType(EventType.allowed) }
        if EventHeaders.areThere(request.headers) {
            let attributes = try EventHeaders.attributes(request.headers)
            return ([try CloudEvent(attributes: attributes, body: try await request.bodyBytes())], false)
        }
        guard type == "application/json" else { throw Failure.unsupportedMediaType(EventType.allowed) }
        let event = try await json(request)
        guard event.arrayValue == nil else {
            throw Failure.invalid([FieldError(field: "", message: "A list of events is sent as \(EventType.list)")])
        }
        return ([try CloudEvent(event)], false)
    }

    private static func json(_ request: Request) async throws -> JSON {
        try request.demandUTF8()
        do { return try JSON(parsing: try await request.bodyBytes(), keepsText: true) } catch let error
            as JSONSyntaxError
        {
            throw Failure.badRequest("The body is \(error).")
        }
    }

    private static func list(_ body: JSON) throws -> [CloudEvent] {
        guard let elements = body.arrayValue else { throw Failure.badRequest("The body must be a JSON list.") }
        guard elements.count <= limit else {
            throw Failure.invalid([
                FieldError(field: "", message: "The body must be a list of at most \(limit) events")
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

/// The media types in which events are sent.
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
