import ArgumentParser
import Foundation
import TFConfiguration
import TFStore
import TFSystem

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Fill an empty store with two companies, people in every role, and four weeks of tickets.",
        discussion: """
            A store that has a company or an account is refused, and so is one whose daemon runs. The demo's definitions \
            are those of workflows/; without them, or with --without-tickets, there are only companies and people.
            """)

    @Flag(help: "Fill in companies and people only.") var withoutTickets = false

    @OptionGroup var options: SettingOptions

    /// The password of all accounts of the demo.
    static let password = "try-ticketflower"

    struct Person {
        let login: String
        let name: String
        let roles: Set<SystemRole>
        /// The person's company roles, by company.
        let companies: [String: Set<String>]
    }

    static let people: [Person] = [
        Person(login: "ada", name: "Ada Admin", roles: [.admin], companies: [:]),
        Person(login: "uma", name: "Uma Ulrich", roles: [.user], companies: ["acme": ["employee"]]),
        Person(login: "udo", name: "Udo Unger", roles: [.user], companies: ["acme": ["employee"], "globex": []]),
        Person(login: "tom", name: "Tom Tischler", roles: [.ticketAdmin, .user], companies: ["acme": ["employee"]]),
        Person(login: "wanda", name: "Wanda Wolf", roles: [.workflowCreator], companies: ["acme": [], "globex": []]),
        Person(
            login: "bob", name: "Bob Berger", roles: [.taskWorker, .user],
            companies: ["acme": ["access-approver", "manager", "employee"]]),
        Person(
            login: "carol", name: "Carol Chen", roles: [.taskWorker],
            companies: ["acme": ["access-approver", "manager"]]),
        Person(login: "dave", name: "Dave Diaz", roles: [.taskWorker], companies: ["acme": ["it-staff", "buyer"]]),
        Person(login: "erin", name: "Erin Egger", roles: [.taskWorker], companies: ["acme": ["it-staff"]]),
        Person(login: "fay", name: "Fay Fischer", roles: [.taskWorker], companies: ["acme": ["finance", "buyer"]]),
        Person(login: "gus", name: "Gus Graf", roles: [.user], companies: ["globex": []]),
        Person(login: "gina", name: "Gina Gross", roles: [.ticketAdmin], companies: ["globex": []]),
        Person(login: "otto", name: "Otto Ochs", roles: [.taskWorker], companies: ["globex": ["operator"]]),
        Person(
            login: "olga", name: "Olga Orlow", roles: [.taskWorker], companies: ["globex": ["operator", "engineer"]]),
    ]

    /// Roles that nobody has yet, by company: a task for one of them waits.
    static let vacantRoles: [String: Set<String>] = ["globex": ["security-officer"]]

    /// The roles of each company.
    static var roles: [String: Set<String>] {
        people.reduce(into: vacantRoles) { roles, person in
            for (slug, held) in person.companies { roles[slug, default: []].formUnion(held) }
        }
    }

    func run() async throws {
        let work = try CommandStore(options, mayMake: true)
        let hasUsers = try await !work.store.read { try $0.identities() }.isEmpty
        let companies = try await work.store.read { try $0.companies() }
        guard companies.isEmpty, !hasUsers else {
            StandardError.write("tf-web demo: the store has companies or users already; it fills only an empty one\n")
            throw ExitCode(1)
        }
        let definitions = try DemoDefinitions(root: work.settings.definitions, roles: Self.roles)
        let missing = definitions.missing(for: DemoTickets.all)
        let tickets = missing.isEmpty && !withoutTickets ? DemoTickets.all : []
        try await Self.fill(work.store, definitions, tickets, now: work.now)
        for slug in ["acme", "globex"] {
            try PrivateFile.makeDirectory(
                "\(work.settings.definitions)/\(slug)", mode: PrivateFile.sharedDirectoryMode)
        }
        print(Self.logins)
        if tickets.isEmpty, !withoutTickets {
            print("There are no tickets, since \(work.settings.definitions) lacks \(missing.joined(separator: ", ")).")
        }
    }

    /// Fills the store with the people, and with tickets as they would be after some weeks of work.
    /// - Throws: `DemoLife.Impossible` for a ticket that cannot be as it is told; `StoreError.notLeader` while a daemon
    ///   runs.
    static func fill(_ store: Store, _ definitions: DemoDefinitions, _ tickets: [DemoTicket], now: Int64) async throws {
        guard !tickets.isEmpty else { return try await fill(store, now: now) }
        let beginning = now - DemoCalendar.length
        let leader = try await store.write { session in
            let lease = try session.leaderLease()
            let ended = lease?.isFresh(now: now) == true ? nil : lease
            return try session.lead(as: "tf-web demo", replacing: ended, now: beginning)
        }
        guard let leader else { throw StoreError.notLeader }
        try await fill(store, now: beginning)
        let companies = try await store.read { try $0.companies() }
        for company in companies {
            _ = try await store.inside(company.id).publish(
                definitions.firstPublications[company.slug] ?? [], keeping: [], problems: [], now: beginning)
        }
        let accounts = try await store.read { db in try people.compactMap { try db.account($0.login) } }
        var life = DemoLife(
            store, companies: companies, people: accounts, calendar: DemoCalendar(now: now, company: companies[0]),
            leader: leader)
        try await life.live(tickets, publishing: definitions.republished)
        try await store.write { try $0.resign(leader) }
    }

    /// Creates the companies and the people. All share one password hash, so that it takes only half a second.
    static func fill(_ store: Store, now: Int64) async throws {
        let hash = try await Passwords().hash(password)
        var companies: [String: Company] = [:]
        for (slug, name) in [("acme", "Acme"), ("globex", "Globex")] {
            let company = try await store.write {
                try $0.addCompany(slug: slug, name: name, timezone: "Europe/Berlin", now: now)
            }
            companies[slug] = company
            for role in (roles[slug] ?? []).sorted() {
                try await store.write(in: company.id) { try $0.addCompanyRole(role, now: now) }
            }
        }
        for person in people {
            let account = try await store.write {
                try $0.addAccount(
                    NewAccount(
                        login: person.login, name: person.name, kind: .person, password: hash, roles: person.roles),
                    now: now)
            }
            for (slug, roles) in person.companies {
                guard let company = companies[slug] else { continue }
                try await store.write(in: company.id) {
                    try $0.setMembership(of: account, companyRoles: roles, only: [], now: now)
                }
            }
        }
    }

    static var logins: String {
        let rows = people.map { person in
            let companies = person.companies.sorted { $0.key < $1.key }.map { slug, roles in
                roles.isEmpty ? slug : "\(slug) (\(roles.sorted().joined(separator: ", ")))"
            }
            let roles = person.roles.map(\.rawValue).sorted().joined(separator: ", ")
            return "  \(person.login.padding(toLength: 7, withPad: " ", startingAt: 0))"
                + "\(roles.padding(toLength: 22, withPad: " ", startingAt: 0)) \(companies.joined(separator: "; "))"
        }
        return (["Everybody's password is \(password)"] + rows).joined(separator: "\n")
    }
}
