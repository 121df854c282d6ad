import TFExpression

/// Rules for the attributes of an event, from outside or from a workflow.
/// Source: CloudEvents 1.0.2 and its JSON format.
package enum EventAttributes {
    /// How many characters an attribute may have.
    package static let limitCharacters = 1_024
    /// The required attributes, in the order of the specification.
    package static let required = ["specversion", "id", "source", "type"]
    package static let optional = ["subject", "time", "datacontenttype", "dataschema"]

    /// What is wrong with a member of an event, as the end of a sentence that begins with its name; nil if nothing is.
    ///
    /// `data` and `data_base64` may be anything here.
    package static func problem(_ name: String, _ value: JSON) -> String? {
        if name == "data" || name == "data_base64" { return nil }
        guard !name.isEmpty,
            name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else { return "is no attribute's name: only a–z and 0–9" }
        let isOwn = required.contains(name) || optional.contains(name)
        guard let text = value.stringValue else {
            if isOwn { return "must be a string" }
            let isNumber = value.intValue.flatMap { Int32(exactly: $0) } != nil
            return value.boolValue != nil || isNumber
                ? nil : "must be a string, true, false or a whole number of 32 bits"
        }
        if name == "specversion", text != "1.0" { return "must be 1.0" }
        if isOwn, text.isEmpty { return "must not be empty" }
        if text.unicodeScalars.count > limitCharacters { return "must be \(limitCharacters) characters or fewer" }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "must not contain control characters"
        }
        switch name {
        case "time" where !isMoment(text): return "must be a moment of RFC 3339, such as 2026-01-05T09:00:00Z"
        case "dataschema" where text.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:/) == nil:
            return "must be an absolute URI"
        default: return nil
        }
    }

    /// Whether a text is a moment of RFC 3339; a leap second is one too.
    private static func isMoment(_ text: String) -> Bool {
        let pattern =
            /([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.[0-9]+)?([Zz]|[+\-][0-9]{2}:[0-9]{2})/
        guard let match = text.wholeMatch(of: pattern) else { return false }
        let seconds = match.3 == "60" ? "59" : match.3
        return TypedMoment("\(match.1)T\(match.2):\(seconds)\(match.4.uppercased())", offset: { _ in 0 }) != nil
    }
}
