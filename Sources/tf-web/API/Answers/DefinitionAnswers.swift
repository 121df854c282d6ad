import TFDefinition
import TFExpression
import TFStore

/// A definition in a list, or a file of which nothing was ever published.
struct DefinitionAnswer: Answer {
    let kind: DefinitionKind
    let name: String
    let version: String
    let revision: String
    let state: State
    let file: String
    let problems: [Diagnostic]

    enum State: String, Sendable, CaseIterable {
        case active
        case incomplete
        case retired
        case refused

        init(_ state: DefinitionRow.State) {
            switch state {
            case .active: self = .active
            case .incomplete: self = .incomplete
            case .retired: self = .retired
            }
        }
    }

    /// - Parameter problems: those of the company.
    init(_ row: DefinitionRow, among problems: [Diagnostic], _ places: DefinitionPlaces) {
        kind = row.kind
        name = row.name
        version = row.version
        revision = row.sha256
        state = State(row.state)
        file = places.shown(row.file)
        self.problems = row.problems(among: problems).map(places.shown)
    }

    init(refused broken: Catalog.Broken, among problems: [Diagnostic], _ places: DefinitionPlaces) {
        kind = broken.kind
        name = broken.name
        version = ""
        revision = ""
        state = .refused
        file = places.shown(broken.file)
        self.problems = problems.filter { $0.file == broken.file }.map(places.shown)
    }

    static let answer = AnswerType<DefinitionAnswer>(
        "Definition",
        [
            .required("kind", .word) { $0.kind },
            .required("name", .text) { $0.name },
            .required("version", .text) { $0.version },
            .required("revision", .text) { $0.revision },
            .required(
                "state", .word,
                "refused: a file with errors of which nothing was ever published; it has no version and no revision."
            ) { $0.state },
            .required("file", .text, "The path from the directory of definitions.") { $0.file },
            .required("problems", .list(of: .diagnostic)) { $0.problems },
        ])
}

/// What a list of definitions has at a place, before its problems are looked for.
enum ListedDefinition {
    case published(DefinitionRow)
    case refused(Catalog.Broken)

    /// Its place in the list, which is also the list's cursor: short, and without what an address would have to escape.
    /// Refused files come behind what is in force under their name.
    func key(_ places: DefinitionPlaces) -> String {
        switch self {
        case .published(let row):
            let isPlain = row.version.utf8.count <= 20 && !row.version.contains("+")
            return "\(row.kind.rawValue)/\(row.name)/\(isPlain ? row.version : Self.digest(of: row.version))"
        case .refused(let broken):
            return "\(broken.kind.rawValue)/\(broken.name)/~\(Self.digest(of: places.shown(broken.file)))"
        }
    }

    private static func digest(of text: String) -> String { String(Definition.revision(of: text.utf8).prefix(20)) }

    /// - Parameter problems: those of the company.
    func answer(among problems: [Diagnostic], _ places: DefinitionPlaces) -> DefinitionAnswer {
        switch self {
        case .published(let row): DefinitionAnswer(row, among: problems, places)
        case .refused(let broken): DefinitionAnswer(refused: broken, among: problems, places)
        }
    }
}

/// A definition after its text was published.
struct WrittenDefinition: Answer {
    let definition: Definition
    let revision: String
    let file: String
    let problems: [Diagnostic]

    static let answer = AnswerType<WrittenDefinition>(
        "WrittenDefinition",
        [
            .required("kind", .word) { $0.definition.kind },
            .required("name", .text) { $0.definition.name },
            .required("version", .text) { $0.definition.version },
            .required("revision", .text) { $0.revision },
            .required("file", .text, "The path from the directory of definitions.") { $0.file },
            .required("problems", .list(of: .diagnostic)) { $0.problems },
        ])
}

/// The result of checking a text without errors.
struct CheckAnswer: Answer {
    let definition: Definition
    let problems: [Diagnostic]

    static let answer = AnswerType<CheckAnswer>(
        "Check",
        [
            .required("kind", .word) { $0.definition.kind },
            .required("name", .text) { $0.definition.name },
            .required("problems", .list(of: .diagnostic), "Warnings.") { $0.problems },
        ])
}

extension WireType<Diagnostic> {
    static var diagnostic: Self { WireType(.diagnostic, write: \.json) }
}

/// A CloudEvent that was accepted.
struct ReceivedEvent: Answer {
    let event: JSON
    let isNew: Bool

    static let answer = AnswerType<ReceivedEvent>(
        "ReceivedEvent",
        [
            .required("id", .shaped(.text)) { $0.event["id"] },
            .required("source", .shaped(.text)) { $0.event["source"] },
            .required("type", .shaped(.text)) { $0.event["type"] },
            .required("is_new", .flag, "false: an event with this source and id came before.") { $0.isNew },
        ])
}
