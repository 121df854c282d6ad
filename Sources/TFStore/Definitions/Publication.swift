import TFDefinition

/// One file's definition, ready to be published.
package struct Publication: Sendable {
    package let definition: Definition
    package let source: String
    package let sha256: String
    package let file: String
    package let isComplete: Bool
    private let versionPosition: Position

    /// - Parameters:
    ///   - parsed: what the source was read as.
    ///   - isComplete: whether all that it names is there.
    /// - Returns: nil where the source was refused.
    package init?(_ parsed: ParsedDefinition, source: String, file: String, isComplete: Bool) {
        guard let definition = parsed.definition else { return nil }
        self.definition = definition
        self.source = source
        self.file = file
        self.isComplete = isComplete
        sha256 = parsed.revision
        versionPosition = parsed.versionPosition
    }

    /// What it publishes, and in which text: the same text in another file may have another name.
    var key: String { "\(definition.identity) \(sha256)" }

    /// What is told where the version had other text before.
    package var knownVersionWarning: Diagnostic {
        Diagnostic(
            file: file, position: versionPosition, severity: .warning,
            message:
                "version \(definition.version) of the \(definition.kind.rawValue) \"\(definition.name)\" had another text before; running instances keep it, and \"\(definition.name):\(definition.version)\" now means this one"
        )
    }
}
