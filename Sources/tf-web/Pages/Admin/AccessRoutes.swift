import TFDefinition
import TFEngine
import TFStore

/// Why somebody may, or may not, do something: the policy's own reasons.
enum AccessRoutes {
    static func add(to routes: inout RouteTable) {
        routes.page(
            "/admin/access", .administer, on: .site, query: AccessQuery.self
        ) { request, query, session in
            let (answer, problem) = try query.answer(session)
            return AccessPage(
                query: query, answer: answer, problem: problem,
                people: try PeopleOptions.accounts(session).map(\.account), companies: try session.companies()
            ).page
        }
    }
}

/// A question about somebody's rights.
struct AccessQuery: RequestFields {
    let person: String?
    let action: Action?
    /// The company's slug.
    let company: String?
    /// The ticket's number, the task's id or the ticket type's name.
    let object: String?

    init(_ fields: inout FieldReader) {
        person = fields.optional("person", .text(1, .typedLogin))
        action = fields.optional("action", .word)
        company = fields.optional("company", .slug)
        object = fields.optional("object", .text(1, .identifier))
    }

    /// The answer, or what is missing from the question; neither if nothing was asked yet.
    func answer(_ session: ReadSession) throws -> (AccessAnswer?, problem: HTML?) {
        guard let person, let action, let kind = action.object else { return (nil, nil) }
        let identity: Identity
        switch try SoughtPerson(person, session) {
        case .found(let found): identity = found
        case .unknown(let likely):
            let question = SoughtPerson.question(likely) { account in
                #"<a href="\#(address(about: account.login))">\#(account.login) (\#(account.name))</a>"#
            }
            return (
                nil,
                "There is no user “\(person)”.\(likely.isEmpty ? " Enter a name, or a user name such as bob" : question)"
            )
        }
        guard kind != .site else {
            return (AccessAnswer(identity, action, on: .site, in: nil, called: "TicketFlower"), nil)
        }
        guard let company = try company.flatMap({ try session.company($0) }) else {
            return (nil, "Choose the company in which \(identity.account.name) wants to \(action.words)")
        }
        let inside = session.inside(company.id)
        guard let (resource, name) = try resource(kind, for: identity.account, inside) else {
            return (nil, "\(kind.missing(object, in: company))")
        }
        let place = AccessAnswer.Place(company: company, roleLabels: try inside.roleLabels())
        return (AccessAnswer(identity, action, on: resource, in: place, called: name ?? company.name), nil)
    }

    /// The address of the same question about somebody else.
    private func address(about login: String) -> String {
        ListAddress(
            "/admin/access",
            [("person", login), ("action", action?.rawValue), ("company", company), ("object", object)]
        ).text
    }

    /// What the question is about, with its name; nil: there is no such thing.
    private func resource(
        _ kind: Action.Object, for account: Account, _ session: CompanyReadSession
    ) throws -> (Resource, name: String?)? {
        let text = object ?? ""
        let number = Int(text.drop { $0 == "#" })
        switch kind {
        case .site: return (.site, nil)
        case .company: return (.company, nil)
        case .ticketType:
            // By its name in definitions, or as people know it.
            let sought = text.lowercased()
            let known = try session.ticketTypes().first { $0.name == sought || $0.title.lowercased() == sought }
            guard let type = try session.ticketType(known?.name ?? text)?.0 else { return nil }
            return (.ticketType(submitRoles: type.submitRoles), "the type \(type.title)")
        case .ticket:
            guard let ticket = try number.flatMap({ try session.ticket(number: $0) }) else { return nil }
            return (.ticket(try TicketFacts(of: ticket, for: account, session)), "ticket #\(ticket.number)")
        case .task:
            guard let task = try number.flatMap({ try session.task(id: TaskID(Int64($0))) }),
                let ticket = try session.ticket(id: task.ticketID)
            else { return nil }
            let facts = TaskFacts(task, try TicketFacts(of: ticket, for: account, session), login: account.login)
            return (.task(facts), "task \(task.id) of ticket #\(ticket.number)")
        }
    }
}

extension Action.Object {
    fileprivate func missing(_ object: String?, in company: Company) -> String {
        switch self {
        case .site, .company: "Choose a company"
        case .ticketType:
            object.map { "\(company.name) has no ticket type \(Words.quoted($0))" }
                ?? "Enter a ticket type of \(company.name), such as its title"
        case .ticket: object.map { "\(company.name) has no ticket \($0)" } ?? "Enter the number of a ticket"
        case .task:
            object.map { "\(company.name) has no task \($0)" } ?? "Enter the number of a task, as in its address"
        }
    }
}

/// Whether somebody may do something, with the reasons in order: account, system roles, membership, and then the
/// conditions of the policy's rule.
struct AccessAnswer {
    /// Where somebody wants to do something, with the names for people of the company's roles.
    struct Place {
        let company: Company
        let roleLabels: [String: String]
    }

    let identity: Identity
    let action: Action
    private let place: Place?
    /// What it is done to, in words.
    let name: String
    private let explanation: Explanation

    init(_ identity: Identity, _ action: Action, on resource: Resource, in place: Place?, called name: String) {
        self.identity = identity
        self.action = action
        self.place = place
        self.name = name
        explanation = Policy.explain(
            Actor(identity, company: place?.company.slug), action, resource, roleLabels: place?.roleLabels ?? [:])
    }

    var company: Company? { place?.company }

    var isAllowed: Bool { !identity.account.isDisabled && explanation.decision == .allowed }

    /// What happens when they try.
    var outcome: String {
        if identity.account.isDisabled { return "The account is disabled: nobody can sign in with it." }
        return switch explanation.decision {
        case .allowed: "One way is enough; the conditions that lead there are ticked below."
        case .forbidden(let sentence): "They are told: \(sentence)"
        case .invisible: "For them it does not exist: they are told that there is nothing at this address."
        }
    }

    var reasons: [PolicyReason] { standing + explanation.reasons.uniqued }

    /// What holds whatever the action is.
    private var standing: [PolicyReason] {
        var reasons = [
            PolicyReason(condition: "has an account that is not disabled", isMet: !identity.account.isDisabled),
            PolicyReason(
                condition: identity.systemRoles.isEmpty
                    ? "has a system role" : "has the system roles: \(SystemRole.sentence(identity.systemRoles))",
                isMet: !identity.systemRoles.isEmpty),
        ]
        guard let place, let membership = identity.memberships[place.company.slug] else { return reasons }
        if membership.systemRoles != identity.systemRoles {
            let counting = membership.systemRoles.isEmpty ? "none" : SystemRole.sentence(membership.systemRoles)
            reasons.append(
                PolicyReason(condition: "has a membership in which only these count: \(counting)", isMet: true))
        }
        let roles = PolicyReasons.labels(of: membership.companyRoles, place.roleLabels, ", ")
        reasons.append(
            PolicyReason(
                condition: roles.isEmpty ? "has a company role" : "has the company roles: \(roles)",
                isMet: !roles.isEmpty))
        return reasons
    }
}

extension [PolicyReason] {
    /// Each reason once: several ways to a right may look at the same condition.
    fileprivate var uniqued: [PolicyReason] {
        reduce(into: []) { reasons, reason in if !reasons.contains(reason) { reasons.append(reason) } }
    }
}
