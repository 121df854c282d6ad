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
            roles, .giveCompanyRoles, on: .company, query: ListPage.self,
            Operation("listRoles", "The company's roles and who has them", answer: .page(of: RoleAnswer.answer))
        ) { _, query, session in .page(try answers(session), query.paging) { $0.role.name } }
        routes.read(
            "\(roles)/{role}", .giveCompanyRoles, on: .role,
            Operation("readRole", "One role and who has it", answer: .object(RoleAnswer.answer))
        ) { request, session in .json(try answer(request.role, session)) }
        routes.change(
            page, .giveCompanyRoles, on: .company, body: NewRole.self,
            api: .post(
                roles,
                Operation(
                    "declareRole", "Declare a role", status: 201, answer: .object(RoleAnswer.answer), failures: [409]))
        ) { request, body, session in
            let role = try body.allowedName()
            let path = "/\(request.company.slug)/roles/\(role)"
            guard try session.addCompanyRole(role, title: body.title, now: request.now) > 0 else {
                // A person chooses another name in the form.
                guard request.isPage else { throw Failure.conflict("there is a role \"\(role)\" already") }
                throw Failure.invalid([
                    FieldError(field: "name", message: "Choose another short name: \(role) is there already")
                ])
            }
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
