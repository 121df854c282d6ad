import TFEngine
import TFStore

/// What was typed on the page of a definition.
struct DefinitionText: Sendable {
    /// What to do with it.
    enum Wish: String, Sendable {
        case check
        /// The same for the script, while somebody types.
        case look
        /// With the other parts of its template.
        case publish
        case dryRun = "dry-run"
    }

    private(set) var source: String
    /// The file's path below the company's directory; nil: the file is named after the definition.
    var path: String?
    /// How the definition stood when it was shown; nil for a new one.
    var version: DefinitionStanding?
    var wish = Wish.check
    /// What was to be done with it and is none of these; nil: it is one of them, or a check.
    private(set) var strangeWish: String?
    /// The template with which it began.
    var template: WorkbenchTemplate?
    /// The name that it has in place of one that is taken, as it is first shown; nil: it has the one that was wanted.
    var name: NameInstead?
    /// Which definitions may go out of force for it.
    var accepted: String?

    /// The text of the definition in force.
    init(_ row: DefinitionRow, _ standing: DefinitionStanding) {
        source = row.source
        version = standing
    }

    init(source: String, template: WorkbenchTemplate?) {
        self.source = source
        self.template = template
    }

    init(_ form: PostedForm) {
        // An uploaded file wins over the text area.
        let file = form["file"].flatMap { $0.isEmpty ? nil : $0 }
        let written = file ?? form["source"] ?? ""
        source = form["fix"].flatMap(SuggestedFix.init).map { $0.applied(to: written) } ?? written
        path = form.text("path")
        version = form["version"].flatMap { DefinitionStanding($0) }
        let wanted = form.text("outcome")
        wish = wanted.flatMap(Wish.init(rawValue:)) ?? .check
        strangeWish = wanted.flatMap { Wish(rawValue: $0) == nil ? $0 : nil }
        accepted = form[DefinitionHarm.field]
        template = WorkbenchTemplate(form)
    }

    /// Shows another part of its template, and keeps this one's text. Nothing else is wanted then.
    mutating func turn(to part: String, in company: String) {
        guard let turned = template?.turned(to: part, leaving: source, in: company) else { return }
        (source, template, path, wish) = (turned.source(in: company), turned, nil, .look)
    }

    /// An older text of a definition, to edit it.
    init(_ revision: RevisionRow, of standing: DefinitionStanding) {
        source = revision.source
        version = standing
    }

    var bytes: [UInt8] { Array(source.utf8) }
}
