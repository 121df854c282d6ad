import Foundation
import TFDefinition
import TFExpression

/// The fields of a posted form, in order: from an `application/x-www-form-urlencoded` body (WHATWG URL, chapter 5) or a
/// multipart one, where a file is given by the id under which it is stored.
///
/// Browsers send CR LF for every line break in a value; here each becomes LF again.
struct PostedForm: Sendable {
    static let maximumFields = 1_000
    static let maximumBytes = 2 << 20

    private(set) var fields: [(name: String, value: String)] = []
    /// Errors about files, found while they were read.
    private(set) var fileErrors: [FieldError] = []

    init() {}

    mutating func append(_ name: String, _ value: String) { fields.append((name, value.foldingLineEnds)) }

    /// Appends a file's text, whose line breaks stay as they are.
    mutating func append(_ name: String, file text: String) { fields.append((name, text)) }

    /// Appends a field that was sent.
    /// - Throws: `Failure.invalid` for U+0000, at which the store would cut the text.
    mutating func append(checking name: String, _ value: String) throws {
        guard !name.hasNUL, !value.hasNUL else { throw Failure.invalid([.nul(in: name)]) }
        append(name, value)
    }

    /// The same for a file's text.
    mutating func append(checking name: String, file text: String) throws {
        guard !name.hasNUL, !text.hasNUL else { throw Failure.invalid([.nul(in: name)]) }
        append(name, file: text)
    }

    /// Records an error; only the first one of each field is kept.
    mutating func refuse(_ error: FieldError) {
        if !fileErrors.contains(where: { $0.field == error.field }) { fileErrors.append(error) }
    }

    /// - Throws: `Failure.badRequest` for too many fields, or text that is not UTF-8.
    init(_ body: [UInt8]) throws {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.maximumFields else { throw Failure.badRequest("The form has too many fields.") }
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            try append(checking: Self.decode(sides[0]), sides.count == 2 ? Self.decode(sides[1]) : "")
        }
    }

    /// The last value of a field.
    subscript(name: String) -> String? { fields.last { $0.name == name }?.value }

    /// A field's text without surrounding white space; nil if it is missing or empty.
    func text(_ name: String) -> String? {
        let text = self[name]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return text.isEmpty ? nil : text
    }

    /// The typed fields that may be shown or stored again: without the form's hidden fields and without secrets.
    var presentable: [(name: String, value: String)] {
        fields.filter { !$0.name.hasPrefix("_") && !Self.secrets.contains($0.name) }
    }

    private static let secrets: Set<String> = ["password", "new", "otp"]

    /// The answers to a definition's form: all values of each `f.<id>`, by id.
    var answers: [String: [String]] {
        fields.reduce(into: [:]) { answers, field in
            guard field.name.utf8.starts(with: "f.".utf8), field.name.utf8.count > 2 else { return }
            answers[String(field.name.unicodeScalars.dropFirst(2)), default: []].append(field.value)
        }
    }

    /// Percent-decodes, with `+` for a space.
    private static func decode(_ text: ArraySlice<UInt8>) throws -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let high = hexDigit(text[index + 1]), let low = hexDigit(text[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Failure.badRequest("The form is not UTF-8.")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
