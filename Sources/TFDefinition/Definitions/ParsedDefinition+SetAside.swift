extension ParsedDefinition {
    /// A file that is not read at all.
    package init(setAside problem: Diagnostic, revision: String) {
        self.init(
            definition: nil, diagnostics: [problem], references: [], revision: revision, namePosition: .start,
            versionPosition: .start, broken: Catalog.Broken.files(of: [problem]).first)
    }
}
