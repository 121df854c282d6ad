import TFDefinition
import TFStore

/// A ticket type that the visitor could submit while it was offered, and why it is not offered now.
struct FormerType {
    private enum Reason {
        /// It was retired, at a moment that is known unless its own text says that it is.
        case retired(at: Int64?)
        /// The workflow that its tickets take was retired.
        case workflowIsRetired(at: Int64)
        /// It names something else that is missing or has errors.
        case incomplete
    }

    private let title: String
    /// What it asked.
    let form: Form
    private let reason: Reason

    /// - Returns: nil for a type that is offered, or that the actor could never submit.
    init?(_ name: String, for actor: Actor, _ session: CompanyReadSession) throws {
        guard let row = try session.definition(.ticket, name),
            case .ticket(let type) = try session.revision(row.revisionID), actor.maySubmit(type)
        else { return nil }
        title = type.title
        form = type.form
        switch row.state {
        case .retired: reason = .retired(at: row.updatedAtMs)
        case .active:
            guard type.isRetired else { return nil }
            reason = .retired(at: nil)
        case .incomplete:
            let workflow = try type.workflow.flatMap { try session.definition(.workflow, $0.name) }
            if let workflow, workflow.state == .retired {
                reason = .workflowIsRetired(at: workflow.updatedAtMs)
            } else {
                reason = .incomplete
            }
        }
    }

    /// What happened, without a full stop.
    var sentence: String {
        switch reason {
        case .retired, .workflowIsRetired: "“\(title)” is not offered any more"
        case .incomplete: "“\(title)” is not offered at present"
        }
    }

    /// The page at the address of its form. Its status is that of an address at which there is nothing.
    func page(in company: Company, now: Int64) -> Page {
        let times = Times(company, now: now)
        let cause: HTML =
            switch reason {
            case .retired(let moment):
                moment.map { moment -> HTML in "It was retired on \(times.moment(moment))." } ?? "It was retired."
            case .workflowIsRetired(let moment): "The workflow behind it was retired on \(times.moment(moment))."
            case .incomplete: "Something that it needs is missing or has errors. It comes back once that is mended."
            }
        let forms = Link("/c/\(company.slug)/tickets/new", "See all forms")
        return Page(
            sentence,
            Elements.empty(
                .notFound, sentence,
                "\(cause) Tickets that were sent with it go on. For something new, choose another form.",
                actions: [forms], level: 1)
        ).under(.newTicket).refusing(404)
    }
}
