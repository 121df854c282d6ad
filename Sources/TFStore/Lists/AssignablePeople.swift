import TFDefinition
import TFEngine
import TFExpression

/// A member who can be given tasks, for a list to choose from.
package struct Assignable: Sendable, Hashable {
    package let login: String
    package let name: String
    package let isAvailable: Bool
}

extension CompanyReadSession {
    /// How many questions "may they have it?" are asked for one list of people at most.
    private static let limitEligibilityQuestions = 2_000

    /// The company's workers who are people, by name, at most 500.
    package func assignablePeople() throws -> [Assignable] {
        try all(
            Row.self,
            """
            SELECT w.login, a.name, w.is_available FROM worker w JOIN account a ON a.id = w.account_id
            WHERE w.company_id = ? AND w.kind = 'person' ORDER BY a.name, w.login LIMIT 500
            """, [company]
        ).map { Assignable(login: $0["login"], name: $0["name"], isAvailable: $0["is_available"]) }
    }

    /// How many of several groups of tasks each of some people may be given as a whole, by login.
    /// - Returns: nil if the tasks are too different, and the people too many, to ask for all of them.
    package func eligibleGroups(_ groups: [[TaskRecord]], for people: [Assignable]) throws -> [String: Int]? {
        let kinds = Set(groups.joined().map(EligibilityKind.init))
        guard kinds.count * people.count <= Self.limitEligibilityQuestions else { return nil }
        return try people.reduce(into: [:]) { counts, person in
            let theirs = try kinds.filter { try isEligible(person.login, for: $0.example) }
            counts[person.login] = groups.count { $0.allSatisfy { theirs.contains(EligibilityKind($0)) } }
        }
    }

    /// Why a person may not be given each of several groups of tasks as a whole, in the order of the groups; nil: they may.
    package func ineligibility(of login: String, forEachOf groups: [[TaskRecord]]) throws -> [Ineligibility?] {
        let kinds = Set(groups.joined().map(EligibilityKind.init))
        let obstacles = try kinds.reduce(into: [:]) { $0[$1] = try ineligibility(of: login, for: $1.example) }
        return groups.map { $0.lazy.compactMap { obstacles[EligibilityKind($0)] }.first }
    }
}

/// Tasks that the same people may be given.
private struct EligibilityKind: Hashable {
    /// Any one of them.
    let example: TaskRecord
    /// The ticket, where its requester decides.
    private let ticket: TicketID?

    init(_ task: TaskRecord) {
        example = task
        ticket = task.strategy == .requester ? task.ticketID : nil
    }

    static func == (one: Self, other: Self) -> Bool {
        one.ticket == other.ticket && one.example.strategy == other.example.strategy
            && one.example.kind == other.example.kind && one.example.role == other.example.role
            && one.example.excluded == other.example.excluded
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ticket)
        hasher.combine(example.role)
        hasher.combine(example.excluded)
    }
}
