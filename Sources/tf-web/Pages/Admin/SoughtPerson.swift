import TFDefinition
import TFExpression
import TFStore

/// Whom somebody means who typed a user name or a name.
enum SoughtPerson {
    case found(Identity)
    /// Nobody, or several; these are the likeliest.
    case unknown(likely: [Account])

    private static let limitLikely = 3

    init(_ typed: String, _ session: ReadSession) throws {
        if let identity = try session.identity(typed.lowercased()) {
            self = .found(identity)
            return
        }
        var filter = PeopleFilter()
        (filter.text, filter.limit) = (typed, 50)
        let (rows, hasMore) = try session.people(filter)
        let alike = rows.map(\.identity)
        let called = alike.filter { $0.account.name.folded == typed.folded }
        // Behind those that were looked at somebody may have the same name.
        if called.count == 1, !hasMore {
            self = .found(called[0])
        } else if alike.isEmpty {
            let people = try PeopleOptions.accounts(session).map(\.account)
            let nearest = nearestName(to: typed, among: people.map(\.login) + people.map(\.name))
            self = .unknown(likely: people.first { $0.login == nearest || $0.name == nearest }.map { [$0] } ?? [])
        } else {
            self = .unknown(likely: (called.isEmpty ? alike : called).prefix(Self.limitLikely).map(\.account))
        }
    }

    /// "Did you mean uma (Uma Berg)?"; empty if there is nobody like that.
    /// - Parameter name: makes the words for one of them.
    static func question(_ likely: [Account], _ name: (Account) -> HTML) -> HTML {
        likely.isEmpty ? .empty : " Did you mean \(Words.list(likely.map(name), before: "or"))?"
    }
}
