import TFEngine

/// Who follows tickets, and is told what is said there and how they end. The requester follows unless they stop;
/// somebody who comments follows from then on.
extension CompanyReadSession {
    /// Whether an account follows a ticket.
    package func follows(_ ticket: Ticket, _ account: AccountID) throws -> Bool {
        let isFollowing = try first(
            Bool.self, "SELECT is_following FROM follower WHERE company_id = ? AND ticket_id = ? AND account_id = ?",
            [company, ticket.id, account])
        return isFollowing ?? (account == ticket.requesterID)
    }

    /// The names of the people who follow a ticket, in their order, at most `limit`.
    package func followers(of ticket: Ticket, limit: Int) throws -> [(account: AccountID, name: String)] {
        try all(
            Row.self,
            """
            SELECT a.id, a.name FROM account a
            WHERE a.disabled_at_ms IS NULL AND (
                a.id IN (SELECT f.account_id FROM follower f
                    WHERE f.company_id = ? AND f.ticket_id = ? AND f.is_following = 1)
                OR a.id = ? AND NOT EXISTS (SELECT 1 FROM follower f
                    WHERE f.company_id = ? AND f.ticket_id = ? AND f.account_id = a.id AND f.is_following = 0))
            ORDER BY a.name, a.id LIMIT ?
            """, [company, ticket.id, ticket.requesterID, company, ticket.id, limit]
        ).map { ($0["id"], $0["name"]) }
    }

    /// The people of the company whom a text names, as `@login` or `@Full Name`.
    package func people(namedIn text: String) throws -> [Account] {
        let names = Mention.candidates(in: text)
        guard !names.isEmpty else { return [] }
        let (isLogin, isName) = (
            SQLCondition.isOneOf("a.login", names), SQLCondition.isOneOf("a.folded_name", names)
        )
        return try all(
            Account.self,
            """
            SELECT a.* FROM account a JOIN membership m ON m.account_id = a.id AND m.company_id = ?
            WHERE a.kind = 'person' AND a.disabled_at_ms IS NULL AND (\(isLogin.sql) OR \(isName.sql))
            ORDER BY a.id LIMIT \(Mention.limit)
            """, [company] + isLogin.arguments + isName.arguments)
    }
}

extension CompanyWriteSession {
    /// Makes an account follow a ticket, or stop.
    package func follow(_ ticket: TicketID, by account: AccountID, isFollowing: Bool, now: Int64) throws {
        try run(
            """
            INSERT INTO follower (company_id, ticket_id, account_id, is_following, at_ms) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (ticket_id, company_id, account_id) DO UPDATE SET is_following = excluded.is_following,
                at_ms = excluded.at_ms
            """, [company, ticket, account, isFollowing, now])
    }

    /// Makes somebody who comments on a ticket follow it, unless they have stopped before.
    func followByComment(_ ticket: TicketID, by account: AccountID, now: Int64) throws {
        try run(
            """
            INSERT INTO follower (company_id, ticket_id, account_id, is_following, at_ms) VALUES (?, ?, ?, 1, ?)
            ON CONFLICT (ticket_id, company_id, account_id) DO NOTHING
            """, [company, ticket, account, now])
    }

    /// Notifies people whom a comment names. Whether they may read it is checked by the caller.
    package func tellMentioned(
        _ accounts: [AccountID], in comment: CommentID, on ticket: TicketID, now: Int64
    ) throws {
        try NotificationWriter.mentioned(self, accounts, in: comment, on: ticket, now: now)
    }
}

/// Names of people in a text: `@` at the beginning of a word, then a login or a name.
package enum Mention {
    /// How many people a text may name; the others are not told.
    static let limit = 10
    /// How many words a name has at most.
    private static let limitWords = 3

    /// The first word behind each `@` of a text that names none of these people, each once.
    package static func words(in text: String, namingNoneOf people: [Account]) -> [String] {
        let names = Set(people.flatMap { [$0.login, $0.name.folded] })
        return places(in: text).filter(names.isDisjoint).compactMap(\.first).reduce(into: []) { words, word in
            if !words.contains(word) { words.append(word) }
        }
    }

    /// What may be a login or a folded name in a text.
    static func candidates(in text: String) -> [String] { Array(Set(places(in: text).joined())).sorted() }

    /// What may be a login or a folded name behind each `@`, the shortest first, at most `limit` places.
    private static func places(in text: String) -> [[String]] {
        var found: [[String]] = []
        var places = 0
        var before: Character?
        for index in text.indices {
            let character = text[index]
            defer { before = character }
            guard character == "@", before.map({ !$0.isLetter && !$0.isNumber }) ?? true else { continue }
            places += 1
            guard places <= limit else { break }
            let names = names(at: text[text.index(after: index)...])
            if !names.isEmpty { found.append(names) }
        }
        return found
    }

    private static func names(at text: Substring) -> [String] {
        let line = text.prefix { !$0.isNewline && $0 != "@" }
        guard let first = line.first, first.isLetter || first.isNumber else { return [] }
        let words = line.split(separator: " ", maxSplits: limitWords).prefix(limitWords)
        return (1...limitWords).filter { $0 <= words.count }.map { count in
            var name = words.prefix(count).joined(separator: " ")
            while let last = name.last, !last.isLetter, !last.isNumber { name.removeLast() }
            return name.folded
        }
    }
}
