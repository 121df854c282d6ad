import Foundation

/// base64url without padding (RFC 4648, chapter 5), canonical in both directions.
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// nil for anything that `encode` would not have written: padding, other characters, stray bits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let text = String(text)
        let isAlphabet = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return (character.isASCII && (character.isLetter || character.isNumber)) || byte == 0x2D || byte == 0x5F
        }
        guard isAlphabet else { return nil }
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), encode(data) == text else { return nil }
        return Array(data)
    }
}
