import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Lives through the demo's past: people do what the tickets tell, at its time, and a daemon does its work in between.
///
/// Every change is one that a page makes: a method of the store, which checks it, at a moment of the past.
struct DemoLife {
    let store: Store
    /// By login.
    let people: [String: Account]
    let calendar: DemoCalendar
    var daemon: DemoDaemon
    private let companies: [String: Company]
    /// The tickets' numbers, by their places among those to be lived.
    private var numbers: [Int: Int] = [:]

    /// Something that happens at a moment.
    private struct Event {
        enum What {
            case submission
            case act(DemoAct)
            /// Completes what `DemoAct.work` has started.
            case completion(String, JSONObject, on: String?, by: String?)
            case site(DemoSiteEvent)
        }

        let at: Int64
        /// The ticket's place; nil: it is about no ticket.
        let place: Int?
        let what: What
    }

    /// A story that cannot have happened.
    struct Impossible: Error, CustomStringConvertible {
        let ticket: String
        let problem: String
        var description: String { "the demo's ticket \"\(ticket)\": \(problem)" }
    }

    init(
        _ store: Store, companies: [Company], people: [Account], calendar: DemoCalendar, leader: Leadership
    ) {
        self.store = store
        self.companies = companies.reduce(into: [:]) { $0[$1.slug] = $1 }
        self.people = people.reduce(into: [:]) { $0[$1.login] = $1 }
        self.calendar = calendar
        daemon = DemoDaemon(store, leader)
    }

    /// - Parameter publications: what is published again while the tickets are worked on, by company.
    mutating func live(
        _ tickets: [DemoTicket], publishing publications: [(company: String, publication: Publication)]
    ) async throws {
        let moment = calendar.moment(.workday(5, "12:00"))
        let published = publications.map {
            Event(at: moment, place: nil, what: .site(.published($0.publication, company: $0.company)))
        }
        for event in Self.events(tickets, calendar, besides: published) {
            try await daemon.run(until: event.at)
            do {
                try await happen(event, tickets)
            } catch let error as StoreError {
                throw Impossible(
                    ticket: event.place.map { tickets[$0].name } ?? "-", problem: "\(event.what): \(error)")
            }
            try await daemon.settle(now: event.at)
        }
        try await daemon.run(until: calendar.now)
    }

    // MARK: What happens when

    private static func events(
        _ tickets: [DemoTicket], _ calendar: DemoCalendar, besides others: [Event]
    ) -> [Event] {
        var events = others + DemoSiteEvent.all(calendar).map { Event(at: $0.at, place: nil, what: .site($0.event)) }
        for (place, ticket) in tickets.enumerated() {
            var moment = calendar.moment(ticket.submitted)
            events.append(Event(at: moment, place: place, what: .submission))
            for (minutes, act) in ticket.then {
                moment += Int64(minutes) * 60_000
                guard case .work(let length, let outcome, let answers, let name, let login) = act else {
                    events.append(Event(at: moment, place: place, what: .act(act)))
                    continue
                }
                events.append(Event(at: moment, place: place, what: .act(.start(on: name, by: login))))
                moment += Int64(length) * 60_000
                events.append(
                    Event(at: moment, place: place, what: .completion(outcome, answers, on: name, by: login)))
            }
        }
        // Of one moment, in the order in which they are told.
        return events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private mutating func happen(_ event: Event, _ tickets: [DemoTicket]) async throws {
        let now = event.at
        guard let place = event.place else {
            if case .site(let site) = event.what { try await happen(site, now: now) }
            return
        }
        let told = tickets[place]
        guard let company = companies[told.company] else { throw impossible(told, "there is no \(told.company)") }
        let inside = store.inside(company.id)
        if case .submission = event.what {
            numbers[place] = try await submit(told, inside, now: now)
            daemon.supplierStatus[company.id, default: [:]][numbers[place] ?? 0] = told.supplierStatus
            return
        }
        guard let number = numbers[place], let ticket = try await inside.read({ try $0.ticket(number: number) }) else {
            throw impossible(told, "it was not submitted")
        }
        switch event.what {
        case .completion(let outcome, let answers, let name, let login):
            let task = try await task(of: ticket, told, on: name, by: login)
            try await complete(task, of: ticket, outcome, answers, inside, now: now)
        case .act(let act): try await perform(act, on: ticket, told, inside, now: now)
        case .submission, .site: break
        }
    }

    private mutating func happen(_ event: DemoSiteEvent, now: Int64) async throws {
        switch event {
        case .dueSoon: try await store.tellDueSoon(now: now)
        case .notificationsRead:
            for account in people.values {
                try await store.writeAside {
                    _ = try $0.markNotifications(nil, isRead: true, of: account.id, now: now)
                }
            }
        case .published(let publication, let slug):
            guard let company = companies[slug] else { return }
            _ = try await store.inside(company.id).publish([publication], problems: [], now: now)
        case .away(let login, let slug, let end):
            guard let company = companies[slug] else { return }
            try await store.write(in: company.id) {
                try $0.setAvailability(login, Availability(isAvailable: false, until: end), now: now)
            }
            daemon.wake(at: end)
        }
    }

    func impossible(_ told: DemoTicket, _ problem: String) -> Impossible {
        Impossible(ticket: told.name, problem: problem)
    }
}
