import TFDefinition

/// A definition from a file, ready to be published.
package struct Publication: Sendable {
    package let definition: Definition
    /// The text of the file.
    package let source: String
    package let sha256: String
    /// The path of the file.
    package let file: String
    /// Whether everything exists that the definition names.
    package let isComplete: Bool
    private let versionPosition: Position

    /// - Parameters:
    ///   - parsed: the result of parsing `source`.
    ///   - isComplete: whether everything exists that the definition names.
    /// - Returns: nil if the source has errors.
    package init?(_ parsed: ParsedDefinition, source: String, file: String, isComplete: Bool) {
        guard let definition = parsed.definition else { return nil }
        self.definition = definition
        self.source = source
        self.file = file
        self.isComplete = isComplete
        sha256 = parsed.revision
        versionPosition = parsed.versionPosition
    }

    /// Identifies the definition and its text: the same text in another file may define another name.
    var key: String { "\(definition.identity) \(sha256)" }

    /// How it is named in `PublishedChanges`.
    package var name: String { "\(definition.kind.rawValue) \(definition.name)" }

    /// Whether the file itself names the version, which is then to mean one text.
    var statesVersion: Bool { versionPosition != .start }

    /// The warning for a version that was published before with another text.
    package var knownVersionWarning: Diagnostic {
        Diagnostic(
            file: file, position: versionPosition, severity: .warning,
            message:
                "version \(definition.version) of the \(definition.kind.rawValue) \"\(definition.name)\" had another text before; running instances keep it, and \"\(definition.name):\(definition.version)\" now means this one"
        )
    }
}

/// The texts with which a version of a definition was published.
package struct VersionTexts: Sendable, Hashable {
    /// The SHA-256 of the newest.
    let newest: String
    /// Whether there was another one before.
    let hasOlder: Bool
}

extension [String: VersionTexts] {
    /// The warnings for those publications that give a version another text than it had once.
    package func warnings(for publications: [Publication]) -> [Diagnostic] {
        publications.filter { publication in
            guard publication.statesVersion, let texts = self[publication.definition.identity] else { return false }
            return texts.hasOlder || texts.newest != publication.sha256
        }.map(\.knownVersionWarning)
    }
}
