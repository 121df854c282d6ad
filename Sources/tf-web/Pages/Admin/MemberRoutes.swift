import TFDefinition
import TFStore

/// A company's members and the roles that it declares.
enum MemberRoutes {
    private static let members = "/companies/{company}/members"
    private static let roles = "/companies/{company}/roles"

    static func add(to routes: inout RouteTable) {
        addMembers(to: &routes)
        addRoles(to: &routes)
    }

    // MARK: Members

    private static func addMembers(to routes: inout RouteTable) {
        routes.read(
            members, .administer, on: .company, query: ListPage.self,
            Operation("listMembers", "Who belongs to the company", answer: .page(of: MemberAnswer.answer)), list)
        routes.change(
            nil, .administer, on: .company, body: NewMember.self,
            api: .post(
                members,
                Operation(
                    "addMember", "Make somebody a member", status: 201, answer: .object(MemberAnswer.answer),
                    failures: [409])), addMember)
        routes.change(
            nil, .administer, on: .member, body: MembershipChange.self,
            api: .patch(
                "\(members)/{login}",
                Operation(
                    "changeMember", "Change what somebody is in the company; their open tasks follow",
                    answer: .object(MemberAnswer.answer)))
        ) { request, body, session in
            let member = try set(body, of: request.member, in: request.company, session, now: request.now)
            return .answered { .json(member) }
        }
        routes.change(
            nil, .administer, on: .member, body: NoFields.self,
            api: .delete(
                "\(members)/{login}",
                Operation(
                    "removeMember", "End a membership; open tasks are assigned again", status: 204, answer: .none))
        ) { request, _, session in
            try session.removeMembership(of: request.member.account, now: request.now)
            return .answered { .noContent }
        }
    }

    @Sendable private static func list(
        _ request: ProvedRequest<InCompany>, _ query: ListPage, _ session: CompanyReadSession
    ) throws -> Reply {
        let (rows, hasMore) = try session.members(after: query.paging.after ?? "", limit: query.paging.limit)
        return .page(
            rows.map { MemberAnswer(identity: $0, company: request.company) },
            next: hasMore ? rows.last?.account.login : nil)
    }

    @Sendable private static func addMember(
        _ request: ProvedRequest<InCompany>, _ new: NewMember, _ session: CompanyWriteSession
    ) throws -> Done {
        guard let identity = try session.site.identity(new.login) else {
            throw Failure.invalid([FieldError(field: "login", message: "There is no user \"\(new.login)\"")])
        }
        let company = request.company
        guard identity.memberships[company.slug] == nil else {
            throw Failure.conflict("\(new.login) is a member already; change the membership")
        }
        let member = try set(new.membership, of: identity, in: company, session, now: request.now)
        return .answered { .created(member, at: "/api/v1/companies/\(company.slug)/members/\(new.login)") }
    }

    private static func set(
        _ change: MembershipChange, of identity: Identity, in company: Company, _ session: CompanyWriteSession,
        now: Int64
    ) throws -> MemberAnswer {
        try session.setMembership(
            of: identity.account, companyRoles: change.companyRoles, only: change.only, now: now)
        guard let changed = try session.site.identity(identity.account.login) else { throw Failure.notFound }
        return MemberAnswer(identity: changed, company: company)
    }

    // MARK: Company roles

    private static func addRoles(to routes: inout RouteTable) {
        routes.read(
            roles, .giveCompanyRoles, on: .company,
            Operation("listRoles", "The company's roles and who has them", answer: .page(of: RoleAnswer.answer))
        ) { _, session in .page(try session.roleMembers().map { RoleAnswer(name: $0.role, members: $0.members) }) }
        routes.change(
            nil, .giveCompanyRoles, on: .company, body: NewRole.self,
            api: .post(
                roles,
                Operation(
                    "declareRole", "Declare a role; one that is there already stays", status: 201,
                    answer: .object(RoleAnswer.answer)))
        ) { request, body, session in
            let role = try body.allowedName()
            try session.addCompanyRole(role, now: request.now)
            return .answered {
                .created(
                    try answer(role, session), at: "/api/v1/companies/\(request.company.slug)/roles/\(role)")
            }
        }
        routes.change(
            nil, .giveCompanyRoles, on: .role, body: RoleMembers.self,
            api: .patch(
                "\(roles)/{role}",
                Operation(
                    "setRoleMembers", "Give a role to exactly these members", answer: .object(RoleAnswer.answer)))
        ) { request, body, session in
            try session.setMembers(of: request.role, logins: body.logins, now: request.now)
            return .answered { .json(try answer(request.role, session)) }
        }
    }

    private static func answer(_ role: String, _ session: CompanyReadSession) throws -> RoleAnswer {
        let members = try session.roleMembers().first { $0.role == role }?.members
        return RoleAnswer(name: role, members: members ?? [])
    }
}
