import TFEngine
import TFExpression

/// What is kept of a person, before they are erased.
package struct ErasurePreview: Sendable, Hashable {
    package let pseudonym: Pseudonym
    package var ticketCount = 0
    package var openTickets: [String] = []
    /// Such as `acme #12: Approve`; they go back to the rule of their company.
    package var openTasks: [String] = []
    package var answeredTasks = 0
    package var comments = 0
    package var files = 0
    package var fileBytes: Int64 = 0
    package var sessions = 0
    package var notifications = 0
    /// How many rows name them, by table.
    package var naming: [StoreTable: Int] = [:]
    /// The logins of others who have a name of theirs: where a text means one of those, it gets the pseudonym too.
    package var namesakes: [String] = []
    /// The files of definitions that name them, which a person has to change.
    package var definitions: [String] = []
}

/// A person becomes a pseudonym everywhere, and what they wrote is removed.
///
/// In steps, each of short transactions: the account is closed, so that nothing new comes from it; the texts go, a
/// ticket at a time; the names are replaced, until a whole round finds none; the account gets its pseudonym. Whoever
/// ends the process in between starts it again, as long as the account has its login.
extension Store {
    private static let ticketsAtOnce = 50
    private static let limitRounds = 10

    /// - Throws: `StoreError.conflict` for a program, the site's own account or the last admin, with a sentence.
    package func previewErasure(of person: Account) async throws -> ErasurePreview {
        try await read { try $0.previewErasure(of: person) }
    }

    /// Erases a person.
    /// - Parameter progress: told what is being done.
    /// - Throws: `StoreError.conflict` as the preview does, or if their name was written again and again meanwhile.
    /// - Returns: the pseudonym, and how many rows were changed, by table.
    package func erase(
        _ person: Account, now: Int64, progress: (String) -> Void = { _ in }
    ) async throws -> (pseudonym: Pseudonym, changed: [StoreTable: Int]) {
        let pseudonym = Pseudonym(person.id)
        progress("closing the account")
        try await write { try $0.close(person, now: now) }
        progress("removing texts and files")
        for company in try await read({ try $0.companies() }) { try await eraseTexts(of: person, in: company.id) }
        for file in try await write({ try $0.emptyAttachments(of: person.id) }) { try await emptyContent(of: file) }
        progress("replacing names")
        let earlier = try await read { try $0.earlierNames(of: person) }
        let replacement = NameReplacement(person, by: pseudonym, earlier: earlier)
        var changed: [StoreTable: Int] = [:]
        func replaceNames() async throws {
            for _ in 0..<Self.limitRounds {
                let round = try await self.replaceNames(replacement)
                changed.merge(round) { $0 + $1 }
                if round.isEmpty { return }
            }
            throw StoreError.conflict(
                "\(person.login) is being named faster than the name can be replaced; erase them again when less is going on"
            )
        }
        try await replaceNames()
        try await write { try $0.rename(person, to: pseudonym, now: now) }
        // What the engine wrote between the last round and the new name.
        try await replaceNames()
        while try await writeAside({ try $0.forgetAddresses(of: pseudonym) }) > 0 {}
        return (pseudonym, changed)
    }

    private func eraseTexts(of person: Account, in company: CompanyID) async throws {
        var last = TicketID(rawValue: 0)
        while true {
            let tickets = try await read(in: company) { [last] in
                try $0.tickets(touchedBy: person, after: last, limit: Self.ticketsAtOnce)
            }
            guard let end = tickets.last else { return }
            last = end
            for id in tickets {
                try await write(in: company) { session in
                    guard let ticket = try session.ticket(id: id) else { return }
                    try OwnTexts(session, of: person, in: ticket).erase()
                }
            }
        }
    }
}

extension ReadSession {
    fileprivate func refuse(_ person: Account) throws {
        guard person.login != TaskLife.system else {
            throw StoreError.conflict("\(person.login) is the site's own account, and no person")
        }
        guard person.kind == .person else {
            throw StoreError.conflict(
                "\(person.login) is no person; disable it with: tf-web user disable \(person.login)")
        }
        guard try identity(person.login)?.systemRoles.contains(.admin) == true, !person.isDisabled else { return }
        try keepAnAdmin(besides: person.id)
    }

    /// From the audit log, which has each change of an account.
    fileprivate func earlierNames(of person: Account) throws -> NameReplacement.Earlier {
        let rows = try all(
            Row.self,
            """
            SELECT old, new FROM audit
            WHERE subject IN (?, ?) AND action IN ('user-added', 'user-changed') ORDER BY id
            """, [AuditSubject.user(person.login).text, AuditSubject.user(Pseudonym(person.id).login).text])
        return rows.reduce(into: NameReplacement.Earlier()) { earlier, row in
            for summary in [row["old"], row["new"]] as [JSON?] {
                if let name = summary?["name"].stringValue { earlier.names.insert(name) }
                if let email = summary?["email"].stringValue { earlier.emails.insert(email) }
            }
        }
    }

    fileprivate func previewErasure(of person: Account) throws -> ErasurePreview {
        try refuse(person)
        func count(_ sql: String) throws -> Int { try first(Int.self, sql, [person.id]) ?? 0 }
        var preview = ErasurePreview(pseudonym: Pseudonym(person.id))
        preview.ticketCount = try count("SELECT COUNT(*) FROM ticket WHERE requester_id = ?")
        preview.openTickets = try all(
            Row.self,
            """
            SELECT c.slug, t.number FROM ticket t JOIN company c ON c.id = t.company_id
            WHERE t.requester_id = ? AND t.state IN ('open', 'failed') ORDER BY c.slug, t.number
            """, [person.id]
        ).map { "\($0["slug"] as String) #\($0["number"] as Int)" }
        preview.openTasks = try all(
            Row.self,
            """
            SELECT c.slug, t.number, k.title FROM task k \(TaskSQL.joinTicket)
                JOIN company c ON c.id = k.company_id
            WHERE k.assignee_id = ? AND \(TaskSQL.isWithSomebody()) ORDER BY c.slug, t.number, k.id
            """, [person.id]
        ).map { "\($0["slug"] as String) #\($0["number"] as Int): \($0["title"] as String)" }
        preview.answeredTasks = try count("SELECT COUNT(*) FROM task WHERE assignee_id = ? AND state = 'completed'")
        preview.comments = try count("SELECT COUNT(*) FROM comment WHERE account_id = ?")
        preview.sessions = try count("SELECT COUNT(*) FROM session WHERE account_id = ?")
        preview.notifications = try count("SELECT COUNT(*) FROM notification WHERE account_id = ?")
        preview.files = try count("SELECT COUNT(*) FROM attachment WHERE account_id = ?")
        preview.fileBytes = Int64(
            try count("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachment WHERE account_id = ?"))
        let earlier = try earlierNames(of: person)
        let names = Set(earlier.names.union([person.name]).map(\.folded)).sorted()
        preview.namesakes = try names.flatMap {
            try all(
                String.self, "SELECT login FROM account WHERE folded_name = ? AND id <> ? ORDER BY login",
                [$0, person.id])
        }
        let replacement = NameReplacement(person, by: preview.pseudonym, earlier: earlier)
        preview.naming = try countNames(replacement)
        preview.definitions = try definitions(naming: replacement)
        return preview
    }
}

extension WriteSession {
    /// Ends what an account can do and has: roles, memberships, sessions, keys. Open tasks go back to their rule.
    fileprivate func close(_ person: Account, now: Int64) throws {
        try refuse(person)
        if let identity = try identity(person.login) {
            var change = AccountChange()
            (change.isDisabled, change.roles) = (true, [])
            if !person.isDisabled || !identity.systemRoles.isEmpty {
                try changeAccount(person.login, change, version: nil, now: now)
            }
            for membership in identity.memberships.values.sorted(by: { $0.company.id < $1.company.id }) {
                try inside(membership.company.id).removeMembership(of: person, now: now)
            }
        }
        for (table, column) in [
            ("session", "account_id"), ("api_key", "account_id"), ("password_link", "account_id"),
            ("recovery_code", "account_id"), ("idempotency_key", "account_id"), ("parked_form", "account_id"),
            ("notification", "account_id"), ("notice_setting", "account_id"), ("saved_view", "account_id"),
            ("follower", "account_id"),
        ] { try run("DELETE FROM \(table) WHERE \(column) = ?", [person.id]) }
        try run("DELETE FROM throttle WHERE name = ?", ["login \(person.login)"])
        let isNamed = SQLCondition.holds("name", person.login)
        try run("DELETE FROM mended_key WHERE \(isNamed.sql)", isNamed.arguments)
    }

    /// Takes the content and the names of the files that somebody sent. Their rows stay, since tickets refer to them.
    /// - Returns: the files to empty.
    fileprivate func emptyAttachments(of account: AccountID) throws -> [AttachmentKey] {
        try all(
            AttachmentKey.self,
            "UPDATE attachment SET name = ?, size = 0 WHERE account_id = ? RETURNING company_id, id",
            [NameReplacement.removed, account])
    }

    /// Gives the account its pseudonym, and has the companies' data in Redis written anew: lists are named by logins.
    fileprivate func rename(_ person: Account, to pseudonym: Pseudonym, now: Int64) throws {
        guard try account(pseudonym.login).map({ $0.id == person.id }) ?? true else {
            throw StoreError.conflict("there is a user \"\(pseudonym.login)\" already")
        }
        try run(
            """
            UPDATE account SET login = ?, name = ?, folded_name = ?, email = NULL, password = NULL, totp_nonce = NULL,
                totp_confirmed_at_ms = NULL, totp_step = 0, version = version + 1
            WHERE id = ?
            """, [pseudonym.login, pseudonym.name, pseudonym.name.folded, person.id])
        for company in try companies() { try inside(company.id).requestRebuild() }
        try audit(.userErased, .user(pseudonym.login), now: now)
    }

    /// Removes the addresses from which somebody has acted or tried to sign in, some at a time.
    fileprivate func forgetAddresses(of pseudonym: Pseudonym) throws -> Int {
        try changingAudit {
            try changedRows(
                """
                UPDATE audit SET address = '' WHERE id IN (
                    SELECT id FROM audit
                    WHERE (actor = ? OR subject = ? AND action IN ('signed-in', 'sign-in-failed', 'password-chosen'))
                        AND address <> ''
                    ORDER BY id LIMIT 300)
                """, [pseudonym.login, AuditSubject.user(pseudonym.login).text])
        }
    }
}
