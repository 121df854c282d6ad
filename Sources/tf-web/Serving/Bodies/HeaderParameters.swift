import Foundation

/// The parameters after the semicolons of a header's value, such as `boundary` and `filename`.
enum HeaderParameters {
    /// Reads the parameters of a header's value; browsers write `%22` for a quote inside quotes, older programs `\"`.
    ///
    /// Goes by Unicode scalars: a combining mark after a quote or a semicolon must not hide it.
    static func read(_ value: String) -> [String: String] {
        var parameters: [String: String] = [:]
        var rest = value.unicodeScalars[...].drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let name = String(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            var text = String.UnicodeScalarView()
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let scalar = rest.popFirst(), scalar != "\"" {
                    if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                        text.append(next)
                        rest = rest.dropFirst()
                    } else {
                        text.append(scalar)
                    }
                }
                rest = rest.drop { $0 != ";" }
            } else {
                text.append(contentsOf: rest.prefix { $0 != ";" })
                text = String(text).trimmingCharacters(in: .whitespaces).unicodeScalars
                rest = rest.drop { $0 != ";" }
            }
            if parameters[name] == nil { parameters[name] = unescaped(text) }
        }
        return parameters
    }

    /// Decodes `%22`, `%0D` and `%0A`, which HTML's form encoding writes for quotes and line breaks in names.
    private static func unescaped(_ text: String.UnicodeScalarView) -> String {
        let codes: [[UInt8]: UInt8] = [
            Array("%22".utf8): 0x22, Array("%0D".utf8): 0x0D, Array("%0A".utf8): 0x0A,
        ]
        var bytes: [UInt8] = []
        var rest = Array(String(text).utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = codes[[byte] + rest.prefix(2)] {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
