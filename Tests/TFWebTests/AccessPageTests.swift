import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import Testing

@testable import TFStore
@testable import tf_web

/// Why somebody may, or may not, do something.
@Suite struct AccessPageTests {
    private static let company = Company(id: 1, slug: "acme", name: "Acme", timezone: "UTC", version: 1)

    private static func identity(
        _ roles: Set<SystemRole>, only: Set<SystemRole>? = nil, companyRoles: Set<String> = [], isMember: Bool = true
    ) -> Identity {
        let account = Account(
            id: 1, login: "u", name: "Una", kind: .person, password: nil, email: nil, totpConfirmedAtMs: nil,
            disabledAtMs: nil, createdAtMs: 0, version: 1)
        let membership = Membership(
            company: company, companyRoles: companyRoles, systemRoles: roles.intersection(only ?? roles),
            isAvailable: true, version: 1)
        return Identity(account: account, systemRoles: roles, memberships: isMember ? ["acme": membership] : [:])
    }

    @Test func `an explanation decides as the rule does, for everything that can be asked`() {
        let facts = TicketFacts(requester: 1, viewRoles: ["it"], hasTask: true, hadTasks: [7])
        let task = TaskFacts(id: 7, ticket: facts, assignee: 2, role: "it", state: .started, isExcluded: false)
        for identity in [
            Self.identity([.user]), Self.identity([.taskWorker], companyRoles: ["it"]), Self.identity([.ticketAdmin]),
            Self.identity([.admin], isMember: false), Self.identity([.user, .ticketAdmin], only: [.user]),
        ] {
            let actor = Actor(identity, company: "acme")
            for action in Action.allCases {
                for resource in [
                    Resource.site, .company, .ticketType(submitRoles: ["it"]), .ticket(facts), .task(task),
                ] {
                    #expect(
                        Policy.explain(actor, action, resource).decision == Policy.decide(actor, action, resource))
                }
            }
        }
    }

    @Test func `the reasons tell a role that is missing from one that the membership leaves out`() {
        func because(_ identity: Identity) -> String? {
            Policy.explain(Actor(identity, company: "acme"), .listTickets, .company).reasons.last?.because
        }
        #expect(because(Self.identity([.user]))?.contains("do not have the system role") == true)
        #expect(because(Self.identity([.user, .ticketAdmin], only: [.user]))?.contains("leaves it out") == true)
        #expect(because(Self.identity([.ticketAdmin])) == nil)
    }

    @Test func `the reasons call the company's roles as the company does`() {
        let resource = Resource.ticketType(submitRoles: ["it", "x-1"])
        let reasons = Policy.explain(
            Actor(Self.identity([.user]), company: "acme"), .submitTicket, resource, roleLabels: ["it": "IT crowd"]
        ).reasons
        #expect(reasons.last?.condition.contains("IT crowd or X 1") == true)
    }

    @Test func `an admin asks why, and reads the steps to the answer`() async throws {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("ada")
            func ask(_ query: String) async throws -> String {
                try await browser.get("/admin/access?\(query)").html
            }
            let own = try await ask("person=uma&action=readTicket&company=acme&object=1")
            #expect(own.contains("Yes: Uma Ulrich may open a ticket") && own.contains("asked for the ticket"))
            let other = try await ask("person=udo&action=readTicket&company=acme&object=%231")
            #expect(other.contains("No: Udo Unger may not open a ticket"))
            #expect(other.contains("For them it does not exist"))
            let claim = try await ask("person=dave&action=claimTask&company=acme&object=9")
            #expect(claim.contains("Dave Diaz may"))
            let type = try await ask("person=dave&action=submitTicket&company=acme&object=thing")
            #expect(type.contains("No: Dave Diaz may not submit"))
            let site = try await ask("person=tom&action=administer")
            #expect(site.contains("No: Tom Tischler may not run the site"))
            #expect(try await ask("person=nobody&action=administer").contains("There is no user “nobody”"))
            #expect(try await ask("person=uma+ULRICH&action=administer").contains("No: Uma Ulrich may not"), "by name")
            for typed in ["ulrich", "umma"] {
                let page = try await ask("person=\(typed)&action=administer")
                #expect(page.contains("There is no user “\(typed)”. Did you mean"), "\(page)")
                #expect(
                    page.contains("<a href=\"/admin/access?person=uma&amp;action=administer\">uma (Uma Ulrich)</a>"))
            }
            #expect(try await ask("person=uma&action=readTicket&company=acme&object=999").contains("has no ticket 999"))
            #expect(try await ask("person=uma&action=listTickets").contains("Choose the company"))
        }
    }
}
