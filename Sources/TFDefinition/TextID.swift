import TFExpression

/// What identifies a row of one table by a random text that nobody can guess: a text of another kind in its place does
/// not compile.
package protocol TextID: RawRepresentable<String>, Hashable, Sendable, Codable, CustomStringConvertible {
    init(rawValue: String)
}

extension TextID {
    package init(_ text: String) { self.init(rawValue: text) }

    package var description: String { rawValue }
}

extension JSON {
    /// An id, as its text.
    package static func id(_ id: some TextID) -> JSON { .string(id.rawValue) }
}

/// Of an uploaded file, which is also what an answer of a form holds.
package struct AttachmentID: TextID {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}
