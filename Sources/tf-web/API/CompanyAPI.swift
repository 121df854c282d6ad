import Foundation
import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Companies, their members and the roles that they declare.
struct CompanyAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let timezone = Shape.Member.optional("timezone", .text(1, .timezone), "An IANA name, such as Europe/Berlin.")
        routes.api(
            .get, "/companies", .administer, on: .site,
            Operation("listCompanies", "All companies", answer: .page(of: Company.answer)), list)
        routes.api(
            .post, "/companies", .administer, on: .site,
            Operation(
                "addCompany", "Make a company and its directory of definitions",
                body: .json(.object([.required("slug", .slug), .required("name", .text(1, .name)), timezone])),
                status: 201, answer: .object(Company.answer), failures: [409]), add)
        routes.api(
            .get, "/companies/{company}", .listDefinitionNames, on: .company,
            Operation("readCompany", "One company", answer: .object(Company.answer)), read)
        routes.api(
            .patch, "/companies/{company}", .giveCompanyRoles, on: .company,
            Operation(
                "changeCompany", "Change the time zone, and as an admin the name",
                body: .json(.object([.optional("name", .text(1, .name)), timezone, Shape.version])),
                answer: .object(Company.answer), failures: [409]), change)
        addMembers(to: &routes)
        let roles = "/companies/{company}/roles"
        routes.api(
            .get, roles, .giveCompanyRoles, on: .company,
            Operation("listRoles", "The company's roles and who has them", answer: .page(of: RoleAnswer.answer)),
            self.roles)
        routes.api(
            .post, roles, .giveCompanyRoles, on: .company,
            Operation(
                "declareRole", "Declare a role; one that is there already stays",
                body: .json(.object([.required("name", .slug)])), status: 201, answer: .object(RoleAnswer.answer)),
            declare)
        routes.api(
            .patch, "\(roles)/{role}", .giveCompanyRoles, on: .company,
            Operation(
                "setRoleMembers", "Give a role to exactly these members",
                body: .json(.object([.required("members", .list(.login, most: 10_000))])),
                answer: .object(RoleAnswer.answer)), give)
    }

    private func addMembers(to routes: inout RouteTable) {
        let members = "/companies/{company}/members"
        let companyRoles = Shape.Member.optional("company_roles", .names, "Exactly these.")
        let only = Shape.Member.optional(
            "only", .list(.systemRole, most: SystemRole.allCases.count),
            "The system roles that count in this company; empty: all that the person has.")
        routes.api(
            .get, members, .administer, on: .company,
            Operation(
                "listMembers", "Who belongs to the company", query: Operation.paging,
                answer: .page(of: MemberAnswer.answer)),
            self.members)
        routes.api(
            .post, members, .administer, on: .company,
            Operation(
                "addMember", "Make somebody a member",
                body: .json(.object([.required("login", .login), companyRoles, only])), status: 201,
                answer: .object(MemberAnswer.answer), failures: [409]), addMember)
        routes.api(
            .patch, "\(members)/{login}", .administer, on: .company,
            Operation(
                "changeMember", "Change what somebody is in the company; their open tasks follow",
                body: .json(.object([companyRoles, only])), answer: .object(MemberAnswer.answer)), changeMember)
        routes.api(
            .delete, "\(members)/{login}", .administer, on: .company,
            Operation(
                "removeMember", "End a membership; open tasks are assigned again", status: 204, answer: .none),
            removeMember)
    }

    // MARK: Companies

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        _ = try desk.query(request, context)
        return desk.page(try await store.read { try $0.companies() })
    }

    @Sendable private func add(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        let body = try await desk.body(request, context)
        let slug = body["slug"].stringValue ?? ""
        let company = try await store.write {
            try $0.addCompany(
                slug: slug, name: body["name"].stringValue ?? "", timezone: try timezone(body) ?? "UTC",
                now: desk.site.now)
        }
        try FileManager.default.createDirectory(
            atPath: "\(desk.site.settings.definitions)/\(slug)", withIntermediateDirectories: true)
        return desk.created(company, at: "/api/v1/companies/\(slug)")
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        _ = try desk.query(request, context)
        return .json(found.company.json)
    }

    @Sendable private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let body = try await desk.body(request, context)
        let name = body["name"].stringValue
        guard name == nil || found.actor.isAdmin else {
            throw Failure.forbidden("Only admins change a company's name.")
        }
        return try await found.changes.answer { session in
            try session.site.changeCompany(
                found.company.slug, name: name, timezone: try timezone(body), version: body["version"].intValue,
                now: desk.site.now)
            guard let company = try session.site.company(found.company.slug) else { throw Failure.notFound }
            return .json(company.json)
        }
    }

    private func timezone(_ body: JSON) throws -> String? {
        guard let name = body["timezone"].stringValue else { return nil }
        guard TimeZone(identifier: name) != nil else {
            throw Failure.invalid([
                FieldError(
                    field: "timezone",
                    message: "There is no time zone \"\(name)\"; write an IANA name such as Europe/Berlin")
            ])
        }
        return name
    }

    // MARK: Members

    @Sendable private func members(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let query = try desk.query(request, context)
        let (rows, hasMore) = try await found.store.read {
            try $0.members(
                after: query.text("after") ?? "", limit: query.limit)
        }
        return desk.page(
            rows.map { MemberAnswer(identity: $0, company: found.company) },
            next: hasMore ? rows.last?.account.login : nil)
    }

    @Sendable private func addMember(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let body = try await desk.body(request, context)
        let login = body["login"].stringValue ?? ""
        guard let identity = try await found.store.site.read({ try $0.identity(login) }) else {
            throw Failure.invalid([FieldError(field: "login", message: "There is no user \"\(login)\"")])
        }
        guard identity.memberships[found.company.slug] == nil else {
            throw Failure.conflict("\(login) is a member already; change the membership")
        }
        return try await found.changes.answer { session in
            .created(
                try set(identity, body, found, session),
                at: "/api/v1/companies/\(found.company.slug)/members/\(login)")
        }
    }

    @Sendable private func changeMember(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let identity = try await member(context, found)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in .json(try set(identity, body, found, session).json) }
    }

    @Sendable private func removeMember(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let identity = try await member(context, found)
        return try await found.changes.answer { session in
            try session.removeMembership(of: identity.account, now: desk.site.now)
            return .noContent
        }
    }

    private func member(_ context: WebContext, _ found: Access.InCompany) async throws -> Identity {
        guard let login = context.part("login"),
            let identity = try await found.store.site.read({ try $0.identity(login) }),
            identity.memberships[found.company.slug] != nil
        else { throw Failure.notFound }
        return identity
    }

    /// What the body does not name stays as it is stored.
    private func set(
        _ identity: Identity, _ body: JSON, _ found: Access.InCompany, _ session: CompanyWriteSession
    ) throws -> MemberAnswer {
        let roles = body["company_roles"].arrayValue.map { Set($0.compactMap(\.stringValue)) }
        let only = body["only"].arrayValue.map { Set($0.compactMap { $0.stringValue.flatMap(SystemRole.init) }) }
        try session.setMembership(
            of: identity.account, companyRoles: roles, only: only, now: desk.site.now)
        guard let changed = try session.site.identity(identity.account.login) else { throw Failure.notFound }
        return MemberAnswer(identity: changed, company: found.company)
    }

    // MARK: Company roles

    @Sendable private func roles(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        _ = try desk.query(request, context)
        let roles = try await found.store.read { try $0.roleMembers() }
        return desk.page(roles.map { RoleAnswer(name: $0.role, members: $0.members) })
    }

    @Sendable private func declare(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let role = try await desk.body(request, context)["name"].stringValue ?? ""
        guard role != "any" else {
            throw Failure.invalid([FieldError(field: "name", message: "\"any\" is reserved; choose another name")])
        }
        return try await found.changes.answer { session in
            try session.addCompanyRole(role, now: desk.site.now)
            return .created(
                try object(role, found, session), at: "/api/v1/companies/\(found.company.slug)/roles/\(role)")
        }
    }

    @Sendable private func give(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        guard let role = context.part("role"),
            try await found.store.read({ try $0.companyRoles() }).contains(role)
        else {
            throw Failure.notFound
        }
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.setMembers(
                of: role,
                logins: Set((body["members"].arrayValue ?? []).compactMap(\.stringValue)), now: desk.site.now)
            return .json(try object(role, found, session).json)
        }
    }

    private func object(_ role: String, _ found: Access.InCompany, _ session: CompanyReadSession) throws -> RoleAnswer {
        let members = try session.roleMembers().first { $0.role == role }?.members
        return RoleAnswer(name: role, members: members ?? [])
    }
}
