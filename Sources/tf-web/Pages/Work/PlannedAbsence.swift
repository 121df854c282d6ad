import TFEngine
import TFStore

/// An absence that a worker has planned: what is said of it, and the form that cancels it.
struct PlannedAbsence: Sendable {
    private let presence: Presence

    /// nil if nothing is planned: somebody who is away already has only their return before them.
    init?(_ presence: Presence?) {
        guard let presence, presence.isAvailable, presence.changesAtMs != nil else { return nil }
        self.presence = presence
    }

    /// «will be away from 1 Dec 2026, 09:00 until 4 Dec 2026, 18:00», to go on behind a name.
    func words(_ times: Times) -> HTML {
        let end: HTML? = presence.changesBackAtMs.map { " until \(times.moment($0))" }
        return "will be away from \(times.moment(presence.changesAtMs))\(end)"
    }

    /// Who has set or planned a presence, in a sentence that follows another, for the worker: nobody else tells them;
    /// empty: they did themselves.
    static func setter(_ presence: Presence) -> HTML {
        presence.setBy.map { " \($0) has \(PlannedAbsence(presence) == nil ? "set" : "planned") that." } ?? .empty
    }

    /// Being available from now on, without another word, replaces the plan.
    /// - Parameters:
    ///   - whose: what is cancelled, for those who listen to the buttons of a page.
    func cancellation(at action: String, whose: HTML = .empty, tags: FormTags) -> HTML {
        """
        <form method="post" action="\(action)">\(tags.hidden())\(presence.field)<input type="hidden" name="available" value="true">\
        <button class="small">Cancel the absence<span class="vh">\(whose)</span></button></form>
        """
    }

    /// What becomes of a planned absence when somebody goes away at once, in a sentence that follows another; nothing if
    /// none was planned.
    static func replaced(_ presence: Presence?) -> String {
        PlannedAbsence(presence) == nil ? "" : " The absence that was planned before is cancelled."
    }

    /// Whether this change does nothing but cancel the absence.
    func isCancelled(by change: Availability) -> Bool { change.isAvailable && change.from == nil }
}

extension OwnAccount {
    /// The visitor's presence in each company of which they are a worker.
    func presences(_ session: ReadSession) throws -> [CompanyID: Presence] {
        try identity.memberships.values.reduce(into: [:]) { presences, membership in
            let company = membership.company.id
            presences[company] = try session.inside(company).presence(of: account.id)
        }
    }
}
