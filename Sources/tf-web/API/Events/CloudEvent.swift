import Foundation
import TFDefinition
import TFExpression

/// An event as its sender wrote it, checked. Source: CloudEvents 1.0.2 and its JSON format.
struct CloudEvent: Sendable {
    /// Characters of an attribute.
    static let limitCharacters = 1_024
    /// Characters of an attribute's name that an error repeats.
    private static let limitName = 100
    /// Attributes that name things, in the order of the specification.
    static let required = ["specversion", "id", "source", "type"]
    static let optional = ["subject", "time", "datacontenttype", "dataschema"]

    /// With `data` as JSON or text where it is that, else with `data_base64`.
    let json: JSON

    /// - Parameter path: of the event in the body, such as `3` in a list; empty for the body itself.
    /// - Throws: `Failure.invalid` with everything that is wrong.
    init(_ event: JSON, at path: String = "") throws {
        var reading = Reading(path: path)
        json = reading.event(event)
        guard reading.errors.isEmpty else { throw Failure.invalid(reading.errors) }
    }

    /// The event whose data are the bytes of a body, in the type that `datacontenttype` says.
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

    /// Reads one event and keeps what is wrong with it.
    private struct Reading {
        let path: String
        private(set) var errors: [FieldError] = []

        init(path: String) { self.path = path }

        private mutating func refuse(_ name: String, _ rule: String) {
            guard errors.count < FieldError.limit else { return }
            let name = name.prefix(scalars: CloudEvent.limitName)
            let place = path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
            errors.append(FieldError(field: place, message: "\(place.isEmpty ? "The event" : "\"\(place)\"") \(rule)"))
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
            // An attribute that is null is one that is not there.
            for (name, value) in given where value != .null || name == "data" { members[name] = value }
            for name in CloudEvent.required where members[name] == nil { refuse(name, "is missing") }
            for (name, value) in members where name != "data" && name != "data_base64" { check(name, value) }
            if let encoded = members["data_base64"] {
                if members["data"] != nil { refuse("data_base64", "cannot stand beside \"data\"") }
                decode(encoded, &members)
            }
            if members["data"]?.pathOfNUL != nil { refuse("data", "must not contain U+0000") }
            return .object(members)
        }

        /// What bytes mean is what they would mean as the body of a request.
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
            guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }), !name.isEmpty
            else { return refuse(name, "is no attribute's name: only a–z and 0–9") }
            let isOwn = CloudEvent.required.contains(name) || CloudEvent.optional.contains(name)
            guard let text = value.stringValue else {
                let isNumber = value.intValue.flatMap { Int32(exactly: $0) } != nil
                if isOwn { return refuse(name, "must be a string") }
                if value.boolValue == nil, !isNumber {
                    refuse(name, "must be a string, true, false or a whole number of 32 bits")
                }
                return
            }
            if name == "specversion", text != "1.0" { return refuse(name, "must be 1.0") }
            if isOwn, text.isEmpty { return refuse(name, "must not be empty") }
            if text.unicodeScalars.count > CloudEvent.limitCharacters {
                return refuse(name, "must be \(CloudEvent.limitCharacters) characters or fewer")
            }
            if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                return refuse(name, "must not contain control characters")
            }
            if name == "time", !Self.isMoment(text) {
                refuse(name, "must be a moment of RFC 3339, such as 2026-01-05T09:00:00Z")
            }
            if name == "datacontenttype", EventData.mediaType(text) == nil {
                refuse(name, "must be a media type, such as application/json")
            }
            if name == "dataschema", text.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:/) == nil {
                refuse(name, "must be an absolute URI")
            }
        }

        /// A leap second is one too.
        private static func isMoment(_ text: String) -> Bool {
            let pattern =
                /([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.[0-9]+)?([Zz]|[+\-][0-9]{2}:[0-9]{2})/
            guard let match = text.wholeMatch(of: pattern) else { return false }
            let seconds = match.3 == "60" ? "59" : match.3
            return TypedMoment("\(match.1)T\(match.2):\(seconds)\(match.4.uppercased())", offset: { _ in 0 }) != nil
        }
    }
}
