import TFEngine
import TFStore

/// Whom a comment on the ticket names.
extension OnTicket {
    /// Notifies the people whom a comment names, if they may read it. The others are not told that it exists.
    /// - Returns: who is told, in a sentence; nil: the comment names nobody.
    func tellMentioned(in comment: Comment, _ session: CompanyWriteSession, now: Int64) throws -> String? {
        let all = try session.people(namedIn: comment.text)
        let named = all.filter { $0.id != account.id }
        let readers = try named.filter { try mayBeRead(by: $0, isInternal: comment.isInternal, session) }
        try session.tellMentioned(readers.map(\.id), in: comment.id, on: ticket.id, now: now)
        guard readers.isEmpty else {
            return "\(readers.map(\.name).joined(separator: ", ")) \(readers.count == 1 ? "is" : "are") told."
        }
        let isOfOneself = !all.isEmpty && named.isEmpty
        guard !isOfOneself, Mention.isTried(in: comment.text) else { return nil }
        return "Nobody else is told: no @name in it is of somebody who may read it."
    }

    /// Whether somebody else may read what is said on the ticket.
    private func mayBeRead(by other: Account, isInternal: Bool, _ session: CompanyReadSession) throws -> Bool {
        guard let identity = try session.site.identity(other.login) else { return false }
        let facts = try TicketFacts(of: ticket, for: other, session)
        let action = isInternal ? Action.readInternalNotes : .readTicket
        return Policy.decide(Actor(identity, company: company.slug), action, .ticket(facts)) == .allowed
    }
}
