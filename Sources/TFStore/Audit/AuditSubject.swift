import TFDefinition
import TFEngine

/// What an entry of the audit log is about: the column `audit.subject`, which holds `text`.
package enum AuditSubject: Sendable, Hashable {
    /// By login: an account's, or what somebody typed who could not sign in.
    case user(String)
    /// By slug.
    case company(String)
    /// A company role, by name.
    case role(String)
    /// By number.
    case ticket(Int)
    case task(TaskID)
    case definition(DefinitionKind, name: String)
    case session(SessionID)
    /// A key that signs access tokens, by its id.
    case signingKey(String)
    case auditLog
    /// What was refused: method and address.
    case request(String)

    /// The first word of the text, but for a definition, which begins with its kind.
    private enum Word: String {
        case user
        case company
        case role
        case ticket
        case task
        case workflow
        case session
        case key
    }

    private static let auditLogText = "audit log"

    /// A word for what it is and its name, such as `user uma` or `ticket 7`, as the log holds it, filters ask for it and
    /// programs read it.
    package var text: String {
        switch self {
        case .user(let login): "\(Word.user) \(login)"
        case .company(let slug): "\(Word.company) \(slug)"
        case .role(let name): "\(Word.role) \(name)"
        case .ticket(let number): "\(Word.ticket) \(number)"
        case .task(let id): "\(Word.task) \(id)"
        case .definition(let kind, let name): "\(kind.rawValue) \(name)"
        case .session(let id): "\(Word.session) \(id)"
        case .signingKey(let id): "\(Word.key) \(id)"
        case .auditLog: Self.auditLogText
        case .request(let line): line
        }
    }

    /// Reads a text.
    /// - Parameter action: the entry's. A definition may be called `7`, and only its actions tell it from a ticket or a
    ///   task; nil: whatever has this text will do.
    package init(_ text: String, of action: AuditAction? = nil) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let word = Word(rawValue: parts[0]) else {
            self = text == Self.auditLogText ? .auditLog : .request(text)
            return
        }
        let name = parts[1]
        let isDefinition =
            action == .definitionPublished || action == .definitionBroughtBack || action == .definitionRetired
        let number = isDefinition ? nil : Int64(name).flatMap { "\($0)" == name ? $0 : nil }
        switch word {
        case .user: self = .user(name)
        case .company: self = .company(name)
        case .role: self = .role(name)
        case .ticket: self = number.map { .ticket(Int($0)) } ?? .definition(.ticket, name: name)
        case .task: self = number.map { .task(TaskID($0)) } ?? .definition(.task, name: name)
        case .workflow: self = .definition(.workflow, name: name)
        case .session: self = .session(SessionID(name))
        case .key: self = .signingKey(name)
        }
    }
}
