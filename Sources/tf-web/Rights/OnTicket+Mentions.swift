import TFEngine
import TFStore

/// Whom a comment on the ticket names.
extension OnTicket {
    /// Notifies the people whom a comment names, if they may read it. The others are not told that it exists.
    func tellMentioned(in comment: Comment, _ session: CompanyWriteSession, now: Int64) throws {
        let named = try session.people(namedIn: comment.text).filter { $0.id != account.id }
        let readers = try named.filter { try mayBeRead(by: $0, isInternal: comment.isInternal, session) }
        try session.tellMentioned(readers.map(\.id), in: comment.id, on: ticket.id, now: now)
    }

    /// Whether somebody else may read what is said on the ticket.
    private func mayBeRead(by other: Account, isInternal: Bool, _ session: CompanyReadSession) throws -> Bool {
        guard let identity = try session.site.identity(other.login) else { return false }
        let facts = try TicketFacts(of: ticket, for: other, session)
        let action = isInternal ? Action.readInternalNotes : .readTicket
        return Policy.decide(Actor(identity, company: company.slug), action, .ticket(facts)) == .allowed
    }
}
