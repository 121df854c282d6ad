import TFDefinition
import TFEngine
import TFStore

/// The people whom a page names, by their logins: pages show names.
struct NamedPeople: Sendable {
    private let known: [String: Person]

    init(_ logins: Set<String>, _ session: CompanyReadSession) throws {
        known = try session.people(named: logins.subtracting([TaskLife.system]))
    }

    /// The person's name; the workflow's, if nobody did it; the login itself where there is no such account.
    func name(_ login: String) -> String {
        login == TaskLife.system ? "The workflow" : known[login]?.name ?? login
    }

    /// What friends call them, for short questions.
    func firstName(_ login: String) -> String {
        name(login).split(separator: " ").first.map(String.init) ?? login
    }

    /// Large initials for the timeline.
    func initials(_ login: String) -> HTML {
        known[login].map { Elements.initials($0.name, $0.id, isBig: true) } ?? Elements.glyph(.idle)
    }

    func smallInitials(_ login: String) -> HTML {
        known[login].map { Elements.initials($0.name, $0.id) } ?? Elements.glyph(.idle)
    }
}
