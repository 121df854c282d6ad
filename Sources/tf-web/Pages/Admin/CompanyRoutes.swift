import Hummingbird
import TFStore
import TFSystem

/// Lists, creates and changes companies.
struct CompanyRoutes: Sendable {
    private static let one = "/companies/{company}"
    private static let page = "/admin/companies/{company}"

    let site: Site

    func add(to routes: inout RouteTable) {
        addPages(to: &routes)
        routes.read(
            "/companies", .administer, on: .site, query: ListPage.self,
            Operation("listCompanies", "All companies", answer: .page(of: Company.answer))
        ) { _, query, session in .page(try session.companies(), query.paging, by: \.slug) }
        routes.own(
            .post, "/companies", .administer, on: .site, body: NewCompany.self,
            Operation(
                "addCompany", "Make a company and its directory of definitions", status: 201,
                answer: .object(Company.answer), failures: [409])
        ) { request, new, own in
            let company = try await add(new, own, now: request.now)
            return Reply.created(company, at: "/api/v1/companies/\(company.slug)").response
        }
        routes.read(
            Self.one, .listDefinitionNames, on: .company,
            Operation("readCompany", "One company", answer: .object(Company.answer))
        ) { request, _ in .json(request.company) }
        routes.change(Self.page, .administer, on: .company, body: CompanySettings.self, Self.change)
        // Ticket admins set the time zone where they give roles.
        routes.change(
            "/c/{company}/time-zone", .giveCompanyRoles, on: .company, body: CompanySettings.self,
            formOn: "/c/{company}/roles",
            api: .patch(
                Self.one,
                Operation(
                    "changeCompany", "Change the time zone, and as an admin the name",
                    answer: .object(Company.answer), failures: [409])), Self.change)
        routes.change(
            "\(Self.page)/assignment", .administer, on: .company, body: AssignmentChange.self,
            api: .put(
                "\(Self.one)/assignment",
                Operation(
                    "setAssignment", "Pause the assignment of tasks, or go on with it", status: 204, answer: .none)),
            Self.setAssignment)
    }

    private func addPages(to routes: inout RouteTable) {
        routes.page(
            "/admin/companies", .administer, on: .site, CompaniesPage.make)
        routes.page(Self.page, .administer, on: .company, CompanyPage.make)
        routes.own(.post, "/admin/companies", .administer, on: .site, body: NewCompany.self) { request, new, own in
            let company: Company
            do { company = try await add(new, own, now: request.now) } catch StoreError.conflict {
                throw Failure.invalid([NewCompany.taken(new.slug)])
            }
            return .response(
                site.seeOther(
                    "/admin/companies/\(company.slug)", saying: "\(company.name) is there. Add people to it next."))
        }
    }

    private func add(_ new: NewCompany, _ own: OwnRequest, now: Int64) async throws -> Company {
        let company = try await own.write {
            try $0.addCompany(slug: new.slug, name: new.name, timezone: new.timezone ?? "UTC", now: now)
        }
        // Where daemons have trees of their own, the one that leads the company makes it.
        guard site.settings.storeURL == nil else { return company }
        do {
            try PrivateFile.makeDirectory(
                "\(site.settings.definitions)/\(new.slug)", mode: PrivateFile.sharedDirectoryMode)
        } catch {
            // The company is there, and must not be told as refused. Whoever publishes its first definition makes it too.
            site.logger.error("the directory of a new company cannot be made", metadata: ["error": "\(error)"])
        }
        return company
    }

    @Sendable private static func change(
        _ request: ProvedRequest<InCompany>, _ settings: CompanySettings, _ session: CompanyWriteSession
    ) throws -> Done {
        guard settings.name == nil || request.actor.isAdmin else {
            throw Failure.forbidden("Only admins change a company's name.")
        }
        let slug = request.company.slug
        try session.site.changeCompany(
            slug, name: settings.name, timezone: settings.timezone, version: settings.version,
            now: request.now)
        let isOnSite = request.path.hasPrefix("/admin/")
        return .seen(isOnSite ? "/admin/companies/\(slug)" : "/c/\(slug)/roles", saying: "Saved.").answering {
            guard let company = try session.site.company(slug) else { throw Failure.notFound }
            return .json(company)
        }
    }

    @Sendable private static func setAssignment(
        _ request: ProvedRequest<InCompany>, _ change: AssignmentChange, _ session: CompanyWriteSession
    ) throws -> Done {
        _ = try session.setPaused(change.isPaused, now: request.now)
        return .seen(
            "/admin/companies/\(request.company.slug)",
            saying: change.isPaused ? "Assignment is paused." : "Tasks are assigned again."
        ).answering { .noContent }
    }
}
