import TFDefinition
import TFStore

/// The roles that a company declares, and who has them.
enum RoleRoutes {
    private static let roles = "/companies/{company}/roles"
    private static let page = "/c/{company}/roles"

    static func add(to routes: inout RouteTable) {
        routes.page(page, .giveCompanyRoles, on: .company, navigation: .at(.roles, "Roles"), RolesPage.make)
        routes.page("\(page)/{role}", .giveCompanyRoles, on: .role, RolePage.make)
        routes.read(
            roles, .giveCompanyRoles, on: .company,
            Operation("listRoles", "The company's roles and who has them", answer: .page(of: RoleAnswer.answer))
        ) { _, session in .page(try answers(session)) }
        routes.change(
            page, .giveCompanyRoles, on: .company, body: NewRole.self,
            api: .post(
                roles,
                Operation(
                    "declareRole", "Declare a role; one that is there already stays", status: 201,
                    answer: .object(RoleAnswer.answer)))
        ) { request, body, session in
            let role = try body.allowedName()
            let path = "/\(request.company.slug)/roles/\(role)"
            try session.addCompanyRole(role, title: body.title, now: request.now)
            return .seen("/c\(path)", saying: "The role is declared. Say here who has it.").answering {
                .created(try answer(role, session), at: "/api/v1/companies\(path)")
            }
        }
        routes.change(
            "\(page)/{role}", .giveCompanyRoles, on: .role, body: RoleChange.self,
            api: .patch(
                "\(roles)/{role}",
                Operation(
                    "changeRole", "Give a role to exactly these members, or change its title",
                    answer: .object(RoleAnswer.answer)))
        ) { request, body, session in
            try session.changeRole(request.role, body.change, version: body.version, now: request.now)
            return .seen("/c/\(request.company.slug)/roles", saying: "The role is saved.").answering {
                .json(try answer(request.role, session))
            }
        }
    }

    private static func answers(_ session: CompanyReadSession) throws -> [RoleAnswer] {
        let members = try session.roleMembers().reduce(into: [:]) { $0[$1.role] = $1.members }
        return try session.declaredRoles().map { RoleAnswer(role: $0, members: members[$0.name] ?? []) }
    }

    private static func answer(_ role: String, _ session: CompanyReadSession) throws -> RoleAnswer {
        guard let answer = try answers(session).first(where: { $0.role.name == role }) else { throw Failure.notFound }
        return answer
    }
}
