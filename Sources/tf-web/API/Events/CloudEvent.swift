import Foundation
import TFDefinition
import TFExpression

/// A validated event. Source: CloudEvents 1.0.2 and its JSON format.
struct CloudEvent: Sendable {
    /// Maximum number of characters of an attribute's name that an error repeats.
    private static let limitName = 100

    /// The event in JSON: its data in `data` if they are JSON or text, else in `data_base64`.
    let json: JSON

    /// - Parameter path: the event's path in the body, such as `3` in a list; empty if it is the whole body.
    /// - Throws: `Failure.invalid` with all errors.
    init(_ event: JSON, at path: String = "") throws {
        var reading = Reading(path: path)
        json = reading.event(event)
        guard reading.errors.isEmpty else { throw Failure.invalid(reading.errors) }
    }

    /// An event whose data are the bytes of a body, of the media type in `datacontenttype`.
    init(attributes: JSONObject, body: [UInt8]) throws {
        var members = attributes
        if !body.isEmpty {
            guard let (name, data) = EventData.member(body, type: attributes["datacontenttype"]?.stringValue) else {
                throw Failure.badRequest("The body is not JSON, as its Content-Type says.")
            }
            members[name] = data
        }
        try self.init(.object(members))
    }

    /// Reads one event and collects its errors.
    private struct Reading {
        let path: String
        private(set) var errors: [FieldError] = []

        init(path: String) { self.path = path }

        private mutating func refuse(_ name: String, _ rule: String) {
            guard errors.count < FieldError.limit else { return }
            let name = name.prefix(scalars: CloudEvent.limitName)
            let field = path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
            errors.append(FieldError(field: field, message: "\(field.isEmpty ? "The event" : "\"\(field)\"") \(rule)"))
        }

        mutating func event(_ event: JSON) -> JSON {
            guard let given = event.objectValue else {
                refuse("", "must be an object")
                return .null
            }
            guard given.count <= FieldError.memberLimit else {
                refuse("", "must have at most \(FieldError.memberLimit) members")
                return .null
            }
            var members: JSONObject = [:]
            // An attribute that is null counts as missing.
            for (name, value) in given where value != .null || name == "data" { members[name] = value }
            for name in EventAttributes.required where members[name] == nil { refuse(name, "is missing") }
            for (name, value) in members where name != "data" && name != "data_base64" { check(name, value) }
            if let encoded = members["data_base64"] {
                if members["data"] != nil { refuse("data_base64", "cannot stand beside \"data\"") }
                decode(encoded, &members)
            }
            if members["data"]?.pathOfNUL != nil { refuse("data", "must not contain U+0000") }
            return .object(members)
        }

        /// Decodes base64 data as if the bytes were the body of a request.
        private mutating func decode(_ encoded: JSON, _ members: inout JSONObject) {
            guard let bytes = encoded.stringValue.flatMap({ Data(base64Encoded: $0) }) else {
                return refuse("data_base64", "must be base64, such as AQID")
            }
            guard let (name, data) = EventData.member(Array(bytes), type: members["datacontenttype"]?.stringValue)
            else { return refuse("data_base64", "is not JSON, as \"datacontenttype\" says") }
            members["data_base64"] = nil
            members[name] = data
        }

        private mutating func check(_ name: String, _ value: JSON) {
            if let problem = EventAttributes.problem(name, value) { return refuse(name, problem) }
            if name == "datacontenttype", let text = value.stringValue, EventData.mediaType(text) == nil {
                refuse(name, "must be a media type, such as application/json")
            }
        }
    }
}
