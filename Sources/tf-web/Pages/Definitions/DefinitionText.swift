import TFEngine
import TFStore

/// What somebody wrote on the page of a definition.
struct DefinitionText: Sendable {
    let source: String
    /// Where its file goes, below the company's directory; nil: it is named after the definition.
    var path: String?
    /// The revision that was edited; nil: it is a new definition.
    var version: RevisionID?
    /// Whether it comes into force, where it is in order; else it is checked only.
    var isToBePublished = false

    /// A definition's text as it is in force.
    init(_ row: DefinitionRow) {
        source = row.source
        version = row.revisionID
    }

    init(_ form: PostedForm) {
        // A chosen file wins over what stands in the page.
        let file = form["file"].flatMap { $0.isEmpty ? nil : $0 }
        source = file ?? form["source"] ?? ""
        path = form.text("path")
        version = form["version"].flatMap { RevisionID($0) }
        isToBePublished = form["outcome"] == "publish"
    }

    /// An older text of a definition, to be edited.
    init(_ revision: RevisionRow, of row: DefinitionRow) {
        source = revision.source
        version = row.revisionID
    }

    var bytes: [UInt8] { Array(source.utf8) }
}
