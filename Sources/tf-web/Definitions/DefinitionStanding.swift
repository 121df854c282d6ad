import TFEngine
import TFStore

/// What a page about a definition has shown of it: what is sent from the page holds only while it is so.
///
/// As text it is a hidden field: the revision, then `.retired`, then `.` and the file's SHA-256, where they apply.
struct DefinitionStanding: Sendable, Hashable, CustomStringConvertible {
    let revision: RevisionID
    let isRetired: Bool
    /// The SHA-256 of its file, if that has a text that was never published; nil: writing the file loses nothing.
    var unread: String?

    init(_ row: DefinitionRow) {
        revision = row.revisionID
        isRetired = row.state == .retired
    }

    /// - Returns: nil for a text that is none.
    init?(_ text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false)[...]
        guard let revision = parts.popFirst().flatMap({ RevisionID($0) }) else { return nil }
        self.revision = revision
        isRetired = parts.first == Self.retired[...]
        if isRetired { parts.removeFirst() }
        unread = parts.popFirst().map(String.init)
        guard parts.isEmpty else { return nil }
    }

    private static let retired = "retired"

    var description: String {
        [revision.description, isRetired ? Self.retired : nil, unread].compactMap { $0 }.joined(separator: ".")
    }

    /// What has become of the definition since, as a sentence of a conflict; nil: nothing.
    func change(to now: DefinitionStanding) -> String? {
        if now.isRetired, !isRetired { return "the definition was retired meanwhile" }
        if now.revision != revision { return "the definition was changed meanwhile" }
        if !now.isRetired, isRetired { return "the definition was brought back meanwhile" }
        return now.unread == nil || now.unread == unread ? nil : "the definition's file was written meanwhile"
    }
}
