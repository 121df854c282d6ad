import TFDefinition
import TFStore

/// A company's members.
enum MemberRoutes {
    private static let members = "/companies/{company}/members"
    private static let page = "/admin/companies/{company}/members"

    static func add(to routes: inout RouteTable) {
        routes.page("\(page)/{login}", .administer, on: .member, MembershipPage.make)
        routes.page("\(page)/{login}/removal", .administer, on: .member, RemovalPage.make)
        routes.read(
            members, .administer, on: .company, query: ListPage.self,
            Operation("listMembers", "Who belongs to the company", answer: .page(of: MemberAnswer.answer)), list)
        routes.read(
            "\(members)/{login}", .administer, on: .member,
            Operation("readMember", "One member", answer: .object(MemberAnswer.answer))
        ) { request, _ in .json(MemberAnswer(identity: request.member, company: request.company)) }
        routes.change(
            page, .administer, on: .company, body: NewMember.self,
            api: .post(
                members,
                Operation(
                    "addMember", "Make somebody a member", status: 201, answer: .object(MemberAnswer.answer),
                    failures: [409])), addMember)
        routes.change(
            "\(page)/{login}", .administer, on: .member, body: MembershipChange.self,
            api: .patch(
                "\(members)/{login}",
                Operation(
                    "changeMember", "Change what somebody is in the company; their open tasks follow",
                    answer: .object(MemberAnswer.answer)))
        ) { request, body, session in
            let member = try set(body, of: request.member, in: request.company, session, now: request.now)
            let account = request.member.account
            return .seen(
                "/admin/users/\(account.login)", saying: "What \(account.name) may in \(request.company.name) is saved."
            ).answering { .json(member) }
        }
        routes.change(
            "\(page)/{login}/removal", .administer, on: .member, body: NoFields.self,
            api: .delete(
                "\(members)/{login}",
                Operation(
                    "removeMember", "End a membership; open tasks are assigned again", status: 204, answer: .none))
        ) { request, _, session in
            let (account, company) = (request.member.account, request.company)
            try session.removeMembership(of: account, now: request.now)
            return .seen(
                "/admin/companies/\(company.slug)", saying: "\(account.name) is no member of \(company.name) any more."
            ).answering { .noContent }
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
            var likely: [Account] = []
            if request.isPage {
                switch try SoughtPerson(new.login, session.site) {
                case .found(let person): likely = [person.account]
                case .unknown(let people): likely = people
                }
            }
            let names = likely.map { "\($0.login) (\($0.name))" }.joined(separator: " or ")
            throw Failure.invalid([
                FieldError(
                    field: "login",
                    message: "There is no user \"\(new.login)\"\(likely.isEmpty ? "" : ". Did you mean \(names)?")")
            ])
        }
        let company = request.company
        let path = "/\(company.slug)/members/\(new.login)"
        guard identity.memberships[company.slug] == nil else {
            throw Failure.conflict("\(identity.account.name) belongs to \(company.name) already")
        }
        let member = try set(new.membership, of: identity, in: company, session, now: request.now)
        return .seen(
            "/admin/companies\(path)",
            saying: "\(identity.account.name) belongs to \(company.name) now. Say here what they are in it."
        ).answering { .created(member, at: "/api/v1/companies\(path)") }
    }

    private static func set(
        _ change: MembershipChange, of identity: Identity, in company: Company, _ session: CompanyWriteSession,
        now: Int64
    ) throws -> MemberAnswer {
        try session.setMembership(
            of: identity.account, companyRoles: change.companyRoles, only: try change.limit(),
            version: change.version, now: now)
        guard let changed = try session.site.identity(identity.account.login) else { throw Failure.notFound }
        return MemberAnswer(identity: changed, company: company)
    }
}
