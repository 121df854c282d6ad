import ArgumentParser
import Foundation
import TFConfiguration
import TFStore

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Fill an empty store with two companies and people in every role.",
        discussion: """
            A store that has a company or an account is refused. The demo's definitions are those of workflows/.
            """)

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

    func run() async throws {
        let work = try CommandStore(options)
        let hasUsers = try await !work.store.read { try $0.identities() }.isEmpty
        let companies = try await work.store.read { try $0.companies() }
        guard companies.isEmpty, !hasUsers else {
            StandardError.write("tf-web demo: the store has companies or users already; it fills only an empty one\n")
            throw ExitCode(1)
        }
        try await Self.fill(work.store, now: work.now)
        for slug in ["acme", "globex"] {
            try FileManager.default.createDirectory(
                atPath: "\(work.settings.definitions)/\(slug)", withIntermediateDirectories: true)
        }
        print(Self.logins)
    }

    /// Creates the companies and the people. All share one password hash, so that it takes only half a second.
    static func fill(_ store: Store, now: Int64) async throws {
        let hash = try await Passwords().hash(password)
        var companies: [String: Company] = [:]
        for (slug, name) in [("acme", "Acme"), ("globex", "Globex")] {
            companies[slug] = try await store.write {
                try $0.addCompany(
                    slug: slug, name: name, timezone: "Europe/Berlin", now: now)
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
                for role in roles {
                    try await store.write(in: company.id) { try $0.addCompanyRole(role, now: now) }
                }
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
