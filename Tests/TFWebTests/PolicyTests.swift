import TFEngine
import Testing

@testable import TFStore
@testable import tf_web

@Suite struct PolicyTests {
    private static let company = Company(id: 1, slug: "acme", name: "Acme", timezone: "UTC", version: 1)

    private static func actor(
        _ id: AccountID, _ roles: Set<SystemRole>, companyRoles: Set<String> = [], isMember: Bool = true
    ) -> Actor {
        let account = Account(
            id: id, login: "u\(id)", name: "U", kind: .person, password: nil, email: nil, totpConfirmedAtMs: nil,
            disabledAtMs: nil, createdAtMs: 0, version: 1)
        let membership = Membership(
            company: company, companyRoles: companyRoles, systemRoles: roles, isAvailable: true, version: 1)
        return Actor(
            Identity(account: account, systemRoles: roles, memberships: isMember ? ["acme": membership] : [:]),
            company: "acme")
    }

    private static let ticket = TicketFacts(requester: 1, viewRoles: ["it"], hasTask: false, hadTasks: [])

    @Test func `a ticket is seen by its requester, its workers, its admins and the site's admin`() {
        let resource = Resource.ticket(Self.ticket)
        #expect(Policy.decide(Self.actor(1, [.user]), .readTicket, resource) == .allowed)
        #expect(Policy.decide(Self.actor(2, [.user]), .readTicket, resource) == .invisible)
        #expect(Policy.decide(Self.actor(2, [.ticketAdmin]), .readTicket, resource) == .invisible)
        #expect(Policy.decide(Self.actor(2, [.ticketAdmin], companyRoles: ["it"]), .readTicket, resource) == .allowed)
        #expect(Policy.decide(Self.actor(2, [.taskWorker]), .readTicket, resource) == .invisible)
        for hasTask in [true, false] {
            let worked = Resource.ticket(
                TicketFacts(requester: 1, viewRoles: ["it"], hasTask: hasTask, hadTasks: [7]))
            #expect(Policy.decide(Self.actor(2, [.taskWorker]), .readTicket, worked) == .allowed)
            #expect(Policy.decide(Self.actor(2, [.taskWorker], isMember: false), .readTicket, worked) == .invisible)
        }
        #expect(Policy.decide(Self.actor(3, [.admin], isMember: false), .readTicket, resource) == .allowed)
        #expect(Policy.decide(Self.actor(1, [.user], isMember: false), .readTicket, resource) == .invisible)
    }

    @Test func `who had a task and has none any more reads what they had, and nothing later`() {
        let worker = Self.actor(5, [.taskWorker], companyRoles: ["it"])
        let former = TicketFacts(requester: 1, viewRoles: [], hasTask: false, hadTasks: [7])
        let present = TicketFacts(requester: 1, viewRoles: [], hasTask: true, hadTasks: [7])
        func task(_ id: TaskID, _ ticket: TicketFacts) -> TaskFacts {
            TaskFacts(id: id, ticket: ticket, assignee: 6, role: "it", state: .started, isExcluded: false)
        }
        #expect(Policy.decide(worker, .readTask, .task(task(7, former))) == .allowed)
        #expect(Policy.decide(worker, .readTask, .task(task(8, former))) == .invisible)
        #expect(Policy.decide(worker, .readTask, .task(task(8, present))) == .allowed)
        #expect(Policy.decide(worker, .readInternalNotes, .ticket(former)) != .allowed)
        #expect(Policy.decide(worker, .readInternalNotes, .ticket(present)) == .allowed)
        #expect(!Policy.readsTasks(worker, former))
        #expect(Policy.readsTasks(worker, present))
        #expect(!Policy.readsOtherTasks(worker, task(7, former)))
        #expect(Policy.readsOtherTasks(worker, task(7, present)))
        // Who asked for the ticket, or manages it, reads it as such.
        #expect(Policy.readsTasks(Self.actor(1, [.user, .taskWorker]), former))
        #expect(Policy.readsTasks(Self.actor(5, [.ticketAdmin, .taskWorker]), former))
        #expect(Policy.decide(worker, .workTask, .task(task(7, former))) != .allowed)
    }

    @Test func `who may claim a task reads what was answered before it, and who is excluded does not`() {
        let worker = Self.actor(5, [.taskWorker], companyRoles: ["it"])
        for isExcluded in [false, true] {
            let task = TaskFacts(
                id: 7, ticket: Self.ticket, assignee: nil, role: "it", state: .ready, isExcluded: isExcluded)
            #expect(Policy.readsOtherTasks(worker, task) == !isExcluded)
        }
    }

    @Test func `internal notes are for workers and ticket admins`() {
        let own = Resource.ticket(Self.ticket)
        #expect(Policy.decide(Self.actor(1, [.user]), .readInternalNotes, own) != .allowed)
        #expect(Policy.decide(Self.actor(2, [.ticketAdmin], companyRoles: ["it"]), .readInternalNotes, own) == .allowed)
    }

    @Test func `a task is worked on by who has it, claimed by who may, and assigned by ticket admins`() {
        func task(_ assignee: AccountID?, excluded: Bool = false) -> Resource {
            .task(
                TaskFacts(
                    id: 7, ticket: TicketFacts(requester: 1, viewRoles: [], hasTask: false, hadTasks: []),
                    assignee: assignee, role: "it", state: assignee == nil ? .ready : .assigned, isExcluded: excluded))
        }
        let worker = Self.actor(5, [.taskWorker], companyRoles: ["it"])
        #expect(Policy.decide(worker, .workTask, task(5)) == .allowed)
        #expect(Policy.decide(worker, .workTask, task(6)) == .invisible)
        #expect(Policy.decide(worker, .claimTask, task(nil)) == .allowed)
        #expect(Policy.decide(worker, .readTask, task(nil)) == .allowed)
        #expect(Policy.decide(worker, .readTask, task(nil, excluded: true)) == .invisible)
        #expect(Policy.decide(worker, .claimTask, task(nil, excluded: true)) == .invisible)
        let admin = Self.actor(5, [.ticketAdmin, .taskWorker], companyRoles: ["it"])
        #expect(Policy.decide(admin, .readTask, task(nil, excluded: true)) == .allowed)
        #expect(
            Policy.decide(admin, .claimTask, task(nil, excluded: true))
                == .forbidden("You are excluded from this task."))
        #expect(Policy.decide(Self.actor(5, [.taskWorker]), .claimTask, task(nil)) == .invisible)
        #expect(Policy.decide(worker, .assignTask, task(5)) != .allowed)
        #expect(Policy.decide(Self.actor(7, [.ticketAdmin]), .assignTask, task(5)) == .allowed)
        #expect(Policy.decide(Self.actor(7, [.ticketAdmin]), .workTask, task(5)) != .allowed)
        #expect(Policy.decide(Self.actor(1, [.user]), .workTask, task(1)) == .allowed)
    }

    @Test func `nothing of a company is visible to somebody who is no member, whatever they may elsewhere`() {
        let stranger = Self.actor(9, [.user, .ticketAdmin, .taskWorker, .workflowCreator], isMember: false)
        for action in Action.allCases where action != .administer {
            #expect(Policy.decide(stranger, action, .company) == .invisible)
            #expect(Policy.decide(stranger, action, .ticketType(submitRoles: [])) == .invisible)
            #expect(Policy.decide(stranger, action, .ticket(Self.ticket)) == .invisible)
        }
        #expect(Policy.tickets(stranger) == TicketScope())
        #expect(Policy.tasks(stranger) == TaskScope())
    }

    @Test func `tickets are submitted by users and by ticket admins`() {
        for (role, decision) in [(SystemRole.user, true), (.ticketAdmin, true), (.taskWorker, false)] {
            #expect((Policy.decide(Self.actor(1, [role]), .submitTicket, .company) == .allowed) == decision)
        }
    }

    @Test func `a type with submit roles is not there for others`() {
        let resource = Resource.ticketType(submitRoles: ["employee"])
        #expect(Policy.decide(Self.actor(1, [.user], companyRoles: ["employee"]), .submitTicket, resource) == .allowed)
        #expect(Policy.decide(Self.actor(1, [.user]), .submitTicket, resource) == .invisible)
        #expect(Policy.decide(Self.actor(1, [.ticketAdmin]), .submitTicket, resource) == .allowed)
        #expect(Policy.decide(Self.actor(1, [.taskWorker]), .submitTicket, resource) != .allowed)
    }
}
