import HTTPTypes
import TFDefinition
import TFExpression

/// Reads an event's attributes from request headers. Source: CloudEvents 1.0.2, HTTP protocol binding, 3.1.3.
enum EventHeaders {
    private static let prefix = "ce-"

    static func areThere(_ headers: HTTPFields) -> Bool {
        headers.contains { $0.name.canonicalName.hasPrefix(prefix) }
    }

    /// - Throws: `Failure.invalid` for a header that is repeated or cannot be decoded.
    static func attributes(_ headers: HTTPFields) throws -> JSONObject {
        var attributes: JSONObject = [:]
        var errors: [FieldError] = []
        for header in headers where header.name.canonicalName.hasPrefix(prefix) {
            let name = String(header.name.canonicalName.dropFirst(prefix.count))
            func refuse(_ rule: String) {
                errors.append(FieldError(field: name, message: "The header \"\(prefix)\(name)\" \(rule)"))
            }
            if name == "datacontenttype" {
                refuse("must not be there: Content-Type says it")
            } else if name == "data" {
                refuse("must not be there: the body is the data")
            } else if attributes[name] != nil {
                refuse("is there more than once")
            } else if let value = decoded(header.value) {
                attributes[name] = .string(value)
            } else {
                refuse("has a % without two hexadecimal digits behind it, or is not UTF-8 when it is decoded")
            }
        }
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        if let type = headers[.contentType] { attributes["datacontenttype"] = .string(type) }
        return attributes
    }

    /// Removes quotes around the value, then percent-decodes it once.
    private static func decoded(_ value: String) -> String? {
        var bytes = Array(value.utf8)
        if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            var plain: [UInt8] = []
            var isEscaped = false
            for byte in bytes.dropFirst().dropLast() {
                if byte == UInt8(ascii: "\\"), !isEscaped {
                    isEscaped = true
                } else {
                    plain.append(byte)
                    isEscaped = false
                }
            }
            bytes = plain
        }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.count, let high = hexadecimal(bytes[index + 1]),
                let low = hexadecimal(bytes[index + 2])
            else { return nil }
            result.append(high << 4 | low)
            index += 3
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
