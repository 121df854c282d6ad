import TFEngine
import TFStore

/// Whom a comment on the ticket names.
extension OnTicket {
    /// Notifies the people whom a comment names, if they may read it. The others are not told that it exists.
    /// - Returns: who is told and who is not, in sentences; nil: the comment names nobody.
    func tellMentioned(in comment: Comment, _ session: CompanyWriteSession, now: Int64) throws -> String? {
        let all = try session.people(namedIn: comment.text)
        let named = all.filter { $0.id != account.id }
        let readers = try named.filter { try mayBeRead(by: $0, isInternal: comment.isInternal, session) }
        try session.tellMentioned(readers.map(\.id), in: comment.id, on: ticket.id, now: now)
        let told = "\(readers.map(\.name).joined(separator: ", ")) \(readers.count == 1 ? "is" : "are") told."
        let known = readers + all.filter { $0.id == account.id }
        let words = Mention.words(in: comment.text, namingNoneOf: known).map { "@\($0)" }
        // Whether there is such a person is not told.
        let untold =
            "\(words.joined(separator: ", ")) \(words.count == 1 ? "is" : "are") not told: nobody of that name may read it."
        let sentences: [String] = [readers.isEmpty ? nil : told, words.isEmpty ? nil : untold].compactMap(\.self)
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }

    /// Whether somebody else may read what is said on the ticket.
    private func mayBeRead(by other: Account, isInternal: Bool, _ session: CompanyReadSession) throws -> Bool {
        guard let identity = try session.site.identity(other.login) else { return false }
        let facts = try TicketFacts(of: ticket, for: other, session)
        let action = isInternal ? Action.readInternalNotes : .readTicket
        return Policy.decide(Actor(identity, company: company.slug), action, .ticket(facts)) == .allowed
    }
}
