import TFDefinition
import TFEngine
import TFStore

/// The people whom a page names, by their logins: pages show names.
struct People: Sendable {
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

/// Words for what definitions name by slugs.
enum Words {
    /// A company role: `it-staff` becomes "IT staff".
    static func role(_ name: String) -> String { CompanyRole.words(of: name) }

    /// Those who hold a company role: "access approvers", "IT staff"; nil: all workers.
    static func people(_ name: String?) -> String {
        guard let name else { return "workers" }
        let role = role(name)
        let isOfPersons = ["er", "or", "ee", "ist", "ian", "ant"].contains(where: role.hasSuffix)
        return isOfPersons ? role + "s" : role
    }

    static func priority(_ priority: Priority) -> String { capitalized(priority.rawValue) }

    static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// "a", "a and b", "a, b and c".
    static func list(_ parts: [HTML]) -> HTML {
        guard let last = parts.last else { return .empty }
        guard parts.count > 1 else { return last }
        let most = parts.dropLast()
        let front = most.dropFirst().reduce(most[0]) { "\($0), \($1)" }
        return "\(front) and \(last)"
    }

    static func count(_ number: Int, _ one: String) -> String { "\(number) \(one)\(number == 1 ? "" : "s")" }
}
