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
    /// How many files that are not kept are named, and how long their names are told.
    private static let (limitNamed, longestName) = (20, 200)

    private(set) var fields: [(name: String, value: String)] = []
    /// Errors about files, found while they were read.
    private(set) var fileErrors: [FieldError] = []
    /// The names of the first files that were sent and are not kept, since nobody may give them.
    private(set) var filesNotKept: [String] = []
    /// The errors of texts in which U+0000 was, at which the store would cut them; the form is shown again without it.
    private(set) var nulErrors: [FieldError] = []
    /// What the uploaded files are, by the ids that stand for them in the fields.
    private var uploads: [String: String] = [:]

    init() {}

    mutating func append(_ name: String, _ value: String) { fields.append((name, value.foldingLineEnds)) }

    /// Appends a file's text, whose line breaks stay as they are.
    mutating func append(_ name: String, file text: String) { fields.append((name, text)) }

    /// Appends a stored file.
    /// - Parameter digest: of its bytes; nil: they are not compared with those of a file that is sent again.
    mutating func append(_ name: String, upload: FormUpload, digest: String? = nil) {
        uploads[upload.id.rawValue] = "\(upload.name) \(upload.mediaType) \(upload.size) \(digest ?? "")"
        append(name, upload.id.rawValue)
    }

    /// Notes a file that is not kept.
    mutating func leaveOut(file name: String) {
        guard filesNotKept.count < Self.limitNamed else { return }
        filesNotKept.append(String(name.withoutNUL.prefix(Self.longestName)))
    }

    /// Appends a field that was sent.
    mutating func append(checking name: String, _ value: String) {
        noteNUL(name, value)
        append(name.withoutNUL, value.withoutNUL)
    }

    /// The same for a file's text.
    mutating func append(checking name: String, file text: String) {
        noteNUL(name, text)
        append(name.withoutNUL, file: text.withoutNUL)
    }

    private mutating func noteNUL(_ name: String, _ value: String) {
        guard name.hasNUL || value.hasNUL else { return }
        nulErrors.append(.nul(in: Self.path(ofField: name)))
    }

    /// A field's name in errors: `form.photo` for the field `f.photo`.
    static func path(ofField name: String) -> String { name.hasPrefix("f.") ? "form.\(name.dropFirst(2))" : name }

    /// The other way round: `f.photo` for `form.photo`.
    static func field(ofPath path: String) -> String { path.hasPrefix("form.") ? "f.\(path.dropFirst(5))" : path }

    /// Records an error; only the first one of each field is kept.
    mutating func refuse(_ error: FieldError) {
        if !fileErrors.contains(where: { $0.field == error.field }) { fileErrors.append(error) }
    }

    /// - Throws: `Failure.badRequest` for too many fields, or text that is not UTF-8.
    init(_ body: [UInt8]) throws {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.maximumFields else { throw Failure.badRequest("The form has too many fields.") }
            guard let field = Self.field(pair) else { throw Failure.badRequest("The form is not UTF-8.") }
            append(checking: field.name, field.value)
        }
    }

    /// Reads the query of an address, which may hold anything.
    /// - Returns: the parameters that are text, and the errors of the others.
    static func query(_ query: String) -> (form: PostedForm, errors: [FieldError]) {
        var form = PostedForm()
        var errors: [FieldError] = []
        for pair in Array(query.utf8).split(separator: UInt8(ascii: "&")) {
            guard form.fields.count + errors.count < maximumFields else {
                return (form, errors + [FieldError(field: "", message: "The address has too many parameters")])
            }
            if let field = field(pair) {
                form.append(checking: field.name, field.value)
            } else {
                let name = String(decoding: pair.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
                errors.append(FieldError(field: name, message: "\"\(name)\" must be text in UTF-8"))
            }
        }
        return (form, errors + form.nulErrors)
    }

    /// A pair of `name=value`; nil if it is not UTF-8.
    private static func field(_ pair: ArraySlice<UInt8>) -> (name: String, value: String)? {
        let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = decode(sides[0]), let value = sides.count == 2 ? decode(sides[1]) : "" else { return nil }
        return (name, value)
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

    /// Those of them that a person has typed or chosen, to be shown: neither which button was pressed nor what a form hides
    /// under a name that has no visible control in any other form.
    var typed: [(name: String, value: String)] {
        presentable.filter { !Self.untyped.contains($0.name) && !$0.value.isEmpty }
    }

    private static let untyped: Set<String> = [
        "agreed", "available", "back", "base", "challenge", "confirmed", DefinitionHarm.field, "disabled", "fix",
        "following", "given", "input", "list", NotificationChoice.mailQuestion, "newest", "next", "now", "open",
        "others", "outcome", "pass", "paused", "planned", "query", "remove", "rows", "task", "template", "type",
        "version",
    ]

    private static let secrets: Set<String> = ["password", "new", "otp"]

    /// The names of the idempotency key's field, and of the form's token.
    static let (key, token) = ("_submission", "_csrf")

    /// The names of the fields that are there more than once, each once.
    var repeatedNames: [String] {
        var (seen, repeated): (Set<String>, Set<String>) = ([], [])
        return fields.map(\.name).filter { !seen.insert($0).inserted && repeated.insert($0).inserted }
    }

    /// Whether its idempotency key can be one that a page made, if it has one at all. Of several it is unknown which one
    /// counts, and a page gives neither two keys nor two tokens.
    var hasUsableKey: Bool {
        guard fields.count(where: { $0.name == Self.key }) <= 1, fields.count(where: { $0.name == Self.token }) <= 1
        else { return false }
        guard let key = self[Self.key] else { return true }
        return !key.isEmpty && TextLimit.requestKey.holds(key) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The same form as one that was never sent.
    var withoutKey: PostedForm {
        var form = self
        form.fields.removeAll { $0.name == Self.key }
        return form
    }

    /// Everything that tells it from another form of the same page. A file counts by its name, type and size: each time
    /// it is sent it is stored under another id.
    var content: String {
        fields.filter { !$0.name.hasPrefix("_") }.map { name, value in
            let value = uploads[value] ?? value
            return "\(name.utf8.count) \(name) \(value.utf8.count) \(value)"
        }.joined(separator: "\n")
    }

    /// The answers to a definition's form: all values of each `f.<id>`, by id.
    var answers: [String: [String]] {
        fields.reduce(into: [:]) { answers, field in
            guard field.name.utf8.starts(with: "f.".utf8), field.name.utf8.count > 2 else { return }
            answers[String(field.name.unicodeScalars.dropFirst(2)), default: []].append(field.value)
        }
    }

    /// Percent-decodes, with `+` for a space; nil if it is not UTF-8.
    private static func decode(_ text: ArraySlice<UInt8>) -> String? {
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
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
