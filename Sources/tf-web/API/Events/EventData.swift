import Foundation
import TFExpression

/// Converts the bytes of an event's data into the value that expressions see.
enum EventData {
    /// JSON becomes its value, text a string, anything else base64.
    /// - Parameter type: the media type that the sender named; nil if none.
    /// - Returns: the event's member with the data; nil if the type says JSON and the bytes are not.
    static func member(_ bytes: [UInt8], type: String?) -> (name: String, value: JSON)? {
        let encoded = (name: "data_base64", value: JSON.string(Data(bytes).base64EncodedString()))
        guard let type = type.flatMap(mediaType) else { return encoded }
        if type.isJSON {
            guard let json = try? JSON(parsing: bytes) else { return nil }  // the caller reports it
            return ("data", json)
        }
        if type.isText, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) {
            return ("data", .string(text))
        }
        return encoded
    }

    /// A media type with its `charset`. Source: RFC 9110, 8.3.1.
    struct MediaType {
        let name: String
        let charset: String?

        var isJSON: Bool { name.hasSuffix("/json") || name.hasSuffix("+json") }

        var isText: Bool {
            let isText = name.hasPrefix("text/") || name.hasSuffix("/xml") || name.hasSuffix("+xml")
            return isText && ["utf-8", "us-ascii", nil].contains(charset)
        }
    }

    static func mediaType(_ text: String) -> MediaType? {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { part in
            String(part).trimmingCharacters(in: .whitespaces)
        }
        let token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+/
        guard let name = parts.first?.lowercased(), name.wholeMatch(of: token) != nil else { return nil }
        let charset = parts.dropFirst().map { $0.lowercased() }.first { $0.hasPrefix("charset=") }
        return MediaType(
            name: name, charset: charset.map { $0.dropFirst("charset=".count).filter { $0 != "\"" } })
    }
}
