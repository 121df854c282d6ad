extension ParsedDefinition {
    /// The result for a file that is set aside and so not read.
    package init(setAside problem: Diagnostic, revision: String) {
        self.init(
            definition: nil, diagnostics: [problem], references: [], revision: revision, namePosition: .start,
            versionPosition: .start, broken: Catalog.Broken.files(of: [problem]).first)
    }
}
