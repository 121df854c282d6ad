import TFEngine
import TFStore

/// What stands in place of an empty list of tickets: that nothing was submitted yet, or which conditions hide what
/// there is.
struct TicketListEmpty {
    let sentence: TicketFilterSentence
    let filter: TicketFilter
    let isManaged: Bool

    func html(
        scope: TicketScope, _ request: ProvedRequest<InCompany>, _ session: CompanyReadSession
    ) throws -> HTML {
        guard filter.cursor == nil else { return ListParts.gone(sentence.address) }
        var inAnyState = filter
        inAnyState.state = nil
        inAnyState.overdueAt = nil
        let others = try filter.state == nil ? 0 : session.ticketCount(scope: scope, filter: inAnyState)
        if !sentence.parts.isEmpty { return noMatch(others) }
        guard others > 0 else { return nothingYet(request) }
        let state = sentence.adjective.lowercased()
        return Elements.empty(
            filter.state == .open ? .nothingToDo : .noMatch, "No ticket is \(state)",
            "\(others) \(others == 1 ? "is" : "are") in another state.",
            actions: [Link(all.text, "Show all tickets")])
    }

    private var all: ListAddress { sentence.address.with("state", TicketListQuery.anyState) }

    private func noMatch(_ others: Int) -> HTML {
        let words = sentence.parts.map(\.words)
        let list =
            words.count > 1
            ? words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "") : words.first ?? ""
        let other = others == 1 ? "1 in another state matches." : "\(others) in another state match."
        var actions = sentence.parts.map { Link($0.without.text, "Remove \(Words.quoted($0.words))") }
        if others > 0 { actions.insert(Link(all.text, "Show those in any state"), at: 0) }
        return Elements.empty(
            .noMatch, "No \(sentence.query.state?.label.lowercased() ?? "") ticket: \(list)".replacing("  ", with: " "),
            "\(others > 0 ? other : "The filter leaves nothing over.")", actions: actions)
    }

    private func nothingYet(_ request: ProvedRequest<InCompany>) -> HTML {
        let new = Link("/c/\(request.company.slug)/tickets/new", "New ticket")
        guard isManaged else {
            return Elements.empty(
                .nothingYet, "You have not asked for anything yet",
                "A ticket asks somebody for something: access to a system, a purchase, a repair. You can follow here how far it is.",
                actions: [new])
        }
        return Elements.empty(
            .nothingYet, "Nobody has asked for anything yet",
            "Every ticket that somebody submits stands here, with where it is and who has it.",
            actions: request.subject.may(.submitTicket) ? [new] : [])
    }
}
