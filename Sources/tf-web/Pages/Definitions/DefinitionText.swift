import TFEngine
import TFStore

/// What was typed on the page of a definition.
struct DefinitionText: Sendable {
    let source: String
    /// The file's path below the company's directory; nil: the file is named after the definition.
    var path: String?
    /// The revision that was edited; nil for a new definition.
    var version: RevisionID?
    /// Whether to publish the text if it has no problems; otherwise it is only checked.
    var isToBePublished = false

    /// The text of the definition in force.
    init(_ row: DefinitionRow) {
        source = row.source
        version = row.revisionID
    }

    init(_ form: PostedForm) {
        // An uploaded file wins over the text area.
        let file = form["file"].flatMap { $0.isEmpty ? nil : $0 }
        source = file ?? form["source"] ?? ""
        path = form.text("path")
        version = form["version"].flatMap { RevisionID($0) }
        isToBePublished = form["outcome"] == "publish"
    }

    /// An older text of a definition, to edit it.
    init(_ revision: RevisionRow, of row: DefinitionRow) {
        source = revision.source
        version = row.revisionID
    }

    var bytes: [UInt8] { Array(source.utf8) }
}
